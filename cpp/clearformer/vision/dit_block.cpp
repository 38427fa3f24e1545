#include "clearformer/vision/dit_block.hpp"

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/vision/encoder_trace.hpp"
#include "clearformer/vision/heads.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer {
using namespace vision;
namespace {

/// norm(x) (1 + scale) + shift, every row alike.
Array<double> modulated(const Array<double>& x, const double* shift, const double* scale, double eps) {
    Array<double> y = layer_norm(LayerNormOptions<double>{x, {}, {}, eps}).y;
    const Size C = y.width();
    for (Size i = 0; i < y.size(); ++i) y.data[i] = y.data[i] * (1 + scale[i % C]) + shift[i % C];
    return y;
}

/// x + gate y.
Array<double> gated(Array<double> x, const double* gate, const Array<double>& y) {
    const Size C = x.width();
    for (Size i = 0; i < x.size(); ++i) x.data[i] += gate[i % C] * y.data[i];
    return x;
}

/// What lies between the results.
struct Between {
    Array<double> condition, mixer_input, mlp_input;
    SelfAttention mixed;
    FeedForward fed;
};

Trace trace_of(const DitBlockOptions& o, const DitBlockResult& r, const Between& run) {
    constexpr NormLabels first = {"", "", "norm1Mean", "norm1Variance", "norm1Standard", ""},
                         second = {"", "", "norm2Mean", "norm2Variance", "norm2Standard", ""};
    const Size C = o.x.width();
    Trace trace;
    Recorder to(trace);
    const char* x = to.given({"x", "X", "token entry", "residual", "T C"}, o.x, "An entry of the tokens, as it was given.");
    const char* c =
        to.given({"c", "c", "condition entry", "input", "K"}, o.c, "An entry of the condition, as it was given.");
    const char* weight =
        to.given({"modulationWeight", "W_{mod}", "modulation weight", "input", "C6 K"}, o.modulation_weight);
    const char* bias = to.given({"modulationBias", "b_{mod}", "modulation bias", "input", "C6"}, o.modulation_bias);
    const char* condition = to.add({"condition", "silu(c)", "activated condition entry", "input", "K"},
                                   activation_rule(c, "silu"), run.condition);
    const char* m = to.add({"modulation", "m", "shift, scale or gate", "input", "C6"},
                           linear_rule(condition, weight, bias, o.c.size()), r.modulation);
    const char* normed = add_norm(to, first, x, o.x, {}, {}, o.eps, nullptr);
    const char* mixer = to.add({"attentionInput", "X'", "modulated entry", "residual", "T C"},
                               modulated_rule(normed, m, 0, C), run.mixer_input);
    const char* mixed = add_attention(to, attention_weights(o), mixer, run.mixed);
    const char* middle = to.add({"afterAttention", "X", "residual stream entry", "residual", "T C"},
                                gated_rule(x, m, 2 * C, mixed), r.after_attention);
    const char* again = add_norm(to, second, middle, r.after_attention, {}, {}, o.eps, nullptr);
    const char* input = to.add({"mlpInput", "X'", "modulated entry", "residual", "T C"},
                               modulated_rule(again, m, 3 * C, 4 * C), run.mlp_input);
    const char* fed = add_feed_forward(to, feed_forward_weights(o), input, run.fed, o.activation);
    to.add({"y", "Y", "residual stream entry", "residual", "T C"}, gated_rule(middle, m, 5 * C, fed), r.y);
    return trace;
}

}  // namespace

DitBlockResult dit_block(const DitBlockOptions& o) {
    const Letters shape = check_shapes(o);
    const Size C = shape["C"], heads = check_heads("dit_block", o.heads, C);
    require(C > 0, "dit_block: rows must have at least one entry, got shape ", o.x.shape);
    require(o.eps >= 0, "dit_block: eps must be at least 0, got ", o.eps);
    require(shape["C6"] == 6 * C, "dit_block: modulation_weight must have ", 6 * C, " rows, got ", shape["C6"]);
    require(shape["C3"] == 3 * C, "dit_block: qkv_weight must have ", 3 * C, " rows, got ", shape["C3"]);
    find_activation(o.activation);
    Between run;
    run.condition = activation(ActivationOptions<double>{o.c, "silu"}).y;
    DitBlockResult r;
    r.modulation = linear(LinearOptions<double>{run.condition, o.modulation_weight, o.modulation_bias}).y;
    const double* m = r.modulation.data.data();
    run.mixer_input = modulated(o.x, m, m + C, o.eps);
    run.mixed = self_attention(run.mixer_input, attention_weights(o), heads);
    r.weights = run.mixed.weights;
    r.after_attention = gated(o.x, m + 2 * C, run.mixed.output);
    run.mlp_input = modulated(r.after_attention, m + 3 * C, m + 4 * C, o.eps);
    run.fed = feed_forward(run.mlp_input, feed_forward_weights(o), o.activation);
    r.y = gated(r.after_attention, m + 5 * C, run.fed.output);
    if (o.trace) r.trace = trace_of(o, r, run);
    return r;
}

}  // namespace clearformer
