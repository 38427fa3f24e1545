#include "clearformer/vision/vit.hpp"

#include <algorithm>

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/vision/heads.hpp"
#include "clearformer/vision/patches.hpp"
#include "clearformer/vision/vit_trace.hpp"

namespace clearformer {
using namespace vision;
namespace {

constexpr Size kMostLayers = 64;

void check_layers(const VisionTransformerOptions& o, Size C) {
    require(o.layers.size() <= kMostLayers, "vision_transformer: at most ", kMostLayers, " layers are possible, got ",
            o.layers.size());
    for (Size l = 0; l < o.layers.size(); ++l) {
        const std::string place = sentence("vision_transformer: layers[", l, "]");
        FieldList list;
        list_fields(const_cast<VitLayer&>(o.layers[l]), list);
        const Letters shape = check_shapes(place.c_str(), list);
        require(shape["C"] == C, place, ": norm1_gamma must have ", C, " entries, got ", shape["C"]);
        require(shape["C3"] == 3 * C, place, ": qkv_weight must have ", 3 * C, " rows, got ", shape["C3"]);
    }
}

Array<double> normalised(const Array<double>& x, const std::optional<Array<double>>& gamma,
                         const std::optional<Array<double>>& beta, double eps) {
    return layer_norm(LayerNormOptions<double>{x, gamma, beta, eps}).y;
}

/// Patch tokens with the class token before them, plus positions.
Array<double> embeddings_of(const VisionTransformerOptions& o, const Array<double>& tokens) {
    const Size first = o.cls_token ? 1 : 0, T = tokens.shape[0] + first, C = tokens.width();
    Array<double> x({T, C});
    if (o.cls_token) std::copy(o.cls_token->data.begin(), o.cls_token->data.end(), x.data.begin());
    std::copy(tokens.data.begin(), tokens.data.end(), x.row(first));
    if (!o.pos_embed) return x;
    require(o.pos_embed->shape[0] == T, "vision_transformer: pos_embed must have one row for each of the ", T,
            " tokens, got shape ", o.pos_embed->shape);
    return sum(std::move(x), *o.pos_embed);
}

LayerRun run_layer(const VisionTransformerOptions& o, const VitLayer& w, const Array<double>& x, Size heads) {
    const bool pre = o.norm == "pre";
    LayerRun r;
    if (pre) r.normed1 = normalised(x, w.norm1_gamma, w.norm1_beta, o.eps);
    r.attention = self_attention(pre ? r.normed1 : x, attention_weights(w), heads);
    r.middle = sum(x, r.attention.output);
    if (!pre) r.normed1 = normalised(r.middle, w.norm1_gamma, w.norm1_beta, o.eps);
    if (pre) r.normed2 = normalised(r.middle, w.norm2_gamma, w.norm2_beta, o.eps);
    r.mlp = feed_forward(pre ? r.normed2 : r.normed1, feed_forward_weights(w), o.activation);
    r.total = sum(pre ? r.middle : r.normed1, r.mlp.output);
    if (!pre) r.normed2 = normalised(r.total, w.norm2_gamma, w.norm2_beta, o.eps);
    return r;
}

/// The class token's row, or the mean of all rows.
Array<double> pooled_of(const Array<double>& features, bool cls_token) {
    const Size C = features.width(), T = cls_token ? 1 : features.shape[0];
    Array<double> pooled({C});
    for (Size t = 0; t < T; ++t) {
        for (Size c = 0; c < C; ++c) pooled.data[c] += features.row(t)[c];
    }
    for (double& value : pooled.data) value /= static_cast<double>(T);
    return pooled;
}

}  // namespace

VisionTransformerResult vision_transformer(const VisionTransformerOptions& o) {
    const Letters shape = check_shapes(o);
    const Size C = shape["C"], heads = check_heads("vision_transformer", o.heads, C);
    require(C > 0, "vision_transformer: tokens must have at least one entry, got patch_weight of shape ",
            o.patch_weight.shape);
    require(o.norm == "pre" || o.norm == "post", "vision_transformer: norm must be pre or post, got \"", o.norm, "\"");
    require(o.eps >= 0, "vision_transformer: eps must be at least 0, got ", o.eps);
    require(!o.head_bias || o.head_weight, "vision_transformer: head_bias needs head_weight");
    find_activation(o.activation);
    check_layers(o, C);

    // 1. The image becomes tokens.
    VitRun run;
    run.embedded = patch_embed({o.image, o.patch_weight, o.patch_bias});
    VisionTransformerResult r;
    r.embeddings = embeddings_of(o, run.embedded.tokens);
    const Size T = r.embeddings.shape[0], L = o.layers.size();
    r.weights = Array<double>({L, heads, T, T});
    r.hidden = Array<double>({L, T, C});

    // 2. The layers, each on what the one before left.
    Array<double> x = r.embeddings;
    for (Size l = 0; l < L; ++l) {
        LayerRun layer = run_layer(o, o.layers[l], x, heads);
        x = layer.output(o.norm == "pre");
        std::copy(layer.attention.weights.data.begin(), layer.attention.weights.data.end(),
                  &r.weights.data[l * heads * T * T]);
        std::copy(x.data.begin(), x.data.end(), &r.hidden.data[l * T * C]);
        if (o.trace) run.layers.push_back(std::move(layer));
    }

    // 3. The last norm, and the head on one row.
    r.features = o.norm_gamma || o.norm_beta ? normalised(x, o.norm_gamma, o.norm_beta, o.eps) : x;
    r.pooled = pooled_of(r.features, o.cls_token.has_value());
    if (o.head_weight) r.logits = linear(LinearOptions<double>{r.pooled, *o.head_weight, o.head_bias}).y;
    if (o.trace) r.trace = trace_of(o, run, r);
    return r;
}

}  // namespace clearformer
