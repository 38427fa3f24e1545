#include "clearformer/attention/attention_backward.hpp"

#include <cmath>

#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/attention/rules.hpp"
#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/softmax_backward.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {

template <class Real>
void attention_logits_backward(const Real* weights, const Real* v, const Real* dy, Real* d_weights, Real* d_logits, Size T,
                               Size S, Size Dv, Size ldv, Size ldy) {
    matmul_transposed(dy, v, d_weights, T, Dv, S, ldy, ldv, S);
    for (Size t = 0; t < T; ++t) softmax_row_backward(weights + t * S, d_weights + t * S, d_logits + t * S, S);
}

template <class Real>
void attention_scores_backward(const Real* d_scores, const Real* q, const Real* k, Real* dq, Real* dk, Size T, Size S,
                               Size D, Size ldq, Size ldk, Size lddq, Size lddk) {
    matmul(d_scores, k, dq, T, S, D, S, ldk, lddq);
    add_transposed_product(d_scores, q, dk, T, S, D, S, ldq, lddk);
}

#define CLEARFORMER_INSTANTIATE(Real)                                                                                    \
    template void attention_logits_backward(const Real*, const Real*, const Real*, Real*, Real*, Size, Size, Size, Size, \
                                            Size);                                                                       \
    template void attention_scores_backward(const Real*, const Real*, const Real*, Real*, Real*, Size, Size, Size, Size, \
                                            Size, Size, Size);
CLEARFORMER_INSTANTIATE(float)
CLEARFORMER_INSTANTIATE(double)
#undef CLEARFORMER_INSTANTIATE

namespace {

/// The gradient with respect to q . k: through the soft-cap, then through the scale.
std::vector<double> scores_gradient(const AttentionBackwardOptions& o, const double* d_logits, const double* q,
                                    const double* k, Size T, Size S, Size D) {
    const double scale = o.forward.scale.value_or(1.0 / std::sqrt(static_cast<double>(D)));
    std::vector<double> gradient(d_logits, d_logits + T * S);
    if (o.forward.softcap) {
        std::vector<double> scores(T * S);
        matmul_transposed(q, k, scores.data(), T, D, S, D, D, S);
        for (Size i = 0; i < T * S; ++i) {
            const double bent = std::tanh(scores[i] * scale / *o.forward.softcap);
            gradient[i] *= 1 - bent * bent;
        }
    }
    for (double& value : gradient) value *= scale;
    return gradient;
}

/// Adds one head's gradient to that of a bias [T, S] or [H, T, S].
void add_to_bias(Array<double>& d_bias, const double* d_logits, Size head, Size count) {
    double* to = d_bias.data.data() + (d_bias.rank() == 3 ? head * count : 0);
    for (Size i = 0; i < count; ++i) to[i] += d_logits[i];
}

/// The sink is one more logit, with a value of 0: its weight is what the keys leave, and its gradient - weight (A . dA).
double sink_gradient(const double* weights, const double* d_weights, Size T, Size S) {
    double gradient = 0;
    for (Size t = 0; t < T; ++t) {
        double sum = 0, mean = 0;
        for (Size s = 0; s < S; ++s) {
            sum += weights[t * S + s];
            mean += weights[t * S + s] * d_weights[t * S + s];
        }
        gradient -= (1 - sum) * mean;
    }
    return gradient;
}

/// [B, H, T, D] as [B H, T, D].
Array<double> in_heads(const Array<double>& a) {
    if (a.rank() == 3) return a;
    return {{a.shape[0] * a.shape[1], a.shape[2], a.shape[3]}, a.data};
}

/// Sums over all queries of all heads that read key head g: entry i is of head g `group` + i / T, query i mod T.
Rule over_queries_rule(const char* words, const char* formula, const char* a, const char* b, Size group, Size T) {
    return [=](const Index& at, Pen& pen) {
        const auto head = [&](Size i) { return at[0] * group + i / T; };
        pen.rule(words, formula);
        pen.vector("a", a, group * T, [&](Size i) { return Index{head(i), i % T, at[1]}; });
        pen.vector("b", b, group * T, [&](Size i) { return Index{head(i), i % T, at[2]}; });
        pen.step("g", "sum", "sum(a * b)");
    };
}

/// attention's; then dy, dWeights, along, dLogits, dScores, dq, dk, dv, dBias, sinkWeights, dSinks. Of a batch: heads one after the other.
Trace trace_of(const AttentionBackwardOptions& o, const AttentionBackwardResult& r) {
    AttentionOptions<double> forward = o.forward;
    forward.masked_row = "zeros";
    Trace trace = trace_of(forward);
    const char* role = "scores";
    const Shape shape = trace.node("weights").shape, k = trace.node("k").shape;
    const Size heads = shape[0], T = shape[1], S = shape[2], group = k[0] == 0 ? 1 : heads / k[0];
    const double scale = o.forward.scale.value_or(1.0 / std::sqrt(static_cast<double>(k[2])));
    add_given(trace, {"dy", "∂L/∂O", "gradient of the output", role, "H T Dv"}, in_heads(o.dy));
    add_made(trace, {"dWeights", "∂L/∂A", "gradient of the weight", role, "H T S"}, in_heads(r.d_weights),
             score_rule("dy", "v", o.dy.width(), group));
    trace.derive({"along", "s", "what all keys together would gain", role, "H T"}, {heads, T},
                 recipe_rule({"The gradients of the row, each by its weight, summed.",
                              "\\sum_s A_s\\, \\partial A_s",
                              {{"a", "weights", "=n"}, {"d", "dWeights", "=n"}},
                              {},
                              {{"s", "sum", "sum(a * d)"}}}));
    add_made(trace, {"dLogits", "∂L/∂S", "gradient of the logit", role, "H T S"}, in_heads(r.d_logits),
             recipe_rule({"The weight times how far its gradient is above the row's mean.",
                          "A_s\\, (\\partial A_s - \\sum_j A_j\\, \\partial A_j)",
                          {{"a", "weights"}, {"d", "dWeights"}, {"s", "along", "<"}},
                          {},
                          {{"g", "gradient", "a * (d - s)"}}}));
    const bool capped = o.forward.softcap.has_value();
    Recipe through{capped ? "Back through the soft-cap and the scale." : "Back through the scale.",
                   capped ? "c\\,(1 - \\tanh^2(x / \\kappa))\\, \\partial S" : "c\\, \\partial S",
                   {{"d", "dLogits"}},
                   {{"c", "scale", scale}},
                   {{"g", "gradient", "c * d"}}};
    if (capped) {
        through.readings.push_back({"x", "scaled"});
        through.constants.push_back({"k", "cap", *o.forward.softcap});
        through.lines = {{"t", "where the cap bends", "tanh(x / k)"}, {"g", "gradient", "c * d * (1 - t * t)"}};
    }
    trace.derive({"dScores", "∂L/∂(q·k)", "gradient of the raw score", role, "H T S"}, shape, recipe_rule(through));
    add_made(trace, {"dq", "∂L/∂Q", "gradient of the query entry", "q", "H T D"}, in_heads(r.dq),
             weighted_sum_rule("dScores", "k", S, group));
    add_made(trace, {"dk", "∂L/∂K", "gradient of the key entry", "k", "G S D"}, in_heads(r.dk),
             over_queries_rule("Every query that reads the key, by the gradient of its score; summed.",
                               "\\sum_t \\partial S_{t,s}\\, q_t", "dScores", "q", group, T));
    add_made(trace, {"dv", "∂L/∂V", "gradient of the value entry", "v", "G S Dv"}, in_heads(r.dv),
             over_queries_rule("The gradient of every output that the value went into, by its weight; summed.",
                               "\\sum_t A_{t,s}\\, \\partial O_t", "weights", "dy", group, T));
    if (r.d_bias) {
        const bool per_head = r.d_bias->rank() == 3;
        const Size period = per_head ? r.d_bias->shape[0] : 1, count = period == 0 ? 0 : heads / period;
        add_made(trace, {"dBias", "∂L/∂B", "gradient of the bias", "position", ".. T S"}, *r.d_bias,
                 [=](const Index& at, Pen& pen) {
                     pen.rule("The gradients of all logits that the bias was added to, summed.", "\\sum_h \\partial S_h");
                     pen.vector("d", "dLogits", count, [&](Size i) {
                         return per_head ? Index{i * period + at[0], at[1], at[2]} : Index{i, at[0], at[1]};
                     });
                     pen.step("g", "sum", "sum(d)");
                 });
    }
    if (!r.d_sinks) return trace;
    trace.derive(
        {"sinkWeights", "A_0", "weight of the sink", "weights", "H T"}, {heads, T},
        recipe_rule(
            {"What the keys leave.", "1 - \\sum_s A_s", {{"a", "weights", "=n"}}, {}, {{"w", "rest", "1 - sum(a)"}}}));
    const Size H = r.d_sinks->size(), count = H == 0 ? 0 : heads / H * T;
    add_made(trace, {"dSinks", "∂L/∂s", "gradient of the sink's logit", role, "H"}, *r.d_sinks,
             [=](const Index& at, Pen& pen) {
                 pen.rule("What every query would gain if the sink took less, by the sink's weight; summed.",
                          "-\\sum_t A_{t,0} \\sum_s A_{t,s}\\, \\partial A_{t,s}");
                 const auto entry = [&](Size i) { return Index{i / T * H + at[0], i % T}; };
                 pen.vector("w", "sinkWeights", count, entry);
                 pen.vector("s", "along", count, entry);
                 pen.step("g", "sum", "-sum(w * s)");
             });
    return trace;
}

}  // namespace

AttentionBackwardResult attention_backward(const AttentionBackwardOptions& o) {
    const Letters letter = check_shapes(o);
    const Size H = letter["H"], G = letter["G"], T = letter["T"], S = letter["S"], D = letter["D"], Dv = letter["Dv"];
    AttentionResult<double> forward = attention(o.forward);
    check_same_shape("attention_backward", "dy", o.dy.shape, "the output", forward.output.shape);
    const Array<double>&q = o.forward.q, &k = o.forward.k, &v = o.forward.v;
    AttentionBackwardResult r;
    r.weights = std::move(forward.weights);
    r.output = std::move(forward.output);
    r.dq = Array<double>(q.shape);
    r.dk = Array<double>(k.shape);
    r.dv = Array<double>(v.shape);
    r.d_weights = r.d_logits = Array<double>(r.weights.shape);
    if (o.forward.bias) r.d_bias = Array<double>(o.forward.bias->shape);
    if (o.forward.sinks) r.d_sinks = Array<double>({H});
    const Size heads = q.rank() == 4 ? q.shape[0] * H : H;
    for (Size head = 0; head < heads; ++head) {
        const Size h = head % H, kv = head / H * G + h / (H / G);
        const double *weights = r.weights.data.data() + head * T * S, *dy = o.dy.data.data() + head * T * Dv;
        const double *qs = q.data.data() + head * T * D, *ks = k.data.data() + kv * S * D, *vs = v.data.data() + kv * S * Dv;
        double *d_weights = r.d_weights.data.data() + head * T * S, *d_logits = r.d_logits.data.data() + head * T * S;
        // 1. From the output to the values, the weights and the logits.
        add_transposed_product(weights, dy, r.dv.data.data() + kv * S * Dv, T, S, Dv, S, Dv, Dv);
        attention_logits_backward(weights, vs, dy, d_weights, d_logits, T, S, Dv, Dv, Dv);
        if (r.d_bias) add_to_bias(*r.d_bias, d_logits, h, T * S);
        if (r.d_sinks) r.d_sinks->data[h] += sink_gradient(weights, d_weights, T, S);
        // 2. From the logits to the queries and the keys.
        const std::vector<double> d_scores = scores_gradient(o, d_logits, qs, ks, T, S, D);
        attention_scores_backward(d_scores.data(), qs, ks, r.dq.data.data() + head * T * D, r.dk.data.data() + kv * S * D, T,
                                  S, D, D, D, D, D);
    }
    for (const Array<double>* gradient : {&r.output, &r.dq, &r.dk, &r.dv, &r.d_weights, &r.d_logits})
        check_finite("attention_backward", "the gradients", *gradient);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
