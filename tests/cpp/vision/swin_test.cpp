#include "clearformer/vision/swin.hpp"

#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("shifted window attention conforms") {
    for_each_case("vision", "swin_attention", [](const Json& c) {
        const Json& p = c["params"];
        SwinAttentionOptions o{
            tensor_of(c["inputs"]["x_hwc"]),     p["window"], p["shift"], p["heads"], p["scale"].get<double>(),
            tensor_of(c["inputs"]["bias_table"])};
        SwinAttentionResult r = swin_attention(o);
        if (o.heads == 1) r.weights.shape = {r.weights.shape[0], r.weights.shape[2], r.weights.shape[3]};
        check_tensor(r.weights, "weights_per_window", c);
        check_tensor(r.y, "y", c);
    });
}

TEST_CASE("patch merging conforms") {
    for_each_case("vision", "patch_merging",
                  [](const Json& c) { check_tensor(patch_merging({tensor_of(c["inputs"]["x_hwc"])}).y, "y", c); });
}

TEST_CASE("one window over the whole grid is attention over all tokens, of any order") {
    SwinAttentionOptions o{normal({4, 4, 6}, 1), 4, 0, 2};
    const SwinAttentionResult r = swin_attention(o);
    SwinAttentionOptions turned = o;
    std::swap_ranges(turned.x.row(0), turned.x.row(1), turned.x.row(7));
    const SwinAttentionResult s = swin_attention(turned);
    for (Size c = 0; c < 6; ++c) CHECK(s.y.row(7)[c] == doctest::Approx(r.y.row(0)[c]));
    for (Size i = 0; i < r.weights.rows(); ++i) {
        double sum = 0;
        for (Size j = 0; j < 16; ++j) sum += r.weights.row(i)[j];
        CHECK(sum == doctest::Approx(1));
    }
}

TEST_CASE("a token outside the window changes nothing, one inside does") {
    SwinAttentionOptions o{normal({4, 4, 2}, 1), 2, 1, 1};
    const Array<double> before = swin_attention(o).y;
    o.x.row(0)[0] += 1;  // shifted windows: token 0 shares its window with 3, 12 and 15 only, and is masked from them
    const Array<double> after = swin_attention(o).y;
    for (Size t = 1; t < 16; ++t) {
        for (Size c = 0; c < 2; ++c) CHECK(after.row(t)[c] == doctest::Approx(before.row(t)[c]).epsilon(1e-14));
    }
    CHECK(after.row(0)[0] != before.row(0)[0]);
}

TEST_CASE("projections of identities change nothing") {
    SwinAttentionOptions o{normal({4, 4, 2}, 1), 2, 1, 1};
    const SwinAttentionResult plain = swin_attention(o);
    o.qkv_weight = Array<double>({6, 2}, std::vector<double>{1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1});
    o.proj_weight = Array<double>({2, 2}, std::vector<double>{1, 0, 0, 1});
    o.proj_bias = Array<double>({2}, std::vector<double>{0.5, -1});
    const SwinAttentionResult projected = swin_attention(o);
    CHECK(distance(plain.weights.data, projected.weights.data) < 1e-15);
    for (Size t = 0; t < 16; ++t) CHECK(projected.y.row(t)[1] == doctest::Approx(plain.y.row(t)[1] - 1));
}

TEST_CASE("every number of shifted window attention opens, with projections and without") {
    SwinAttentionOptions o{normal({4, 6, 4}, 1), 2, 1, 2};
    o.trace = true;
    SwinAttentionResult r = swin_attention(o);
    CHECK(check_whole_trace(*r.trace) == 1);
    CHECK(r.trace->tensor("y").data == r.y.data);
    o.bias_table = normal({9, 2}, 2);
    o.qkv_weight = normal({12, 4}, 3);
    o.qkv_bias = normal({12}, 4);
    o.proj_weight = normal({4, 4}, 5);
    o.proj_bias = normal({4}, 6);
    r = swin_attention(o);
    CHECK(check_whole_trace(*r.trace) == 6);
    CHECK(r.trace->tensor("weights").data == r.weights.data);
    CHECK(r.trace->tensor("y").data == r.y.data);
}

TEST_CASE("merging keeps every number, and pads odd grids with zeros") {
    const Array<double> x({2, 2, 1}, std::vector<double>{1, 2, 3, 4});
    CHECK(patch_merging({x}).y.data == std::vector<double>{1, 3, 2, 4});
    const PatchMergingResult odd = patch_merging({Array<double>({3, 1, 1}, std::vector<double>{1, 2, 3})});
    CHECK(odd.grid == std::vector<int>{2, 1});
    CHECK(odd.y.data == std::vector<double>{1, 2, 0, 0, 3, 0, 0, 0});
}

TEST_CASE("merging normalises and reduces where it has the weights") {
    PatchMergingOptions o{normal({4, 2, 3}, 1), Array<double>({12}, 1.0), Array<double>({12}), Array<double>({6, 12}, 1.0)};
    const PatchMergingResult r = patch_merging(o);
    CHECK(r.y.shape == Shape{2, 6});
    for (double value : r.y.data) CHECK(std::fabs(value) < 1e-12);  // normalised rows sum to 0
}

TEST_CASE("Swin layers that cannot be are refused") {
    const Array<double> x = normal({4, 4, 6}, 1);
    CHECK_THROWS_WITH_AS(swin_attention({x, 2, 0, 4}),
                         "swin_attention: heads must divide the width, got 4 heads and a width of 6", DomainError);
    CHECK_THROWS_AS(swin_attention({x, 3, 0, 1}), DomainError);
    CHECK_THROWS_AS(swin_attention({x, 2, 2, 1}), DomainError);
    CHECK_THROWS_WITH_AS(swin_attention({x, 2, 0, 1, {}, normal({8, 1}, 1)}),
                         "swin_attention: bias_table must have shape [9, 1], got [8, 1]", DomainError);
    CHECK_THROWS_AS(swin_attention({x, 2, 0, 1, {}, {}, normal({6, 6}, 1)}), DomainError);
    CHECK_THROWS_AS(swin_attention({Array<double>({0, 4, 6}), 2, 0, 1}), DomainError);
    CHECK_THROWS_WITH_AS(patch_merging({x, normal({6}, 1)}),
                         "patch_merging: gamma, beta and the columns of weight must have 24 entries, got 6", DomainError);
    CHECK_THROWS_AS(patch_merging({Array<double>({0, 4, 6})}), DomainError);
}
