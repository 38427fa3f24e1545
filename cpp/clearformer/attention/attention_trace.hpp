#pragma once

// What attention, online_softmax and attention_entropy record when `trace` is asked for. It is always the double computation, as in
// ops/traces.hpp.

#include <cmath>

#include "clearformer/attention/attention.hpp"
#include "clearformer/attention/multi_head.hpp"
#include "clearformer/ops/traces.hpp"

namespace clearformer {

/// q, k, v, scores, scaled, then as given capped, bias, biased, alibi; mask, masked, sinks, rowMax, exponentials, rowSum, weights, headOutputs.
/// A batch counts as more heads: its tensors have shapes [B H, T, S].
Trace trace_of(const AttentionOptions<double>& options);

template <class Real>
Trace trace_of(const AttentionOptions<Real>& o) {
    AttentionOptions<double> same;
    same.q = widened(o.q);
    same.k = widened(o.k);
    same.v = widened(o.v);
    same.scale = o.scale;
    same.softcap = o.softcap;
    same.bias = widened(o.bias);
    same.alibi_slopes = o.alibi_slopes;
    same.sinks = widened(o.sinks);
    same.allow = widened(o.allow);
    same.mask = o.mask;
    same.masked_row = o.masked_row;
    return trace_of(same);
}

/// query, key, value; qWeight, qBias, q and so for k and v, the weights being rows of in_proj_weight where that is given; biasK, biasV, kAll, vAll
/// where keys are appended; qHeads, kHeads, vHeads, what attention records, joined, outWeight, outBias, output, weightsMean.
Trace trace_of(const MultiHeadOptions<double>& options);

template <class Real>
Trace trace_of(const MultiHeadOptions<Real>& o) {
    return trace_of(MultiHeadOptions<double>{
        widened(o.query), widened(o.key), widened(o.value), o.heads, widened(o.in_proj_weight), widened(o.in_proj_bias),
        widened(o.q_weight), widened(o.k_weight), widened(o.v_weight), widened(o.out_weight), widened(o.out_bias),
        widened(o.bias_k), widened(o.bias_v), o.add_zero_attention, o.causal, o.key_valid});
}

/// One tensor [T, S] for each mask by name, as it is written, and allow. A mask that is named twice is recorded once.
Trace trace_of(const MaskOptions& options);

/// weights, or logits, rowMax, exponentials, rowSum and weights; entropy, effectiveKeys, max
Trace trace_of(const EntropyOptions& options);

/// Attention in blocks of keys: what came in, [H, T, D] and [G, S, D], and what a kernel kept after each of N blocks.
struct RunningAttention {
    const Array<double>&q, &k, &v;
    double scale = 1;
    Size block = 1;
    bool causal = false;                                     // aligned bottom-right
    const std::vector<double>&maxima, &sums, &accumulators;  // [H, T, N] and [H, T, N, Dv]
    const std::vector<double>&output, &logsumexp;            // [H, T, Dv] and [H, T]
};

/// q, k, v, scores, scaled, maxima, sums, accumulators, output, logsumexp
Trace trace_of(const RunningAttention& run);

template <class Real>
Trace trace_of(const OnlineSoftmaxOptions<Real>& o) {
    const OnlineSoftmaxOptions<double> same{widened(o.q), widened(o.k), widened(o.v), o.block, o.scale, false};
    const OnlineSoftmaxResult<double> r = online_softmax(same);
    return trace_of(RunningAttention{same.q,
                                     same.k,
                                     same.v,
                                     o.scale.value_or(1.0 / std::sqrt(static_cast<double>(o.q.width()))),
                                     static_cast<Size>(o.block),
                                     false,
                                     r.maxima.data,
                                     r.sums.data,
                                     r.accumulators.data,
                                     r.output.data,
                                     {r.logsumexp}});
}

}  // namespace clearformer
