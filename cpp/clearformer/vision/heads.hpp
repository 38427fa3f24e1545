#pragma once

// The heads of one attention layer, as columns and as matrices of their own.

#include "clearformer/tensor.hpp"

namespace clearformer::vision {

/// heads as a Size. Throws DomainError where it does not divide C.
inline Size check_heads(const char* function, int heads, Size C) {
    require(heads >= 1 && C % static_cast<Size>(heads) == 0, function, ": heads must divide the width, got ", heads,
            " heads and a width of ", C);
    return static_cast<Size>(heads);
}

/// Columns first .. first + C - 1 of x [T, ..] as [heads, T, C / heads].
Array<double> split_heads(const Array<double>& x, Size first, Size C, Size heads);

/// x [heads, T, D] as [T, heads D].
Array<double> join_heads(const Array<double>& x);

}  // namespace clearformer::vision
