#pragma once

// The heads of an attention layer: columns of one matrix, or matrices of their own.

#include <algorithm>

#include "clearformer/tensor.hpp"

namespace clearformer {

/// Columns first .. first + C - 1 of x [T, ..] as [heads, T, C / heads].
template <class Real>
Array<Real> split_heads(const Array<Real>& x, Size first, Size C, Size heads) {
    const Size T = x.rows(), D = C / heads;
    Array<Real> y({heads, T, D});
    for (Size h = 0; h < heads; ++h) {
        for (Size t = 0; t < T; ++t) std::copy_n(x.row(t) + first + h * D, D, y.row(h * T + t));
    }
    return y;
}

/// x [T, C] as [heads, T, C / heads].
template <class Real>
Array<Real> split_heads(const Array<Real>& x, Size heads) {
    return split_heads(x, 0, x.width(), heads);
}

/// x [heads, T, D] as [T, heads D].
template <class Real>
Array<Real> join_heads(const Array<Real>& x) {
    const Size heads = x.shape[0], T = x.shape[1], D = x.shape[2];
    Array<Real> y({T, heads * D});
    for (Size h = 0; h < heads; ++h) {
        for (Size t = 0; t < T; ++t) std::copy_n(x.row(h * T + t), D, y.row(t) + h * D);
    }
    return y;
}

/// Rows first .. first + count - 1 of a matrix, or the same stretch of a vector: one part of stacked projections.
template <class Real>
Array<Real> rows_of(const Array<Real>& a, Size first, Size count) {
    const Size step = a.rank() == 1 ? 1 : a.width();
    Shape shape = a.shape;
    shape[0] = count;
    const Real* begin = a.data.data() + first * step;
    return {shape, std::vector<Real>(begin, begin + count * step)};
}

}  // namespace clearformer
