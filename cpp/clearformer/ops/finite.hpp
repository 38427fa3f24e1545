#pragma once

// What backward functions check besides their shape letters.

#include "clearformer/tensor.hpp"

namespace clearformer {

/// Throws DomainError unless `shape` is the one expected: "linear_backward: dy must have the shape of y, [2, 3], got [3]".
void check_same_shape(const char* function, const char* what, const Shape& shape, const char* of, const Shape& expected);

/// Throws DomainError where an entry became infinite or NaN: the numbers that went in were too large for a double.
void check_finite(const char* function, const char* what, const double* values, Size count);
inline void check_finite(const char* function, const char* what, const Array<double>& array) {
    check_finite(function, what, array.data.data(), array.size());
}

}  // namespace clearformer
