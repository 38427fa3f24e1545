#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/simd.hpp"

namespace clearformer {
namespace {

template <class Real>
struct Spread {
    Real mean, inverse;  // inverse: 1 / sqrt(variance + eps), 0 for a row without spread
};

Spread<double> spread_of(const double* x, Size n, double eps) {
    double sum = 0, squares = 0;
    for (Size i = 0; i < n; ++i) sum += x[i];
    const double mean = sum / static_cast<double>(n);
    for (Size i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
    return {mean, inverse_of(std::sqrt(squares / static_cast<double>(n) + eps))};
}

Spread<float> spread_of(const float* x, Size n, double eps) {
    f32x4 sums = f32x4::splat(0), squares = sums;
    Size i = 0;
    for (; i + 4 <= n; i += 4) sums = sums + f32x4::load(x + i);
    float total = sum(sums);
    for (; i < n; ++i) total += x[i];
    const float mean = total / static_cast<float>(n);
    for (i = 0; i + 4 <= n; i += 4) {
        const f32x4 distance = f32x4::load(x + i) - f32x4::splat(mean);
        squares = multiply_add(distance, distance, squares);
    }
    total = sum(squares);
    for (; i < n; ++i) total += (x[i] - mean) * (x[i] - mean);
    const double variance = static_cast<double>(total) / static_cast<double>(n);
    return {mean, static_cast<float>(inverse_of(std::sqrt(variance + eps)))};
}

void norm_row(const double* x, const double* gamma, const double* beta, double* y, Size c, double eps) {
    const Spread<double> spread = spread_of(x, c, eps);
    for (Size i = 0; i < c; ++i) {
        double value = (x[i] - spread.mean) * spread.inverse;
        if (gamma) value *= gamma[i];
        if (beta) value += beta[i];
        y[i] = value;
    }
}

void norm_row_backward(const double* x, const double* gamma, const double* dy, double* dx, double* d_gamma, double* d_beta,
                       Size c, double eps) {
    const Spread<double> spread = spread_of(x, c, eps);
    const auto normalised = [&](Size i) { return (x[i] - spread.mean) * spread.inverse; };
    const auto scaled = [&](Size i) { return dy[i] * (gamma ? gamma[i] : 1.0); };
    // 1. What shifting and what stretching the row would do; the normalisation undoes both.
    double shift = 0, stretch = 0;
    for (Size i = 0; i < c; ++i) {
        shift += scaled(i);
        stretch += scaled(i) * normalised(i);
    }
    shift /= static_cast<double>(c);
    stretch /= static_cast<double>(c);
    // 2. The rest reaches x.
    for (Size i = 0; i < c; ++i) {
        const double n = normalised(i);
        if (d_gamma) d_gamma[i] += dy[i] * n;
        if (d_beta) d_beta[i] += dy[i];
        dx[i] = (scaled(i) - shift - n * stretch) * spread.inverse;
    }
}

void norm_row(const float* x, const float* gamma, const float* beta, float* y, Size c, double eps) {
    const auto [mean, inverse] = spread_of(x, c, eps);
    Size i = 0;
    for (; i + 4 <= c; i += 4) {
        f32x4 value = (f32x4::load(x + i) - f32x4::splat(mean)) * f32x4::splat(inverse);
        if (gamma) value = value * f32x4::load(gamma + i);
        if (beta) value = value + f32x4::load(beta + i);
        value.store(y + i);
    }
    for (; i < c; ++i) y[i] = (x[i] - mean) * inverse * (gamma ? gamma[i] : 1) + (beta ? beta[i] : 0);
}

void norm_row_backward(const float* x, const float* gamma, const float* dy, float* dx, float* d_gamma, float* d_beta, Size c,
                       double eps) {
    const auto [mean, inverse] = spread_of(x, c, eps);
    const f32x4 center = f32x4::splat(mean), factor = f32x4::splat(inverse);
    const Size whole = c / 4 * 4;
    // 1. As in double: what shifting and what stretching the row would do.
    f32x4 shifts = f32x4::splat(0), stretches = shifts;
    for (Size i = 0; i < whole; i += 4) {
        const f32x4 scaled = gamma ? f32x4::load(dy + i) * f32x4::load(gamma + i) : f32x4::load(dy + i);
        shifts = shifts + scaled;
        stretches = multiply_add(scaled, (f32x4::load(x + i) - center) * factor, stretches);
    }
    float shift = sum(shifts), stretch = sum(stretches);
    for (Size i = whole; i < c; ++i) {
        const float scaled = dy[i] * (gamma ? gamma[i] : 1);
        shift += scaled;
        stretch += scaled * (x[i] - mean) * inverse;
    }
    shift /= static_cast<float>(c);
    stretch /= static_cast<float>(c);
    // 2. The rest reaches x.
    for (Size i = 0; i < whole; i += 4) {
        const f32x4 n = (f32x4::load(x + i) - center) * factor, given = f32x4::load(dy + i);
        if (d_gamma) multiply_add(given, n, f32x4::load(d_gamma + i)).store(d_gamma + i);
        if (d_beta) (f32x4::load(d_beta + i) + given).store(d_beta + i);
        const f32x4 scaled = gamma ? given * f32x4::load(gamma + i) : given;
        (subtract_product(n, f32x4::splat(stretch), scaled - f32x4::splat(shift)) * factor).store(dx + i);
    }
    for (Size i = whole; i < c; ++i) {
        const float n = (x[i] - mean) * inverse, scaled = dy[i] * (gamma ? gamma[i] : 1);
        if (d_gamma) d_gamma[i] += dy[i] * n;
        if (d_beta) d_beta[i] += dy[i];
        dx[i] = (scaled - shift - n * stretch) * inverse;
    }
}

}  // namespace

template <class Real>
void layer_norm_row(const Real* x, const Real* gamma, const Real* beta, Real* y, Size c, double eps) {
    norm_row(x, gamma, beta, y, c, eps);
}

template <class Real>
void layer_norm_row_backward(const Real* x, const Real* gamma, const Real* dy, Real* dx, Real* d_gamma, Real* d_beta, Size c,
                             double eps) {
    norm_row_backward(x, gamma, dy, dx, d_gamma, d_beta, c, eps);
}

#define CLEARFORMER_INSTANTIATE(Real)                                                         \
    template void layer_norm_row(const Real*, const Real*, const Real*, Real*, Size, double); \
    template void layer_norm_row_backward(const Real*, const Real*, const Real*, Real*, Real*, Real*, Size, double);
CLEARFORMER_INSTANTIATE(float)
CLEARFORMER_INSTANTIATE(double)
#undef CLEARFORMER_INSTANTIATE

}  // namespace clearformer
