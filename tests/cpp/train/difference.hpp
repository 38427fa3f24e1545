#pragma once

// Central differences: what a gradient must equal.

#include "support.hpp"

namespace clearformer::testing {

inline double dot(const Array<double>& a, const Array<double>& b) {
    double sum = 0;
    for (Size i = 0; i < a.size(); ++i) sum += a.data[i] * b.data[i];
    return sum;
}

/// Checks every entry of `gradient` against (f at x + h - f at x - h) / 2 h, x being one of the inputs of f.
template <class Function>
void check_gradient(const char* what, Array<double>& x, const Array<double>& gradient, Function f, double tolerance = 1e-7) {
    CAPTURE(what);
    constexpr double kStep = 1e-5;
    REQUIRE(gradient.shape == x.shape);
    for (Size i = 0; i < x.size(); ++i) {
        const double before = x.data[i];
        x.data[i] = before + kStep;
        const double high = f();
        x.data[i] = before - kStep;
        const double low = f();
        x.data[i] = before;
        const double slope = (high - low) / (2 * kStep);
        CHECK_MESSAGE(std::fabs(gradient.data[i] - slope) < tolerance * (1 + std::fabs(slope)), "entry ", i, ": ",
                      gradient.data[i], " instead of ", slope);
    }
}

}  // namespace clearformer::testing
