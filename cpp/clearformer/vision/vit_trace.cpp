#include "clearformer/vision/vit_trace.hpp"

#include "clearformer/ops/rules.hpp"
#include "clearformer/vision/encoder_trace.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer::vision {
namespace {

constexpr NormLabels kFirst = {"norm1Gamma", "norm1Beta", "norm1Mean", "norm1Variance", "norm1Standard", "norm1Output"};
constexpr NormLabels kSecond = {"norm2Gamma", "norm2Beta", "norm2Mean", "norm2Variance", "norm2Standard", "norm2Output"};
constexpr NormLabels kLast = {"normGamma", "normBeta", "normMean", "normVariance", "normStandard", "features"};

/// One layer on the tensor x; returns the name of what leaves it.
const char* add_layer(Recorder& to, const VisionTransformerOptions& o, const VitLayer& w, const LayerRun& run, const char* x,
                      const Array<double>& values) {
    const auto norm1 = [&](const char* from, const Array<double>& rows) {
        return add_norm(to, kFirst, from, rows, w.norm1_gamma, w.norm1_beta, o.eps, &run.normed1);
    };
    const auto norm2 = [&](const char* from, const Array<double>& rows) {
        return add_norm(to, kSecond, from, rows, w.norm2_gamma, w.norm2_beta, o.eps, &run.normed2);
    };
    const Label middle_label = {"middle", "X'", "residual after attention", "residual", "T C"},
                total_label = {"residual", "X", "residual stream entry", "residual", "T C"};
    if (o.norm == "pre") {
        const char* mixed = add_attention(to, attention_weights(w), norm1(x, values), run.attention);
        const char* middle = to.add(middle_label, add_rule(x, mixed), run.middle);
        const char* fed = add_feed_forward(to, feed_forward_weights(w), norm2(middle, run.middle), run.mlp, o.activation);
        return to.add(total_label, add_rule(middle, fed), run.total);
    }
    const char* mixed = add_attention(to, attention_weights(w), x, run.attention);
    const char* normed = norm1(to.add(middle_label, add_rule(x, mixed), run.middle), run.middle);
    const char* fed = add_feed_forward(to, feed_forward_weights(w), normed, run.mlp, o.activation);
    return norm2(to.add(total_label, add_rule(normed, fed), run.total), run.total);
}

}  // namespace

Trace trace_of(const VisionTransformerOptions& o, const VitRun& run, const VisionTransformerResult& r) {
    Trace trace;
    Recorder to(trace);
    const Size T = r.features.shape[0], C = r.features.width();

    const char* image = to.add({"image", "X", "pixel", "input", "Ch H W"}, given_rule("A pixel of the image."), o.image);
    const char* weight = to.given({"patchWeight", "W_E", "patch weight", "input", "C Ch P P"}, o.patch_weight);
    const char* bias = to.given({"patchBias", "b_E", "patch bias", "input", "C"}, o.patch_bias);
    const Size side = o.patch_weight.shape[2], across = static_cast<Size>(run.embedded.grid[1]);
    const char* patches =
        to.add({"patches", "P", "patch pixel", "input", "T K"}, patch_pixel_rule(image, side, across), run.embedded.patches);
    const char* tokens =
        to.add({"tokens", "Z", "patch token entry", "residual", "T C"},
               patch_token_rule(patches, weight, bias, run.embedded.patches.width(), side), run.embedded.tokens);
    const char* cls = to.given({"clsToken", "x_{cls}", "class token entry", "residual", "C"}, o.cls_token);
    const char* positions = to.given({"posEmbed", "E_{pos}", "position entry", "position", "T C"}, o.pos_embed);
    const char* x = to.add({"embeddings", "X", "embedding entry", "residual", "T C"}, token_row_rule(tokens, cls, positions),
                           r.embeddings);

    const Array<double>* values = &r.embeddings;
    for (Size l = 0; l < run.layers.size(); ++l) {
        Recorder layer(trace, l);
        x = add_layer(layer, o, o.layers[l], run.layers[l], x, *values);
        values = &run.layers[l].output(o.norm == "pre");
    }

    if (o.norm_gamma || o.norm_beta) x = add_norm(to, kLast, x, *values, o.norm_gamma, o.norm_beta, o.eps, &r.features);
    else x = to.add({"features", "F", "feature", "residual", "T C"}, copy_rule(x), r.features);
    const char* pooled =
        to.add({"pooled", "f", "pooled feature", "residual", "C"}, pooled_rule(x, o.cls_token.has_value(), T), r.pooled);
    if (!r.logits) return trace;
    const char* head = to.given({"headWeight", "W_C", "classifier weight", "residual", "N C"}, o.head_weight);
    const char* head_bias = to.given({"headBias", "b_C", "classifier bias", "residual", "N"}, o.head_bias);
    to.add({"logits", "z", "class score", "scores", "N"}, linear_rule(pooled, head, head_bias, C), *r.logits);
    return trace;
}

}  // namespace clearformer::vision
