#pragma once

// How the numbers of multi-head attention come about, for the trace. Indices are [h, t, s] or [h, t, d].

#include "clearformer/trace.hpp"

namespace clearformer {

/// Q[h, t, d] = sum over c of x[t, c] w[c, h D + d]: one head's columns of a projection, w being [C, H D].
Rule projection_rule(const char* x, const char* w, Size C, Size D);

/// S[h, t, s] = q[h, t, :] . k[g, s, :], over D entries; g = h / group is the key head that query head h reads.
Rule score_rule(const char* q, const char* k, Size D, Size group = 1);

/// O[h, t, d] = sum over s of a[h, t, s] v[g, s, d], over S keys; g = h / group.
Rule weighted_sum_rule(const char* a, const char* v, Size S, Size group = 1);

/// -sum of a ln a over a row of weights a[.., s], with 0 ln 0 = 0; divided by ln 2 for bits.
Rule entropy_rule(const char* a, Size S, bool bits = false);

}  // namespace clearformer
