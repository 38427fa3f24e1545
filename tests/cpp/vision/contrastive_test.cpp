#include "clearformer/vision/contrastive.hpp"

#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

ClipLossOptions pairs(Size N, Size C, double temperature) {
    ClipLossOptions o;
    o.image_embeds = normal({N, C}, 1);
    o.text_embeds = normal({N, C}, 2);
    o.temperature = temperature;
    return o;
}

Array<double> scaled(Array<double> x, double factor) {
    for (double& value : x.data) value *= factor;
    return x;
}

}  // namespace

TEST_CASE("the derivatives of the CLIP loss equal central differences") {
    ClipLossOptions o = pairs(3, 4, 0.2);
    const auto r = clip_loss(o);
    constexpr double kStep = 1e-6;
    for (bool image : {true, false}) {
        Array<double>& x = image ? o.image_embeds : o.text_embeds;
        for (Size i = 0; i < x.size(); ++i) {
            const double kept = x.data[i];
            x.data[i] = kept + kStep;
            const double above = clip_loss(o).loss;
            x.data[i] = kept - kStep;
            const double below = clip_loss(o).loss;
            x.data[i] = kept;
            const double slope = (above - below) / (2 * kStep);
            CHECK(std::fabs((image ? r.d_image : r.d_text).data[i] - slope) < 1e-8);
        }
    }
}

TEST_CASE("the CLIP loss does not depend on the lengths of the embeddings, and treats both sides alike") {
    ClipLossOptions o = pairs(4, 5, 0.1);
    const double loss = clip_loss(o).loss;
    o.image_embeds = scaled(o.image_embeds, 7);
    CHECK(clip_loss(o).loss == doctest::Approx(loss).epsilon(1e-14));
    std::swap(o.image_embeds, o.text_embeds);
    CHECK(clip_loss(o).loss == doctest::Approx(loss).epsilon(1e-14));
}

TEST_CASE("indistinguishable pairs have the CLIP loss log N, and one pair has none") {
    ClipLossOptions o = pairs(1, 3, 0.07);
    CHECK(clip_loss(o).loss == 0);
    o.image_embeds = o.text_embeds = Array<double>({4, 3}, 1.0);
    CHECK(clip_loss(o).loss == doctest::Approx(std::log(4.0)));
}

TEST_CASE("a temperature and its reciprocal as logit scale give the same CLIP loss, and both at once are refused") {
    ClipLossOptions o = pairs(3, 4, 0.5);
    const double loss = clip_loss(o).loss;
    o.logit_scale = 2;
    CHECK_THROWS_WITH_AS(clip_loss(o), "clip_loss: give temperature or logit_scale, not both", KindError);
    o.temperature.reset();
    CHECK(clip_loss(o).loss == loss);
    o.logit_scale = 0;
    CHECK_THROWS_WITH_AS(clip_loss(o), "clip_loss: logit_scale must be above 0, got 0", DomainError);
}

TEST_CASE("every number of the CLIP loss opens") {
    ClipLossOptions o = pairs(3, 4, 0.07);
    CHECK_FALSE(clip_loss(o).trace);
    o.trace = true;
    const auto r = clip_loss(o);
    REQUIRE(r.trace);
    for (const Node& node : r.trace->nodes()) {
        if (!r.trace->explain(node.label.name, Index(node.shape.size() == 2 ? Index{0, 0} : Index{0})).is_input)
            check_every_entry(*r.trace, node.label.name);
    }
    CHECK(r.trace->value("loss", {0}) == r.loss);
    CHECK(distance(r.trace->tensor("textToImage").data, r.text_to_image.data) == 0);
}

TEST_CASE("embeddings without a direction are refused") {
    ClipLossOptions o = pairs(2, 3, 0.07);
    for (Size c = 0; c < 3; ++c) o.text_embeds.row(1)[c] = 0;
    CHECK_THROWS_WITH_AS(clip_loss(o),
                         "clip_loss: text_embeds must not have a row of zeros, which has no direction; row 1 is one",
                         DomainError);
    o.image_embeds = o.text_embeds = Array<double>({0, 3});
    CHECK_THROWS_WITH_AS(clip_loss(o), "clip_loss: there must be at least one pair, got none", DomainError);
}

TEST_CASE("the SigLIP loss is finite for logits of any size") {
    SiglipLossOptions o;
    o.image_embeds = normal({3, 4}, 1);
    o.text_embeds = normal({3, 4}, 2);
    for (double scale : {1e-9, 1.0, 1e9}) {
        o.logit_scale = scale;
        const auto r = siglip_loss(o);
        CHECK(std::isfinite(r.loss));
        CHECK(r.loss >= 0);
    }
    // Without logits every pair is an even bet: log 2 for each of the 9, over 3.
    o.logit_scale = 1e-12;
    o.logit_bias = 0;
    CHECK(siglip_loss(o).loss == doctest::Approx(3 * std::log(2.0)));
}

TEST_CASE("the NT-Xent loss of 2 N views alike is log(2 N - 1), and no view is compared with itself") {
    NtXentOptions o;
    o.z1 = o.z2 = Array<double>({4, 3}, 2.0);
    CHECK(nt_xent(o).loss == doctest::Approx(std::log(7.0)));
    o.z2 = normal({4, 3}, 5);
    const auto r = nt_xent(o);
    for (Size i = 0; i < 8; ++i) CHECK(r.probabilities.row(i)[i] == 0);
}

TEST_CASE("zero-shot classification picks the class whose description points the way of the image") {
    ZeroShotOptions o;
    o.text_embeds = Array<double>({3, 2}, {1, 0, 0, 1, -1, 0});
    o.image_embeds = Array<double>({2, 2}, {0.1, 5, -3, 0.2});
    const auto r = zero_shot(o);
    CHECK(r.probabilities.row(0)[1] > 0.99);
    CHECK(r.probabilities.row(1)[2] > 0.99);
    CHECK(r.probabilities.row(0)[0] + r.probabilities.row(0)[1] + r.probabilities.row(0)[2] == doctest::Approx(1));
}

TEST_CASE("contrastive losses conform") {
    for_each_case("vision", "clip_loss", [](const Json& c) {
        ClipLossOptions o;
        o.image_embeds = tensor_of(c["inputs"]["image_embeds"]);
        o.text_embeds = tensor_of(c["inputs"]["text_embeds"]);
        o.temperature = c["params"]["temperature"];
        const auto r = clip_loss(o);
        check_tensor(r.logits_per_text, "logits_per_text", c);
        check_numbers({r.loss}, {c["expected"]["loss"]}, c);
        check_tensor(r.d_image, "d_image", c);
        check_tensor(r.d_text, "d_text", c);
    });
    for_each_case("vision", "siglip_loss", [](const Json& c) {
        SiglipLossOptions o;
        o.image_embeds = tensor_of(c["inputs"]["image_embeds"]);
        o.text_embeds = tensor_of(c["inputs"]["text_embeds"]);
        o.logit_scale = c["params"]["logit_scale"];
        o.logit_bias = c["params"]["logit_bias"];
        const auto r = siglip_loss(o);
        check_tensor(r.logits_per_text, "logits_per_text", c);
        check_numbers({r.loss}, {c["expected"]["loss"]}, c);
    });
    for_each_case("vision", "nt_xent", [](const Json& c) {
        NtXentOptions o;
        o.z1 = tensor_of(c["inputs"]["z1"]);
        o.z2 = tensor_of(c["inputs"]["z2"]);
        o.temperature = c["params"]["temperature"];
        check_numbers({nt_xent(o).loss}, {c["expected"]["loss"]}, c);
    });
    for_each_case("vision", "zero_shot", [](const Json& c) {
        ZeroShotOptions o;
        o.image_embeds = tensor_of(c["inputs"]["image_embeds"]);
        o.text_embeds = tensor_of(c["inputs"]["text_embeds"]);
        o.logit_scale = c["params"]["logit_scale"];
        check_tensor(zero_shot(o).probabilities, "probs", c);
    });
}
