#pragma once

// How the numbers of quantisation, of adapters and of the singular value decomposition come about, for the trace.

#include "clearformer/ops/rules.hpp"
#include "clearformer/quantization/granularity.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// Adds a tensor to a trace: an input, of which `words` says where it comes from.
void add_input(Trace& trace, Label label, const Array<double>& values, const char* words);
void add_node(Trace& trace, Label label, const Array<double>& values, Rule rule);

/// The largest magnitude among the entries that share a scale.
Rule largest_magnitude_rule(const char* x, const Granularity& shared);
/// The least (or the largest) entry that shares a scale, and 0 with `with_zero`.
Rule least_rule(const char* x, const Granularity& shared, bool with_zero);
Rule largest_rule(const char* x, const Granularity& shared, bool with_zero);

/// What one code step is worth: (high - low) / steps, |high| where the two are equal.
Rule step_rule(const char* low, const char* high, double steps);
/// The code of 0: qmin - low / scale, rounded; qmin where the scale is 0.
Rule zero_point_rule(const char* low, const char* scale, const char* zero_point, double qmin);

/// The code of an entry, which `q` holds: x / scale, rounded and clipped, plus the code of 0 where there is one (else
/// null).
Rule code_rule(const char* x, const char* scale, const char* zero_point, const char* q, const Granularity& shared);
/// (q - zero point) scale; zero_point may be null.
Rule dequantised_rule(const char* q, const char* scale, const char* zero_point, const Granularity& shared);
/// What quantising lost: x - y.
Rule difference_rule(const char* x, const char* y);

/// The largest magnitude of a run of `block` neighbours of x, row-major.
Rule block_absmax_rule(const char* x, Shape shape, Size block);
/// x of a shape, divided by the largest magnitude of its block.
Rule normalised_in_block_rule(const char* x, const char* absmax, Size block, Shape shape);
/// The code whose value in `table` [16] lies nearest.
Rule nearest_code_rule(const char* normalised, const char* table, const char* q);
/// table[q] scale.
Rule table_rule(const char* q, const char* table, const char* scale, Size block, Shape shape);

/// The mean of a whole vector [count]; the result has shape [].
Rule mean_of_all_rule(const char* x, Size count);
/// max |x - mean| / largest over runs of `run` of `count` entries.
Rule outer_scale_rule(const char* x, const char* mean, Size count, Size run, double largest);
/// (x - mean) / outer scale, rounded to the format that `codes` is in.
Rule scale_code_rule(const char* x, const char* mean, const char* outer, const char* codes, Size run);
/// mean + code times outer scale.
Rule restored_scale_rule(const char* codes, const char* mean, const char* outer, Size run);

/// The length of a row of `count` entries.
Rule row_length_rule(const char* x, Size count);
/// Each row brought from its length to its magnitude: m v / n.
Rule magnitude_rule(const char* v, const char* norms, const char* magnitude);

/// The length of a column of `count` entries.
Rule column_length_rule(const char* x, Size count);
/// A column divided by its length; where that is 0 (or rounding), the vector that `u` holds there.
Rule unit_column_rule(const char* x, const char* lengths, const char* u);
/// The sum over the first `rank` of u[m, k] s[k] v[n, k].
Rule reconstruction_rule(const char* u, const char* s, const char* v, Size rank);
/// The root of the sum of squares of s from the index on.
Rule left_out_rule(const char* s, Size count);

}  // namespace clearformer
