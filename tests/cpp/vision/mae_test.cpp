#include "clearformer/vision/mae.hpp"

#include "clearformer/vision/patches.hpp"
#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

std::vector<double> in_double(const std::vector<int>& list) { return std::vector<double>(list.begin(), list.end()); }

}  // namespace

TEST_CASE("masking conforms") {
    for_each_case("vision", "mae_masking", [](const Json& c) {
        const MaeMaskingResult r =
            mae_masking({tensor_of(c["inputs"]["tokens"]), tensor_of(c["inputs"]["noise"]), c["params"]["mask_ratio"]});
        check_tensor(r.kept, "kept", c);
        check_tensor(r.mask, "mask", c);
        check_tensor(Array<double>({r.ids_keep.size()}, in_double(r.ids_keep)), "ids_keep", c);
        check_tensor(Array<double>({r.ids_restore.size()}, in_double(r.ids_restore)), "ids_restore", c);
    });
}

TEST_CASE("the reconstruction loss conforms") {
    for_each_case("vision", "mae_loss", [](const Json& c) {
        const MaeLossResult r =
            mae_loss({tensor_of(c["inputs"]["image"]), tensor_of(c["inputs"]["pred"]), tensor_of(c["inputs"]["mask"]),
                      c["params"]["patch"], c["params"]["norm_pix_loss"]});
        check_tensor(r.target, "target_patches", c);
        check_numbers({r.loss}, {c["expected"]["loss"]}, c);
    });
}

TEST_CASE("kept tokens with mask tokens after them, put back by ids_restore, stand where they stood") {
    const Array<double> tokens = normal({11, 2}, 1), noise = normal({11}, 2);
    const MaeMaskingResult r = mae_masking({tokens, noise, 0.6});
    CHECK(r.kept.shape == Shape{4, 2});
    double removed = 0;
    for (Size t = 0; t < 11; ++t) {
        const auto place = static_cast<Size>(r.ids_restore[t]);
        removed += r.mask.data[t];
        CHECK((place >= 4) == (r.mask.data[t] == 1));
        if (place < 4) CHECK(r.kept.row(place)[1] == tokens.row(t)[1]);
    }
    CHECK(removed == 7);
}

TEST_CASE("ratios keep what Python keeps") {
    const auto kept = [](Size T, double ratio) {
        return mae_masking({normal({T, 1}, 1), normal({T}, 2), ratio}).kept.shape[0];
    };
    CHECK(kept(10, 0.9) == 0);  // 10 * (1 - 0.9) = 0.9999999999999998
    CHECK(kept(196, 0.75) == 49);
    CHECK(kept(5, 0) == 5);
    CHECK(kept(0, 0.5) == 0);
}

TEST_CASE("equal noise keeps the first tokens") {
    CHECK(mae_masking({normal({6, 1}, 1), Array<double>({6}), 0.5}).ids_keep == std::vector<int>{0, 1, 2});
}

TEST_CASE("the targets are the patches of the embedding, channels last") {
    const Array<double> image = normal({3, 4, 6}, 1);
    const Array<double> first = patch_embed({image, normal({1, 3, 2, 2}, 1), {}}).patches;
    const Array<double> last = mae_loss({image, Array<double>({6, 12}), Array<double>({6}, 1.0), 2}).target;
    for (Size t = 0; t < 6; ++t) {
        for (Size k = 0; k < 12; ++k) CHECK(first.row(t)[k] == last.row(t)[k % 4 * 3 + k / 4]);
    }
}

TEST_CASE("only masked patches count, and normalised targets have unbiased variance 1") {
    const Array<double> image = normal({3, 4, 4}, 1, 5);
    MaeLossOptions o{image, Array<double>({4, 12}), Array<double>({4}, std::vector<double>{0, 1, 0, 0}), 2, true};
    const MaeLossResult r = mae_loss(o);
    double squares = 0, sum = 0;
    for (Size k = 0; k < 12; ++k) {
        sum += r.target.row(1)[k];
        squares += r.target.row(1)[k] * r.target.row(1)[k];
    }
    CHECK(std::fabs(sum) < 1e-12);
    CHECK(squares == doctest::Approx(11).epsilon(1e-6));
    CHECK(r.loss == doctest::Approx(11.0 / 12).epsilon(1e-6));
    CHECK(r.loss == r.loss_per_patch.data[1]);
    o.pred = r.target;
    CHECK(mae_loss(o).loss == 0);
}

TEST_CASE("the loss opens down to the pixels") {
    for (bool normalised : {false, true}) {
        const Array<double> mask({4}, std::vector<double>{0, 1, 1, 0});
        const MaeLossResult r = mae_loss({normal({3, 4, 4}, 1), normal({4, 12}, 2), mask, 2, normalised, true});
        CHECK(check_whole_trace(*r.trace) == 3);
        CHECK(r.trace->value("loss", {}) == r.loss);
    }
}

TEST_CASE("masks and losses that cannot be are refused") {
    CHECK_THROWS_WITH_AS(mae_masking({normal({4, 1}, 1), normal({4}, 1), 1}),
                         "mae_masking: mask_ratio must be at least 0 and below 1, got 1", DomainError);
    CHECK_THROWS_AS(mae_masking({normal({4, 1}, 1), normal({3}, 1), 0.5}), DomainError);
    const Array<double> image = normal({1, 2, 2}, 1), pred = normal({1, 4}, 1), none({1}), all({1}, 1.0);
    CHECK_THROWS_WITH_AS(mae_loss({image, pred, none, 2}), "mae_loss: mask must mark at least one patch with 1",
                         DomainError);
    CHECK_THROWS_AS(mae_loss({image, pred, Array<double>({1}, 0.5), 2}), DomainError);
    CHECK_THROWS_AS(mae_loss({image, pred, all, 3}), DomainError);
    CHECK_THROWS_AS(mae_loss({image, pred, all, 0}), DomainError);
    CHECK_THROWS_AS(mae_loss({image, normal({1, 3}, 1), all, 2}), DomainError);
    CHECK_THROWS_AS(mae_loss({image, normal({4, 1}, 1), Array<double>({4}, 1.0), 1, true}), DomainError);
    CHECK_THROWS_AS(mae_loss({image, Array<double>({1, 4}, 1e200), all, 2}), DomainError);
}
