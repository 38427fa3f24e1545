#include "clearformer/vision/interpolate.hpp"

#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

const std::vector<std::string> kModes = {"bilinear", "bicubic", "nearest", "nearest_exact"};

Array<double> sines(Shape shape) {
    Array<double> x(std::move(shape));
    for (Size i = 0; i < x.size(); ++i) x.data[i] = std::sin(0.37 * static_cast<double>(i));
    return x;
}

}  // namespace

TEST_CASE("interpolation conforms") {
    for_each_case("vision", "interpolate", [](const Json& c) {
        const Json& p = c["params"];
        InterpolateOptions o{tensor_of(c["inputs"]["x"]), p["out"], p["mode"], p["align_corners"], p["antialias"]};
        check_tensor(interpolate(o).y, "y", c);
    });
}

TEST_CASE("interpolation of positions conforms") {
    for_each_case("vision", "pos_embed_interpolate", [](const Json& c) {
        const Json& p = c["params"];
        PosEmbedInterpolateOptions o{tensor_of(c["inputs"]["pos_embed"]), p["from"], p["to"], p["mode"], p["cls_token"]};
        check_tensor(pos_embed_interpolate(o).pos_embed, "pos_embed", c);
    });
}

TEST_CASE("the same size changes nothing") {
    const Array<double> x = normal({2, 3, 5, 4}, 1);
    for (const std::string& mode : kModes) {
        CAPTURE(mode);
        CHECK(distance(interpolate({x, {5, 4}, mode}).y.data, x.data) < 1e-15);
        if (mode[0] == 'n') continue;
        CHECK(distance(interpolate({x, {5, 4}, mode, true}).y.data, x.data) < 1e-15);
        CHECK(distance(interpolate({x, {5, 4}, mode, false, true}).y.data, x.data) < 1e-15);
    }
}

TEST_CASE("a constant image stays constant at every size") {
    const Array<double> x({6, 7}, 2.5);
    for (const std::string& mode : kModes) {
        for (bool antialias : {false, true}) {
            if (antialias && mode[0] == 'n') continue;
            for (const std::vector<int>& out : {std::vector<int>{1, 1}, {3, 20}, {13, 2}}) {
                for (double value : interpolate({x, out, mode, false, antialias}).y.data)
                    CHECK(value == doctest::Approx(2.5));
            }
        }
    }
}

TEST_CASE("aligned corners stay, and a ramp is resampled exactly") {
    const Array<double> ramp({1, 5}, std::vector<double>{0, 1, 2, 3, 4});
    const std::vector<double> y = interpolate({ramp, {1, 9}, "bilinear", true}).y.data;
    for (Size i = 0; i < 9; ++i) CHECK(y[i] == doctest::Approx(0.5 * static_cast<double>(i)));
}

TEST_CASE("sizes and kernels agree with PyTorch") {
    const Array<double> x = sines({5, 7});
    // torch.nn.functional.interpolate on the same image
    CHECK(distance(interpolate({x, {2, 3}, "bicubic", true, true}).y.data,
                   std::vector<double>{0.0309270570015399, 0.0430577508538272, 0.0291651978416395, -0.389003738903882,
                                       -0.351742916913767, -0.131410091861742}) < 1e-12);
    CHECK(distance(interpolate({x, {2, 3}, "bilinear", false, true}).y.data,
                   std::vector<double>{0.0747365249878197, 0.0875035407813196, 0.0512986282239121, -0.0523241745304426,
                                       -0.0877135441630986, -0.0740134556800618}) < 1e-12);
    CHECK(distance(interpolate({x, {2, 3}, "nearest-exact"}).y.data,
                   std::vector<double>{0.180596267894233, -0.529836140908493, -0.963130930573316, 0.959374833892864,
                                       0.518228205920977, -0.193984361253897}) < 1e-12);
}

TEST_CASE("every number of an interpolated image opens into the pixels it was read from") {
    for (const std::string& mode : kModes) {
        const InterpolateResult r = interpolate({normal({2, 4, 5}, 1), {6, 3}, mode, false, false, true});
        CHECK(check_whole_trace(*r.trace) == 3);
        CHECK(r.trace->tensor("y").data == r.y.data);
    }
    check_whole_trace(*interpolate({normal({4, 5}, 1), {2, 3}, "bicubic", true, true, true}).trace);
}

TEST_CASE("positions on the same grid stay, and the class token always does") {
    const Array<double> table = normal({7, 3}, 1);
    CHECK(distance(pos_embed_interpolate({table, {2, 3}, {2, 3}}).pos_embed.data, table.data) < 1e-15);
    const Array<double> larger = pos_embed_interpolate({table, {2, 3}, {5, 4}}).pos_embed;
    CHECK(larger.shape == Shape{21, 3});
    CHECK(std::vector<double>(larger.row(0), larger.row(1)) == std::vector<double>(table.row(0), table.row(1)));
    CHECK(pos_embed_interpolate({normal({6, 3}, 1), {2, 3}, {1, 1}, "nearest", false}).pos_embed.shape == Shape{1, 3});
}

TEST_CASE("interpolations that cannot be are refused") {
    const Array<double> x = normal({4, 4}, 1);
    CHECK_THROWS_WITH_AS(interpolate({x, {2, 2}, "area"}),
                         "interpolate: mode must be bilinear, bicubic, nearest or nearest_exact, got \"area\"", DomainError);
    CHECK_THROWS_WITH_AS(interpolate({x, {2, 0}}), "interpolate: out must be from 1 to 65536, got 0", DomainError);
    CHECK_THROWS_AS(interpolate({x, {2}}), DomainError);
    CHECK_THROWS_AS(interpolate({x, {65536, 65536}}), DomainError);
    CHECK_THROWS_AS(interpolate({x, {2, 2}, "nearest", true}), DomainError);
    CHECK_THROWS_AS(interpolate({Array<double>({0, 4}), {2, 2}}), DomainError);
    CHECK_THROWS_WITH_AS(pos_embed_interpolate({x, {2, 2}, {3, 3}}),
                         "pos_embed_interpolate: a grid [2, 2] and a class token need 5 rows, got 4", DomainError);
}

TEST_CASE("the nearest position is right for the largest extents too, whose products need more than 32 bits") {
    InterpolateOptions o{Array<double>({1, 65536}), {1, 65535}, "nearest_exact"};
    for (Size i = 0; i < o.x.size(); ++i) o.x.data[i] = static_cast<double>(i);
    const Array<double> y = interpolate(o).y;
    CHECK(y.data.front() == 0);
    CHECK(y.data.back() == 65535);
    for (Size i = 1; i < y.size(); ++i) REQUIRE(y.data[i] >= y.data[i - 1]);
}
