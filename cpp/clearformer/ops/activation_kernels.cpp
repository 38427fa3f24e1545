#include "clearformer/ops/activation.hpp"
#include "clearformer/simd.hpp"

namespace clearformer {
namespace {

constexpr float kRoot = 0.7978845608f, kCubic = 0.044715f;  // sqrt(2 / pi)

/// gelu_tanh is x s with s = (1 + tanh u) / 2 = 1 / (1 + e^(-2 u)), u = kRoot (x + kCubic x³).
void gelu(const float* x, float* y, float* slope) {
    const f32x4 value = f32x4::load(x);
    // From |x| = 20 on s is 0 or 1; bounding x keeps its cube, and what meets 1 - s, finite.
    const f32x4 bounded = min(max(value, f32x4::splat(-20)), f32x4::splat(20)), square = bounded * bounded;
    const f32x4 minus_2u = bounded * multiply_add(f32x4::splat(-2 * kRoot * kCubic), square, f32x4::splat(-2 * kRoot));
    const f32x4 s = f32x4::splat(1) / (f32x4::splat(1) + exp(minus_2u));
    const f32x4 twice_du = multiply_add(f32x4::splat(6 * kRoot * kCubic), square, f32x4::splat(2 * kRoot));
    (value * s).store(y);
    multiply_add(bounded * twice_du, s * (f32x4::splat(1) - s), s).store(slope);
}

bool in_simd(ActivationFunction, const double*, double*, double*, Size) { return false; }

bool in_simd(ActivationFunction f, const float* x, float* y, float* slope, Size n) {
    if (f != find_activation("gelu_tanh")) return false;
    Size i = 0;
    for (; i + 4 <= n; i += 4) gelu(x + i, y + i, slope + i);
    float from[4] = {}, to[4], slopes[4];
    std::copy(x + i, x + n, from);
    gelu(from, to, slopes);
    std::copy_n(to, n - i, y + i);
    std::copy_n(slopes, n - i, slope + i);
    return true;
}

}  // namespace

template <class Real>
void activation_rows(ActivationFunction f, const Real* x, Real* y, Real* slope, Size n) {
    if (in_simd(f, x, y, slope, n)) return;
    for (Size i = 0; i < n; ++i) {
        const ActivationValue value = f(static_cast<double>(x[i]));
        y[i] = static_cast<Real>(value.y);
        slope[i] = static_cast<Real>(value.derivative);
    }
}

template void activation_rows(ActivationFunction, const float*, float*, float*, Size);
template void activation_rows(ActivationFunction, const double*, double*, double*, Size);

}  // namespace clearformer
