#include "clearformer/ops/softmax.hpp"

#include <algorithm>

#include "clearformer/ops/softmax_backward.hpp"
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
    f32x4 highest[4];
    for (f32x4& h : highest) h = f32x4::splat(most);
    Size i = 0;
    for (; i + 16 <= n; i += 16) {
        for (Size c = 0; c < 4; ++c) highest[c] = max(highest[c], f32x4::load(x + i + 4 * c));
    }
    for (; i + 4 <= n; i += 4) highest[0] = max(highest[0], f32x4::load(x + i));
    most = largest(max(max(highest[0], highest[1]), max(highest[2], highest[3])));
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
        const f32x4 power = exp_of_negative(f32x4::load(x + i) - highest);
        power.store(e + i);
        total = total + power;
    }
    if (i < n) {
        float rest[4];
        std::fill_n(rest, 4, kMinusInfinity<float>);
        std::copy(x + i, x + n, rest);
        const f32x4 power = exp_of_negative(f32x4::load(rest) - highest);
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
        for (Size i = 0; i < n; ++i) {
            if (std::isnan(x[i])) sums_.sum = x[i];
        }
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

namespace {

void row_backward(const double* y, const double* dy, double* dx, Size n) {
    double mean = 0;
    for (Size i = 0; i < n; ++i) mean += y[i] * dy[i];
    for (Size i = 0; i < n; ++i) dx[i] = y[i] * (dy[i] - mean);
}

void row_backward(const float* y, const float* dy, float* dx, Size n) {
    f32x4 sums = f32x4::splat(0);
    Size i = 0;
    for (; i + 4 <= n; i += 4) sums = multiply_add(f32x4::load(y + i), f32x4::load(dy + i), sums);
    float mean = sum(sums);
    for (; i < n; ++i) mean += y[i] * dy[i];
    const f32x4 means = f32x4::splat(mean);
    for (i = 0; i + 4 <= n; i += 4) (f32x4::load(y + i) * (f32x4::load(dy + i) - means)).store(dx + i);
    for (; i < n; ++i) dx[i] = y[i] * (dy[i] - mean);
}

}  // namespace

template <class Real>
void softmax_row_backward(const Real* y, const Real* dy, Real* dx, Size n) {
    row_backward(y, dy, dx, n);
}

template class RunningSoftmax<float>;
template class RunningSoftmax<double>;
template RowSums<float> softmax_row(const float*, float*, Size);
template RowSums<double> softmax_row(const double*, double*, Size);
template void softmax_row_backward(const float*, const float*, float*, Size);
template void softmax_row_backward(const double*, const double*, double*, Size);

}  // namespace clearformer
