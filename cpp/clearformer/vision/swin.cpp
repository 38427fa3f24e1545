#include "clearformer/vision/swin.hpp"

#include <algorithm>
#include <cmath>

#include "clearformer/attention/attention.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/vision/encoder_trace.hpp"
#include "clearformer/vision/grids.hpp"
#include "clearformer/vision/heads.hpp"
#include "clearformer/vision/rules.hpp"
#include "clearformer/vision/windows.hpp"

namespace clearformer {
using namespace vision;
namespace {

/// Bias of every pair of tokens in a window, [heads, P, P], zeros without a table; `pairs` are the rows of the table.
Array<double> pair_bias(const SwinAttentionOptions& o, const Array<double>& pairs) {
    const Size heads = static_cast<Size>(o.heads), side = 2 * static_cast<Size>(o.window) - 1, count = pairs.size();
    Array<double> bias({heads, pairs.shape[0], pairs.shape[1]});
    if (!o.bias_table) return bias;
    require(o.bias_table->shape[0] == side * side && o.bias_table->shape[1] == heads,
            "swin_attention: bias_table must have shape [", side * side, ", ", heads, "], got ", o.bias_table->shape);
    for (Size h = 0; h < heads; ++h) {
        for (Size pair = 0; pair < count; ++pair) {
            bias.data[h * count + pair] = o.bias_table->row(static_cast<Size>(pairs.data[pair]))[h];
        }
    }
    return bias;
}

void check_projections(const SwinAttentionOptions& o, Size C) {
    require(!o.qkv_weight || o.qkv_weight->shape[0] == 3 * C, "swin_attention: qkv_weight must have ", 3 * C,
            " rows, got shape ", o.qkv_weight ? o.qkv_weight->shape : Shape{});
    require(!o.qkv_bias || o.qkv_weight, "swin_attention: qkv_bias needs qkv_weight");
    require(!o.proj_bias || o.proj_weight, "swin_attention: proj_bias needs proj_weight");
}

/// The tokens of one window, or of all of them, as rows of x.
Array<double> gathered(const double* ids, Size count, const Array<double>& x) {
    Array<double> rows({count, x.width()});
    for (Size i = 0; i < count; ++i) std::copy_n(x.row(static_cast<Size>(ids[i])), x.width(), rows.row(i));
    return rows;
}

/// x or its projections in, scores, softmax, mixed values and the output projection.
Trace trace_of(const SwinAttentionOptions& o, const SwinAttentionResult& r, const Array<double>& qkv,
               const Array<double>& scores, const Array<double>& mixed, const std::shared_ptr<const WindowPlan>& plan) {
    Trace trace;
    Recorder to(trace);
    const Size C = plan->C;
    const char* x =
        to.given({"x", "X", "token entry", "residual", "H W C"}, o.x, "An entry of the tokens, as it was given.");
    const char* table = to.given({"biasTable", "B", "relative position bias", "position", "R H"}, o.bias_table);
    const char* weight = to.given({"qkvWeight", "W_{QKV}", "projection weight", "q", "C3 C"}, o.qkv_weight);
    const char* bias = to.given({"qkvBias", "b_{QKV}", "projection bias", "q", "C3"}, o.qkv_bias);
    const char* source = x;
    if (weight)
        source = to.add({"qkv", "QKV", "query, key or value entry", "q", "H W C3"}, linear_rule(x, weight, bias, C), qkv);
    const char* score_name =
        to.add({"scores", "S", "score", "scores", "N H P P"}, window_score_rule(source, table, plan), scores);
    const char* weights = add_softmax(to, score_name, r.weights);
    const char* values = o.proj_weight ? "mixed" : "y";
    to.add({values, "O", "mixed value", "v", "H W C"}, window_mix_rule(weights, source, plan), mixed);
    if (!o.proj_weight) return trace;
    const char* out = to.given({"projWeight", "W_O", "output weight", "residual", "C C"}, o.proj_weight);
    const char* out_bias = to.given({"projBias", "b_O", "output bias", "residual", "C"}, o.proj_bias);
    to.add({"y", "Y", "output entry", "residual", "H W C"}, linear_rule(values, out, out_bias, C), r.y);
    return trace;
}

}  // namespace

SwinAttentionResult swin_attention(const SwinAttentionOptions& o) {
    const Letters shape = check_shapes(o);
    const Size C = shape["C"], heads = check_heads("swin_attention", o.heads, C);
    require(o.x.size() > 0, "swin_attention: x must have entries, got shape ", o.x.shape);
    require(o.window >= 1 && o.window <= 64, "swin_attention: window must be from 1 to 64, got ", o.window);
    require(shape["H"] <= kMostExtent && shape["W"] <= kMostExtent, "swin_attention: a grid may have at most ", kMostExtent,
            " rows and columns, got shape ", o.x.shape);
    check_projections(o, C);
    const int H = to_int(shape["H"]), W = to_int(shape["W"]);
    const SwinShiftMaskResult mask = swin_shift_mask({H, W, o.window, o.shift});
    WindowPlan plan{window_partition({H, W, o.window, o.shift}).token_ids,
                    relative_position_index({o.window}).index,
                    mask.allow,
                    mask.masked_value,
                    shape["W"],
                    C,
                    C / heads};
    if (o.qkv_weight) {
        plan.k_offset = C;
        plan.v_offset = 2 * C;
    }
    plan.scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(plan.D)));
    const Size N = plan.ids.shape[0], P = plan.ids.width();
    const Array<double> bias = pair_bias(o, plan.pairs);

    const Array<double> qkv = o.qkv_weight ? linear(LinearOptions<double>{o.x, *o.qkv_weight, o.qkv_bias}).y : o.x;
    SwinAttentionResult r{Array<double>(o.x.shape), Array<double>({N, heads, P, P})};
    Array<double> scores(o.trace ? r.weights.shape : Shape{0});
    for (Size n = 0; n < N; ++n) {
        const Array<double> rows = gathered(plan.ids.row(n), P, qkv);
        AttentionOptions<double> a;
        a.q = split_heads(rows, 0, C, heads);
        a.k = split_heads(rows, plan.k_offset, C, heads);
        a.v = split_heads(rows, plan.v_offset, C, heads);
        a.scale = plan.scale;
        a.bias = bias;
        for (Size i = 0; i < bias.size(); ++i) {
            if (mask.allow.data[n * P * P + i % (P * P)] == 0) a.bias->data[i] += mask.masked_value;
        }
        const AttentionResult<double> result = attention(a);
        std::copy(result.weights.data.begin(), result.weights.data.end(), r.weights.row(n * heads * P));
        if (o.trace) std::copy(result.logits.data.begin(), result.logits.data.end(), scores.row(n * heads * P));
        const Array<double> joined = join_heads(result.output);
        for (Size i = 0; i < P; ++i) std::copy_n(joined.row(i), C, r.y.row(static_cast<Size>(plan.ids.row(n)[i])));
    }
    const Array<double> mixed = o.trace ? r.y : Array<double>();
    if (o.proj_weight) r.y = linear(LinearOptions<double>{r.y, *o.proj_weight, o.proj_bias}).y;
    if (o.trace) r.trace = trace_of(o, r, qkv, scores, mixed, std::make_shared<const WindowPlan>(std::move(plan)));
    return r;
}

namespace {

/// x, merged [T, 4 C]; mean, variance, normalised, gamma, beta, normed with a norm; weight; y
Trace trace_of(const PatchMergingOptions& o, const PatchMergingResult& r, const Array<double>& merged, Size columns) {
    const Size H = o.x.shape[0], W = o.x.shape[1], C = o.x.shape[2];
    const bool norm = o.gamma || o.beta;
    Trace trace;
    Recorder to(trace);
    const char* x = to.given({"x", "X", "token entry", "residual", "H W C"}, o.x, "A token's entry, as given.");
    const auto label = [&](const char* name, bool last) {
        return Label{last ? "y" : name, "Y", "entry of the merged row", "residual", "T N"};
    };
    const char* rows = to.add(
        label("merged", !norm && !o.weight),
        [=](const Index& at, Pen& pen) {
            const Size part = at[1] / C, row = at[0] / columns * 2 + part % 2, column = at[0] % columns * 2 + part / 2;
            const bool padding = row >= H || column >= W;
            pen.rule(padding ? "Outside an odd grid: zero." : "One of the four tokens of the block, side by side.",
                     padding ? "0" : "x_{r,c}");
            if (!padding) pen.scalar("x", x, {row, column, at[1] % C});
            pen.step("y", padding ? "padding" : "copied", padding ? "0" : "x");
        },
        merged);
    if (norm) {
        const LayerNormResult<double> plain = layer_norm(LayerNormOptions<double>{merged, {}, {}, o.eps});
        const char* mean = to.add({"mean", "μ", "mean of the row", "residual", "T"}, mean_rule(rows, 4 * C), plain.mean);
        const char* variance = to.add({"variance", "σ²", "variance of the row", "residual", "T"},
                                      variance_rule(rows, mean, 4 * C), plain.variance);
        const char* normalised = to.add({"normalised", "x̂", "normalised entry", "residual", "T N"},
                                        normalised_rule(rows, mean, variance, o.eps), plain.y);
        const char* gamma = to.given({"gamma", "γ", "scale", "input", "N"}, o.gamma);
        const char* beta = to.given({"beta", "β", "shift", "input", "N"}, o.beta);
        rows = to.add(label("normed", !o.weight), affine_rule(normalised, gamma, beta),
                      layer_norm(LayerNormOptions<double>{merged, o.gamma, o.beta, o.eps}).y);
    }
    const char* weight = to.given({"weight", "W", "reduction weight", "input", "N C4"}, o.weight);
    if (weight) to.add(label("y", true), linear_rule(rows, weight, nullptr, 4 * C), r.y);
    return trace;
}

}  // namespace

PatchMergingResult patch_merging(const PatchMergingOptions& o) {
    const Letters shape = check_shapes(o);
    const Size H = shape["H"], W = shape["W"], C = shape["C"], rows = H / 2 + H % 2, columns = W / 2 + W % 2;
    require(o.x.size() > 0, "patch_merging: x must have entries, got shape ", o.x.shape);
    require((!o.gamma && !o.beta && !o.weight) || shape["C4"] == 4 * C,
            "patch_merging: gamma, beta and the columns of weight must have ", 4 * C, " entries, got ",
            shape.has("C4") ? shape["C4"] : 0);
    PatchMergingResult r{Array<double>({rows * columns, 4 * C}), {to_int(rows), to_int(columns)}};
    for (Size t = 0; t < rows * columns; ++t) {
        for (Size part = 0; part < 4; ++part) {
            const Size row = t / columns * 2 + part % 2, column = t % columns * 2 + part / 2;
            if (row < H && column < W) std::copy_n(o.x.row(row * W + column), C, r.y.row(t) + part * C);
        }
    }
    const Array<double> merged = o.trace ? r.y : Array<double>();
    if (o.gamma || o.beta) r.y = layer_norm(LayerNormOptions<double>{r.y, o.gamma, o.beta, o.eps}).y;
    if (o.weight) r.y = linear(LinearOptions<double>{r.y, *o.weight, {}}).y;
    if (o.trace) r.trace = trace_of(o, r, merged, columns);
    return r;
}

}  // namespace clearformer
