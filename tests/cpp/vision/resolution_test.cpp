#include "clearformer/vision/resolution.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

Array<double> pairs_of(const Json& list) {
    Array<double> pairs({list.size(), 2});
    for (Size i = 0; i < list.size(); ++i) {
        for (Size side = 0; side < 2; ++side) pairs.row(i)[side] = list[i][side];
    }
    return pairs;
}

Array<double> one(double height, double width) { return Array<double>({1, 2}, std::vector<double>{height, width}); }

}  // namespace

TEST_CASE("smart resizing conforms") {
    for_each_case("vision", "smart_resize", [](const Json& c) {
        const Json& p = c["params"];
        const SmartResizeResult r =
            smart_resize({pairs_of(c["inputs"]["sizes_hw"]), p["factor"], p["min_pixels"], p["max_pixels"]});
        CHECK(r.resized.data == pairs_of(c["expected"]["resized_hw"]).data);
    });
}

TEST_CASE("the choice of a resolution conforms") {
    for_each_case("vision", "anyres", [](const Json& c) {
        const AnyresResult r = anyres({pairs_of(c["inputs"]["sizes_hw"]), pairs_of(c["params"]["pinpoints_hw"])});
        CHECK(r.best.data == pairs_of(c["expected"]["best_hw"]).data);
    });
}

TEST_CASE("resized sides are multiples of the factor and their area lies within the bounds") {
    Random random(1);
    for (int i = 0; i < 300; ++i) {
        const double height = 1 + std::floor(random.uniform() * 3000), width = 1 + std::floor(random.uniform() * 3000);
        if (std::max(height, width) > 200 * std::min(height, width)) continue;
        const std::vector<double> to = smart_resize({one(height, width)}).resized.data;
        CHECK(std::fmod(to[0], 28) == 0);
        CHECK(std::fmod(to[1], 28) == 0);
        CHECK(to[0] * to[1] >= 3136);
        if (std::min(to[0], to[1]) > 28) CHECK(to[0] * to[1] <= 1003520);
    }
}

TEST_CASE("halves are rounded to the even multiple") {
    CHECK(smart_resize({one(70, 98), 28, 0}).resized.data == std::vector<double>{56, 112});
}

TEST_CASE("a pinpoint of the image's own size wastes nothing") {
    const AnyresResult r = anyres({one(500, 700), pairs_of(Json::parse("[[1000, 1400], [500, 700], [700, 500]]"))});
    CHECK(r.best.data == std::vector<double>{500, 700});
    CHECK(r.effective.data[0] == 350000);
    CHECK(r.wasted.data[0] == 0);
}

TEST_CASE("sizes that cannot be are refused") {
    CHECK_THROWS_WITH_AS(smart_resize({one(10, 2001)}),
                         "smart_resize: one side may be at most 200 times the other, got 10 by 2001", DomainError);
    CHECK_THROWS_WITH_AS(smart_resize({one(10, 20), 100, 0}),
                         "smart_resize: a side must not be rounded to 0, got 10 by 20 at factor 100", DomainError);
    CHECK_THROWS_AS(smart_resize({one(0, 20)}), DomainError);
    CHECK_THROWS_AS(smart_resize({one(10.5, 20)}), DomainError);
    CHECK_THROWS_AS(smart_resize({one(10, 20), 0}), DomainError);
    CHECK_THROWS_AS(smart_resize({one(10, 20), 28, 9, 8}), DomainError);
    CHECK_THROWS_AS(anyres({one(10, 20), Array<double>({0, 2})}), DomainError);
    CHECK_THROWS_AS(anyres({one(10, 20), one(0, 5)}), DomainError);
}
