#pragma once

// What the functions on images share.

#include "clearformer/fields.hpp"

namespace clearformer::vision {

/// A product of extents as a tensor could have it, counted in double so that it cannot wrap.
inline double product(std::initializer_list<Size> extents) {
    double count = 1;
    for (Size extent : extents) count *= static_cast<double>(extent);
    return count;
}

/// An option from `least` to `most`, as a Size.
inline Size extent_of(const char* function, const char* option, int value, int least, int most) {
    require(value >= least && value <= most, function, ": ", option, " must be from ", least, " to ", most, ", got ", value);
    return static_cast<Size>(value);
}

inline constexpr int kMostExtent = 65536;

inline int to_int(Size value) { return static_cast<int>(value); }

}  // namespace clearformer::vision
