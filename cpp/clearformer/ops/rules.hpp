#pragma once

// How the numbers of the operations come about, for the trace. Tensors go by their names in the trace (literals);
// `..` in an index stands for any leading axes.

#include "clearformer/trace.hpp"

namespace clearformer {

/// An entry that nothing went into; the words say where it comes from.
Rule given_rule(const char* words);

/// y[.., n] = sum over k of a[.., k] b[k, n], over `inner` entries.
Rule matmul_rule(const char* a, const char* b, Size inner);

/// y[.., n] = sum over c of x[.., c] weight[n, c] + bias[n], over `inner` entries; bias may be null.
Rule linear_rule(const char* x, const char* weight, const char* bias, Size inner);

/// y = a + b, entry by entry: a residual sum.
Rule add_rule(const char* a, const char* b);

/// y = x times a constant called `factor_name`.
Rule scale_rule(const char* x, double factor, const char* factor_name);

/// y[t] = table[tokens[t]], plus positions[t] unless that is null.
Rule embedding_rule(const char* table, const char* positions, std::vector<int> tokens);

// Softmax in four tensors: m[..] = max of x[.., s], e[.., s] = exp(x - m), Z[..] = sum of e[.., s], weights = e / Z.
// An x of -inf gives e = 0, and a row of nothing else weights of 0.

Rule row_max_rule(const char* x, Size count);
Rule exponential_rule(const char* x, const char* row_max);
Rule row_sum_rule(const char* exponentials, Size count);
Rule normalise_rule(const char* exponentials, const char* row_sum);

// Normalisation in separate tensors, over rows of `count` entries.

/// mean[..] of x[.., c]
Rule mean_rule(const char* x, Size count);
/// variance[..] = mean of (x[.., c] - mean[..])^2
Rule variance_rule(const char* x, const char* mean, Size count);
/// (x[.., c] - mean[..]) / sqrt(variance[..] + eps)
Rule normalised_rule(const char* x, const char* mean, const char* variance, double eps);
/// rms[..] = sqrt(mean of x[.., c]^2 + eps)
Rule rms_rule(const char* x, Size count, double eps);
/// x[.., c] / rms[..]
Rule rms_normalised_rule(const char* x, const char* rms);
/// gamma[c] x[.., c] + beta[c], or (1 + gamma[c]) x[.., c] + beta[c] with unit_offset; gamma or beta may be null, not both.
Rule affine_rule(const char* x, const char* gamma, const char* beta, bool unit_offset = false);

/// y = activation(x) for a name that the activation knows. Throws DomainError for another.
Rule activation_rule(const char* x, const std::string& name);

}  // namespace clearformer
