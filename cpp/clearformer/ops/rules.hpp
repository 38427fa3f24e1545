#pragma once

// How the numbers of the operations come about, for the trace. Tensors go by their names in the trace (literals);
// `..` in an index stands for any leading axes.

#include "clearformer/trace.hpp"

namespace clearformer {

/// An entry that nothing went into; the words say where it comes from.
Rule given_rule(const char* words);

/// A value made of entries that stand at its own index: operands (symbol, tensor), constants, and steps (symbol, label, expression).
struct EntryRule {
    struct Constant {
        const char *symbol, *name;
        double value;
    };
    const char *words, *formula;
    std::vector<std::array<const char*, 2>> operands;
    std::vector<Constant> constants;
    std::vector<std::array<const char*, 3>> steps;
};
Rule entry_rule(EntryRule recipe);

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

/// y = x divided by a constant called `divisor_name`.
Rule quotient_rule(const char* x, double divisor, const char* divisor_name);

// Softmax in four tensors: m[..] = max of x[.., s], e[.., s] = exp(x - m), Z[..] = sum of e[.., s], weights = e / Z.
// An x of -inf gives e = 0, and a row of nothing else weights of `empty`. `s` is the axis given, or the last.

inline constexpr Size kLastAxis = Shape::kMost;
Rule row_max_rule(const char* x, Size count, Size axis = kLastAxis);
Rule exponential_rule(const char* x, const char* row_max, Size axis = kLastAxis);
Rule row_sum_rule(const char* exponentials, Size count, Size axis = kLastAxis);
Rule normalise_rule(const char* exponentials, const char* row_sum, Size axis = kLastAxis, double empty = 0);
/// ln Z + m; -inf for an empty row.
Rule logsumexp_rule(const char* row_max, const char* row_sum);
/// x - m - ln Z; -inf where x is.
Rule log_softmax_rule(const char* x, const char* row_max, const char* row_sum, Size axis = kLastAxis);

// Normalisation in separate tensors, over rows of `count` entries.

/// mean[..] of x[.., c]
Rule mean_rule(const char* x, Size count);
/// variance[..] = mean of (x[.., c] - mean[..])^2
Rule variance_rule(const char* x, const char* mean, Size count);
/// (x[.., c] - mean[..]) / sqrt(variance[..] + eps)
Rule normalised_rule(const char* x, const char* mean, const char* variance, double eps);
/// The same for an x whose mean and variance stand at another index than its row's.
void write_normalised(Pen& pen, const Index& at, const Index& row, const char* x, const char* mean, const char* variance,
                      double eps);
/// rms[..] = sqrt(mean of x[.., c]^2 + eps)
Rule rms_rule(const char* x, Size count, double eps);
/// x[.., c] / rms[..]
Rule rms_normalised_rule(const char* x, const char* rms);
/// gamma[c] x[.., c] + beta[c], or (1 + gamma[c]) x[.., c] + beta[c] with unit_offset; gamma or beta may be null, not both.
Rule affine_rule(const char* x, const char* gamma, const char* beta, bool unit_offset = false);

/// |x[..]|, the root of the sum of x[.., c]^2.
Rule length_rule(const char* x, Size count);
/// x[.., c] / max(|x[..]|, eps), or 0 where that is 0.
Rule unit_rule(const char* x, const char* length, double eps);

/// y = activation(x) for a name that the activation knows. Throws DomainError for another.
Rule activation_rule(const char* x, const std::string& name);
/// dy/dx there. Throws DomainError for a name that it does not know.
Rule activation_slope_rule(const char* x, const std::string& name);

}  // namespace clearformer
