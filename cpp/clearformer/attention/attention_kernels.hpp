#pragma once

// Attention of one head in float32 at full speed.

#include <optional>

#include "clearformer/ops/packed.hpp"

namespace clearformer {

/// What a row of weights is when no key is visible.
enum class MaskedRow { kZeros, kUniform, kNans };

/// One query head over the keys and values of one key/value head. What has a default may be left out, but for output.
///
/// 1. scores = scale * q kᵀ, the panels of keys that no query of a strip sees left out;
/// 2. softcap, bias, slope, as AttentionOptions orders them;
/// 3. softmax of each row over its visible keys, while it is in the cache;
/// 4. output = weights v, only over the keys that the strip sees.
///
/// Rows are computed in blocks of PackedMatrix::kRowBlock. Without `weights` they live in scratch of one block and the rows of the output
/// are divided by their sums instead of the weights: long sequences need no T x S matrix.
struct HeadAttention {
    Size T, S, D, Dv;
    const float *q, *k, *v;  // [T, D], [S, D], [S, Dv]
    float scale;
    const Range* visible;  // [T]: where the keys lie that a query may see

    const PackedMatrix* packed_k = nullptr;  // scale * kᵀ; packed here when there are enough rows and none is given
    const PackedMatrix* packed_v = nullptr;  // v, likewise

    const float* bias = nullptr;  // [T, S]
    float softcap = 0;            // 0: none
    double slope = 0;             // minus slope * (t + offset - s)
    double offset = 0;
    const float* sink = nullptr;  // one logit more in the denominator
    const char* allow = nullptr;  // [T, S]: which of the keys in `visible` are; all when left out
    MaskedRow masked_row = MaskedRow::kZeros;

    float* logits = nullptr;   // [T, S]: after 2, of all keys
    float* weights = nullptr;  // [T, S]
    float* output = nullptr;   // [T, Dv]
};

/// Throws DomainError for a logit that is +inf or NaN, among the visible ones or, with `logits`, among all; `head` names it.
void attend(const HeadAttention& problem, Size head = 0);

/// Whether packing the keys and values pays for so many rows of queries.
bool packing_pays(Size queries);

}  // namespace clearformer
