#include "clearformer/attention/attention_backward.hpp"

#include <cmath>

#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/softmax_backward.hpp"

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
    return r;
}

}  // namespace clearformer
