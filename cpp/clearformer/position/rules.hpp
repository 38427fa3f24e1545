#pragma once

// How the numbers of the position encodings come about, for the trace.

#include <optional>

#include "clearformer/trace.hpp"

namespace clearformer {

/// How a rotation pairs its features, as RopeOptions says it.
struct Rotation {
    std::vector<double> positions;  // T
    Size rotary_dim = 0;
    double theta = 10000;
    bool interleaved = false;
    std::vector<double> frequencies = {};      // of the pairs; empty: theta^(-2 i / rotary_dim)
    double attention_factor = 1;               // on cosine and sine
    std::optional<bool> out_interleaved = {};  // where the pairs are left; default: where they were
};

/// One entry of x [.. T D] rotated: its pair and the cosine and sine of its angle go in; a feature beyond rotary_dim
/// is passed through.
Rule rotation_rule(const char* x, Rotation rotation);

/// theta^(-2 i / dim) for i = numbers[..]: a frequency.
Rule frequency_rule(double theta, Size dim, std::vector<Size> numbers);

/// One entry of the sinusoidal table [T, dim], in the interleaved or the concatenated layout.
Rule sinusoid_rule(Size dim, bool concatenated = false);

}  // namespace clearformer
