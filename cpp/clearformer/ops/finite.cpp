#include "clearformer/ops/finite.hpp"

#include <cmath>

namespace clearformer {

void check_same_shape(const char* function, const char* what, const Shape& shape, const char* of, const Shape& expected) {
    require(shape == expected, function, ": ", what, " must have the shape of ", of, ", ", expected, ", got ", shape);
}

void check_finite(const char* function, const char* what, const double* values, Size count) {
    for (Size i = 0; i < count; ++i) {
        require(std::isfinite(values[i]), function, ": the numbers are too large, entry ", i, " of ", what, " became ",
                values[i]);
    }
}

}  // namespace clearformer
