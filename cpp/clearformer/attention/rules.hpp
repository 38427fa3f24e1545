#pragma once

// How the numbers of multi-head attention come about, for the trace. Indices are [h, t, s] or [h, t, d].

#include "clearformer/trace.hpp"

namespace clearformer {

/// Q[h, t, d] = sum over c of x[t, c] w[c, h D + d]: one head's columns of a projection, w being [C, H D].
Rule projection_rule(const char* x, const char* w, Size C, Size D);

/// S[h, t, s] = q[h, t, :] . k[h, s, :], over D entries.
Rule score_rule(const char* q, const char* k, Size D);

/// O[h, t, d] = sum over s of a[h, t, s] v[h, s, d], over S keys.
Rule weighted_sum_rule(const char* a, const char* v, Size S);

/// -sum of a ln a over a row of weights, with 0 ln 0 = 0.
Rule entropy_rule(const char* a, Size S);

}  // namespace clearformer
