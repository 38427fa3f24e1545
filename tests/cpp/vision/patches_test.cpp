#include "clearformer/vision/patches.hpp"

#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("the patch embedding conforms") {
    for_each_case("vision", "patch_embed", [](const Json& c) {
        PatchEmbedOptions o{tensor_of(c["inputs"]["image"]), tensor_of(c["inputs"]["weight"]),
                            tensor_of(c["inputs"]["bias"])};
        const PatchEmbedResult r = patch_embed(o);
        check_tensor(r.tokens, "tokens", c);
        check_tensor(r.patches, "patches_c_ph_pw", c);
    });
}

TEST_CASE("the tubelet embedding conforms") {
    for_each_case("vision", "tubelet_embed", [](const Json& c) {
        TubeletEmbedOptions o{tensor_of(c["inputs"]["video_cthw"]), tensor_of(c["inputs"]["weight"]), {}};
        const TubeletEmbedResult r = tubelet_embed(o);
        check_tensor(r.tokens, "tokens", c);
        CHECK(r.grid == c["expected"]["grid_thw"].get<std::vector<int>>());
    });
}

TEST_CASE("a tubelet of one frame is a patch") {
    const Array<double> image = normal({3, 6, 4}, 1), weight = normal({5, 3, 2, 2}, 2), bias = normal({5}, 3);
    const PatchEmbedResult still = patch_embed({image, weight, bias});
    const TubeletEmbedResult moving =
        tubelet_embed({Array<double>({3, 1, 6, 4}, image.data), Array<double>({5, 3, 1, 2, 2}, weight.data), bias});
    CHECK(still.tokens.data == moving.tokens.data);
    CHECK(still.grid == std::vector<int>{3, 2});
    CHECK(moving.grid == std::vector<int>{1, 3, 2});
}

TEST_CASE("the patches hold every pixel once, channel by channel") {
    Array<double> image({2, 4, 6});
    for (Size i = 0; i < image.size(); ++i) image.data[i] = static_cast<double>(i);
    PatchEmbedResult r = patch_embed({image, normal({1, 2, 2, 2}, 1), {}});
    CHECK(std::vector<double>(r.patches.row(1), r.patches.row(2)) == std::vector<double>{2, 3, 8, 9, 26, 27, 32, 33});
    std::sort(r.patches.data.begin(), r.patches.data.end());
    CHECK(r.patches.data == image.data);
}

TEST_CASE("every number of a patch embedding opens") {
    for (bool with_bias : {false, true}) {
        PatchEmbedOptions o{normal({2, 4, 6}, 1), normal({3, 2, 2, 2}, 2), {}, true};
        if (with_bias) o.bias = normal({3}, 3);
        const PatchEmbedResult r = patch_embed(o);
        CHECK(r.trace->tensor("tokens").data == r.tokens.data);
        check_every_entry(*r.trace, "patches");
        check_every_entry(*r.trace, "tokens");
        CHECK(r.trace->explain("image", {0, 0, 0}).is_input);
    }
}

TEST_CASE("patches that do not divide the image are refused") {
    CHECK_THROWS_WITH_AS(patch_embed({normal({1, 4, 5}, 1), normal({2, 1, 2, 2}, 1), {}}),
                         "patch_embed: the patch must divide the image, got patches of 2 and an image of 4 by 5",
                         DomainError);
    CHECK_THROWS_AS(patch_embed({normal({0, 4, 4}, 1), normal({2, 0, 2, 2}, 1), {}}), DomainError);
    CHECK_THROWS_AS(patch_embed({normal({1, 4, 4}, 1), normal({2, 1, 0, 0}, 1), {}}), DomainError);
    CHECK_THROWS_AS(patch_embed({normal({1, 4, 4}, 1), normal({2, 1, 2, 4}, 1), {}}), DomainError);
    CHECK_THROWS_AS(tubelet_embed({normal({1, 3, 4, 4}, 1), normal({2, 1, 2, 2, 2}, 1), {}}), DomainError);
}
