#pragma once

// How the numbers of contrastive losses, diffusion steps and vector quantisation come about, for the trace. Tensors go by
// their names in the trace (literals).

#include <array>

#include "clearformer/ops/rules.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x[.., c] / length[..]
Rule divided_by_length_rule(const char* x, const char* lengths);
/// y[i, j] = scale times the dot product of a[i] and b[j], of `count` entries.
Rule scaled_dot_rule(const char* a, const char* b, double scale, Size count);
/// y[i, j] = x[j, i]
Rule transposed_rule(const char* x);
/// loss[i] = max[i] + log sum[i] - logits[i, i]: minus the logarithm of the softmax of the entry on the diagonal.
Rule diagonal_loss_rule(const char* logits, const char* row_max, const char* row_sum);
/// The mean of two lists of `count` entries: (sum of a + sum of b) / (2 count).
Rule mean_of_both_rule(const char* a, const char* b, Size count);

/// A constant factor of one tensor in a sum.
struct Share {
    const char* tensor;
    double factor;
    const char* factor_name;
};
/// y = the sum of factor times tensor, entry by entry; the words and the formula say which sum it is.
Rule weighted_sum_rule(const char* words, const char* formula, std::vector<Share> shares);

/// y[i, k] = squared distance of z[i] from codebook[k], over `count` entries.
Rule squared_distance_rule(const char* z, const char* codebook, Size count);
/// The column of the smallest of the `count` entries of row i, the first of equals; the trace keeps it as a number.
Rule nearest_rule(const char* distances, Size count);
/// y[i, d] = codebook[index[i], d]
Rule looked_up_rule(const char* codebook, const char* indices);
/// (a - b)^2, entry by entry.
Rule squared_difference_rule(const char* a, const char* b);
/// The mean of all entries of a tensor of the given shape [rows, columns], times `factor`.
Rule mean_of_all_rule(const char* x, Size rows, Size columns);

}  // namespace clearformer
