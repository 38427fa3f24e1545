#pragma once

// How the numbers of a mixture of experts come about, for the trace. Tensors go by their names in the trace (literals).
// `indices` is the tensor [T, K] of chosen experts; a rule keeps its own copy, so a choice never has to be read off the
// trace.

#include "clearformer/tensor.hpp"
#include "clearformer/trace.hpp"

namespace clearformer::moe {

/// y[t, i] = x[t, the i-th chosen expert of t].
Rule chosen_rule(const char* x, const Array<double>& indices);

/// y[t] = sum over i of x[t, i], over `count` entries; `words` says what it is the sum of.
Rule total_rule(const char* x, Size count, const char* words);

/// y[t, i] = (x[t, i] / (total[t] + eps)) * scale.
Rule share_rule(const char* x, const char* total, double eps = 0, double scale = 1);

/// y = x / divisor.
Rule divide_rule(const char* x, double divisor, const char* divisor_name);

/// y = a * b, entry by entry.
Rule product_rule(const char* a, const char* b);

/// y[t, i, n] = sum over c of x[t, c] w[e, n, c], e being the i-th chosen expert of t; with `per_choice` x is [T, K, C] and
/// read at [t, i, c].
Rule expert_linear_rule(const char* x, const char* w, const Array<double>& indices, Size inner, bool per_choice);

/// y[s, n] = sum over c of x[s, c] w[s / slots_per_expert, n, c].
Rule slot_linear_rule(const char* x, const char* w, Size slots_per_expert, Size inner);

/// y[t, c] = sum over i of weights[t, i] outputs[t, i, c], over K choices.
Rule weighted_outputs_rule(const char* weights, const char* outputs, Size K);

/// y[t, c] = gate[t, 0] * x[t, c].
Rule gated_rule(const char* gate, const char* x);

/// y[s, t] = x[t, s].
Rule transpose_rule(const char* x);

/// y[g] = sum of x[t, e] over the `best` largest entries e of group g; groups have `members` neighbours.
Rule group_score_rule(const char* x, Size members, Size best);

/// y[t, e] = x[t, e] + bias[e].
Rule bias_rule(const char* x, const char* bias);

/// 1 where x[t, e] is the largest entry of its row (the first of several), else 0; over E entries.
Rule largest_rule(const char* x, Size E);

/// y[e] = mean over t of x[t, e], over T rows.
Rule column_mean_rule(const char* x, Size T, const char* words);

/// E times the sum over e of f[e] p[e].
Rule balance_rule(const char* f, const char* p, Size E);

}  // namespace clearformer::moe
