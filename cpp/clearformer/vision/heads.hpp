#pragma once

// How many heads a vision layer may have.

#include "clearformer/attention/heads.hpp"

namespace clearformer::vision {

/// heads as a Size. Throws DomainError where it does not divide C.
inline Size check_heads(const char* function, int heads, Size C) {
    require(heads >= 1 && C % static_cast<Size>(heads) == 0, function, ": heads must divide the width, got ", heads,
            " heads and a width of ", C);
    return static_cast<Size>(heads);
}

}  // namespace clearformer::vision
