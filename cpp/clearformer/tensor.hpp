#pragma once

// Containers and the shape letters. The only file that includes xtensor.
//
// B batch · T query length · S key length · C model width (d_model) · D head width (d_k) · H query heads · G key/value heads ·
// L layers · F feed-forward width · V vocabulary · E experts · K chosen experts · P patches

#include <xtensor/xtensor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "clearformer/extents.hpp"

namespace clearformer {

using Shape = Extents;
using Index = Extents;

template <class Real = double>
using Vector = xt::xtensor<Real, 1>;
template <class Real = double>
using Matrix = xt::xtensor<Real, 2>;
template <class Real = double>
using Tensor3 = xt::xtensor<Real, 3>;
template <class Real = double>
using Tensor4 = xt::xtensor<Real, 4>;

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Number of entries of a shape; 1 for the empty shape. Throws DomainError where the product does not fit.
inline Size entries(const Shape& shape) {
    Size count = 1;
    for (Size extent : shape) {
        require(extent == 0 || count <= std::numeric_limits<Size>::max() / extent, "tensor: shape ", shape, " is too large");
        count *= extent;
    }
    return count;
}

/// No single tensor may need more than this; larger ones are refused before anything is allocated.
inline constexpr double kMostBytes = 1073741824.0;  // 1 GiB

/// The same for an empty tensor, whose empty axes count as 1: what loops over the others, or makes room for one row, must come to an
/// end too.
inline constexpr double kMostEmptyBytes = 134217728.0;

inline void check_bytes(const std::string& what, const Shape& shape, Size bytes_per_value) {
    double bytes = static_cast<double>(bytes_per_value);
    bool empty = false;
    for (Size extent : shape) {
        empty = empty || extent == 0;
        bytes *= static_cast<double>(std::max<Size>(extent, 1));
    }
    const double most = empty ? kMostEmptyBytes : kMostBytes;
    require(bytes <= most, what, ": shape ", shape, empty ? " without its empty axes" : "", " would need ", bytes,
            " bytes; at most ", most, " are allowed");
}

/// A tensor whose rank is known only at run time: a shape and its values, row-major. What crosses the boundary.
/// Functions that work along one axis take it as rows; functions of fixed rank copy it into Vector .. Tensor4.
template <class Real = double>
struct Array {
    Shape shape;
    std::vector<Real> data;

    Array() = default;
    explicit Array(Shape s, Real value = Real(0)) : shape(std::move(s)) {
        check_bytes("tensor", shape, sizeof(Real));
        data.assign(entries(shape), value);
    }
    Array(Shape s, std::vector<Real> values) : shape(std::move(s)), data(std::move(values)) {
        require(data.size() == entries(shape), "tensor: shape ", shape, " needs ", entries(shape), " values, got ",
                data.size());
    }

    Size rank() const { return shape.size(); }
    Size size() const { return data.size(); }
    bool empty() const { return data.empty(); }
    /// Extent of the last axis (1 for a scalar).
    Size width() const { return shape.empty() ? 1 : shape.back(); }
    /// Number of rows when every axis but the last is flattened.
    Size rows() const { return width() == 0 ? 0 : data.size() / width(); }
    Real* row(Size r) { return data.data() + r * width(); }
    const Real* row(Size r) const { return data.data() + r * width(); }

    /// Position of an index in `data`. Throws DomainError when it lies outside the shape.
    Size offset(const Index& index) const {
        require(index.size() == shape.size(), "tensor: an index into ", shape, " needs ", shape.size(), " numbers, got ",
                index);
        Size position = 0;
        for (Size axis = 0; axis < shape.size(); ++axis) {
            require(index[axis] < shape[axis], "tensor: index ", index, " lies outside the shape ", shape);
            position = position * shape[axis] + index[axis];
        }
        return position;
    }
    Real& at(const Index& index) { return data[offset(index)]; }
    Real at(const Index& index) const { return data[offset(index)]; }
};

/// The xtensor of rank N with the same shape and values.
template <std::size_t N, class Real>
xt::xtensor<Real, N> fixed(const Array<Real>& array) {
    require(array.rank() == N, "tensor: expected ", N, " axes, got shape ", array.shape);
    std::array<Size, N> shape{};
    for (Size axis = 0; axis < N; ++axis) shape[axis] = array.shape[axis];
    xt::xtensor<Real, N> tensor(shape);
    std::copy(array.data.begin(), array.data.end(), tensor.data());
    return tensor;
}

/// The Array with the same shape and values.
template <class Real, std::size_t N>
Array<Real> to_array(const xt::xtensor<Real, N>& tensor) {
    return Array<Real>(Shape(tensor.shape().begin(), tensor.shape().end()),
                       std::vector<Real>(tensor.data(), tensor.data() + tensor.size()));
}

}  // namespace clearformer
