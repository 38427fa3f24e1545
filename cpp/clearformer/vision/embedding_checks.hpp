#pragma once

// What the losses on pairs of embeddings and the diffusion steps ask of their tensors.

#include <cmath>

#include "clearformer/fields.hpp"

namespace clearformer {

inline void check_same_shape(const char* function, const char* a_name, const Array<double>& a, const char* b_name,
                             const Array<double>& b) {
    require(a.shape == b.shape, function, ": ", a_name, " and ", b_name, " must have the same shape, got ", a.shape, " and ",
            b.shape);
}

/// Refuses inputs so large that a result left the range of a double.
inline void check_result(const char* function, const char* what, double value) {
    require(std::isfinite(value), function, ": the values are too large, ", what, " became ", value);
}
inline void check_result(const char* function, const char* what, const Array<double>& values) {
    for (double value : values.data) check_result(function, what, value);
}

/// Rows of length 1 and the lengths they had. A row of zeros has no direction and is refused.
struct UnitRows {
    Array<double> unit;     // [.. C]
    Array<double> lengths;  // [..]
};
UnitRows unit_rows(const char* function, const char* name, const Array<double>& x);

}  // namespace clearformer
