#pragma once

// What the operations record when `trace` is asked for: each with the tensors that went in, those on the way, and its results. It is always the
// double computation: of a call in single precision, the one with the same numbers in double.
//
// The kernels themselves record nothing, so that what builds on them does not carry the rules along: traced<softmax<double>>(options) is
// softmax(options) with its trace.

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/embedding.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer {

template <class Real>
Array<double> widened(const Array<Real>& a) {
    return {a.shape, std::vector<double>(a.data.begin(), a.data.end())};
}
template <class Real>
std::optional<Array<double>> widened(const std::optional<Array<Real>>& a) {
    if (!a) return {};
    return widened(*a);
}

/// Adds a tensor that came from outside, and returns its name.
const char* add_given(Trace& trace, const Label& label, const Array<double>& values);
/// The same where there is one; else nothing and null.
const char* add_given(Trace& trace, const Label& label, const std::optional<Array<double>>& values);
/// Adds a tensor with the values that its kernel gave.
void add_made(Trace& trace, const Label& label, const Array<double>& values, Rule rule);

/// The tensors that lead to a softmax of `x` along an axis; the weights themselves are left to the caller.
struct ExponentialNames {
    const char *row_max = "rowMax", *exponentials = "exponentials", *row_sum = "rowSum";
};
void add_exponentials(Trace& trace, const char* x, Size axis, const ExponentialNames& names = {});

/// a, b, y
Trace trace_of(const MatmulOptions<double>& options);
/// x, weight, bias, y
Trace trace_of(const LinearOptions<double>& options);
/// x, tempered (with a temperature other than 1), rowMax, exponentials, rowSum, y, logSoftmax, logsumexp
Trace trace_of(const SoftmaxOptions<double>& options);
/// x, mean, variance, normalised, gamma, beta, y; without gamma and beta y is what is normalised
Trace trace_of(const LayerNormOptions<double>& options);
/// x, rms, normalised, gamma, y
Trace trace_of(const RmsNormOptions<double>& options);
/// x, mean and variance [N, groups], y
Trace trace_of(const GroupNormOptions<double>& options);
/// x, length, y
Trace trace_of(const L2NormalizeOptions<double>& options);
/// x, y, derivative
Trace trace_of(const ActivationOptions<double>& options);
/// table, positions, y
Trace trace_of(const EmbeddingOptions<double>& options);

inline Trace trace_of(const MatmulOptions<float>& o) { return trace_of(MatmulOptions<double>{widened(o.a), widened(o.b)}); }
inline Trace trace_of(const LinearOptions<float>& o) {
    return trace_of(LinearOptions<double>{widened(o.x), widened(o.weight), widened(o.bias)});
}
inline Trace trace_of(const SoftmaxOptions<float>& o) {
    return trace_of(SoftmaxOptions<double>{widened(o.x), o.axis, o.temperature});
}

template <class Function>
struct Signature;
template <class R, class O>
struct Signature<R (*)(const O&)> {
    using Result = R;
    using Options = O;
};

/// The function, with the trace where the options ask for it.
template <auto function>
typename Signature<decltype(function)>::Result traced(const typename Signature<decltype(function)>::Options& o) {
    typename Signature<decltype(function)>::Result r = function(o);
    if (o.trace) r.trace = trace_of(o);
    return r;
}

}  // namespace clearformer
