#include "clearformer/ops/softmax.hpp"

#include <algorithm>

#include "clearformer/simd.hpp"

namespace clearformer {
namespace {

template <class Real>
constexpr Real kMinusInfinity = -std::numeric_limits<Real>::infinity();

double row_maximum(const double* x, Size n, double most) {
    for (Size i = 0; i < n; ++i) most = std::max(most, x[i]);
    return most;
}

float row_maximum(const float* x, Size n, float most) {
    f32x4 highest = f32x4::splat(most);
    Size i = 0;
    for (; i + 4 <= n; i += 4) highest = max(highest, f32x4::load(x + i));
    most = largest(highest);
    for (; i < n; ++i) most = std::max(most, x[i]);
    return most;
}

/// e [n] = exp(x - maximum); returns their sum.
double exponentials(const double* x, double* e, Size n, double maximum) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) sum += e[i] = std::exp(x[i] - maximum);
    return sum;
}

float exponentials(const float* x, float* e, Size n, float maximum) {
    const f32x4 highest = f32x4::splat(maximum);
    f32x4 total = f32x4::splat(0);
    Size i = 0;
    for (; i + 4 <= n; i += 4) {
        const f32x4 power = exp(f32x4::load(x + i) - highest);
        power.store(e + i);
        total = total + power;
    }
    if (i < n) {
        float rest[4];
        std::fill_n(rest, 4, kMinusInfinity<float>);
        std::copy(x + i, x + n, rest);
        const f32x4 power = exp(f32x4::load(rest) - highest);
        power.store(rest);
        std::copy_n(rest, n - i, e + i);
        total = total + power;
    }
    return sum(total);
}

void scale(double* y, Size n, double divisor) {
    for (Size i = 0; i < n; ++i) y[i] /= divisor;
}

void scale(float* y, Size n, float divisor) {
    const f32x4 factor = f32x4::splat(1 / divisor);
    Size i = 0;
    for (; i + 4 <= n; i += 4) (f32x4::load(y + i) * factor).store(y + i);
    for (; i < n; ++i) y[i] *= 1 / divisor;
}

}  // namespace

namespace reference {

template <class Real>
RowSums<Real> softmax_row(const Real* x, Real* y, Size n) {
    RowSums<Real> row;
    for (Size i = 0; i < n; ++i) row.maximum = std::max(row.maximum, x[i]);
    if (row.maximum == kMinusInfinity<Real>) {
        std::fill_n(y, n, Real(0));
        return row;
    }
    for (Size i = 0; i < n; ++i) row.sum += y[i] = std::exp(x[i] - row.maximum);
    for (Size i = 0; i < n; ++i) y[i] /= row.sum;
    return row;
}

template RowSums<float> softmax_row(const float*, float*, Size);
template RowSums<double> softmax_row(const double*, double*, Size);

}  // namespace reference

template <class Real>
Real RunningSoftmax<Real>::extend(const Real* x, Real* e, Size n) {
    const Real maximum = row_maximum(x, n, sums_.maximum);
    if (maximum == kMinusInfinity<Real>) {
        std::fill_n(e, n, Real(0));
        return 1;
    }
    const Real factor = std::exp(sums_.maximum - maximum);
    sums_.sum = sums_.sum * factor + exponentials(x, e, n, maximum);
    sums_.maximum = maximum;
    return factor;
}

template <class Real>
RowSums<Real> softmax_row(const Real* x, Real* y, Size n) {
    RunningSoftmax<Real> row;
    row.extend(x, y, n);
    if (row.sums().sum > 0) scale(y, n, row.sums().sum);
    return row.sums();
}

template <class Real>
SoftmaxResult<Real> softmax(const SoftmaxOptions<Real>& o) {
    check_shapes(o);
    const int rank = static_cast<int>(o.x.rank());
    require(rank >= 1, "softmax: x must have at least one axis, got a single number");
    require(o.axis >= -rank && o.axis < rank, "softmax: axis must be from ", -rank, " to ", rank - 1, ", got ", o.axis);
    require(std::isfinite(o.temperature) && o.temperature > 0, "softmax: temperature must be above 0, got ", o.temperature);
    const Size axis = static_cast<Size>(o.axis < 0 ? o.axis + rank : o.axis);
    Shape reduced = o.x.shape;
    reduced.erase(reduced.begin() + static_cast<std::ptrdiff_t>(axis));
    SoftmaxResult<Real> r{o.x, o.x, Array<Real>(reduced)};
    const Size length = o.x.shape[axis];
    Size stride = 1;
    for (Size i = axis + 1; i < o.x.rank(); ++i) stride *= o.x.shape[i];
    std::vector<Real> x(length), y(length);
    for (Size row = 0; row < r.logsumexp.size(); ++row) {
        const Size first = row / stride * stride * length + row % stride;
        for (Size i = 0; i < length; ++i) {
            x[i] = static_cast<Real>(o.x.data[first + i * stride] / o.temperature);
            require(x[i] < std::numeric_limits<Real>::infinity(),
                    "softmax: logits / temperature must be numbers below +inf, got ", x[i]);
        }
        const RowSums<Real> sums = softmax_row(x.data(), y.data(), length);
        const Real log_sum = std::log(sums.sum);
        r.logsumexp.data[row] = sums.logsumexp();
        for (Size i = 0; i < length; ++i) {
            r.y.data[first + i * stride] = y[i];
            r.log_softmax.data[first + i * stride] = sums.sum > 0 ? x[i] - sums.maximum - log_sum : kMinusInfinity<Real>;
        }
    }
    return r;
}

template class RunningSoftmax<float>;
template class RunningSoftmax<double>;
template RowSums<float> softmax_row(const float*, float*, Size);
template RowSums<double> softmax_row(const double*, double*, Size);
template SoftmaxResult<float> softmax(const SoftmaxOptions<float>&);
template SoftmaxResult<double> softmax(const SoftmaxOptions<double>&);

}  // namespace clearformer
