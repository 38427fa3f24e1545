#include "clearformer/ops/matmul.hpp"

#include "clearformer/ops/packed.hpp"
#include "clearformer/simd.hpp"

namespace clearformer {
namespace reference {

template <class Real>
void matmul(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    for (Size i = 0; i < m; ++i) {
        for (Size j = 0; j < n; ++j) {
            Real sum = 0;
            for (Size c = 0; c < k; ++c) sum += a[i * lda + c] * b[c * ldb + j];
            y[i * ldy + j] = sum;
        }
    }
}

template <class Real>
void matmul_transposed(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    for (Size i = 0; i < m; ++i) {
        for (Size j = 0; j < n; ++j) {
            Real sum = 0;
            for (Size c = 0; c < k; ++c) sum += a[i * lda + c] * b[j * ldb + c];
            y[i * ldy + j] = sum;
        }
    }
}

template void matmul(const float*, const float*, float*, Size, Size, Size, Size, Size, Size);
template void matmul(const double*, const double*, double*, Size, Size, Size, Size, Size, Size);
template void matmul_transposed(const float*, const float*, float*, Size, Size, Size, Size, Size, Size);
template void matmul_transposed(const double*, const double*, double*, Size, Size, Size, Size, Size, Size);

}  // namespace reference

namespace {

constexpr Size kFewRows = 4;         // below this, packing costs more than it saves
constexpr Size kColumnBlock = 1024;  // how much of B is packed at a time

/// y += x b, for one row b of n floats
void add_scaled(float x, const float* b, float* y, Size n) {
    const f32x4 factor = f32x4::splat(x);
    Size j = 0;
    for (; j + 4 <= n; j += 4) multiply_add(factor, f32x4::load(b + j), f32x4::load(y + j)).store(y + j);
    for (; j < n; ++j) y[j] += x * b[j];
}

float dot(const float* a, const float* b, Size n) {
    f32x4 even = f32x4::splat(0), odd = even;
    Size i = 0;
    for (; i + 8 <= n; i += 8) {
        even = multiply_add(f32x4::load(a + i), f32x4::load(b + i), even);
        odd = multiply_add(f32x4::load(a + i + 4), f32x4::load(b + i + 4), odd);
    }
    float total = sum(even + odd);
    for (; i < n; ++i) total += a[i] * b[i];
    return total;
}

void multiply(const float* a, const float* b, float* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    if (m < kFewRows) {
        for (Size i = 0; i < m; ++i) {
            std::fill_n(y + i * ldy, n, 0.0f);
            for (Size c = 0; c < k; ++c) add_scaled(a[i * lda + c], b + c * ldb, y + i * ldy, n);
        }
        return;
    }
    for (Size j = 0; j < n; j += kColumnBlock) {
        const Size columns = std::min(kColumnBlock, n - j);
        PackedMatrix::of(b + j, k, columns, ldb).multiply(a, y + j, m, k, columns, lda, ldy);
    }
}

void multiply_transposed(const float* a, const float* b, float* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    if (m < kFewRows) {
        for (Size i = 0; i < m; ++i) {
            for (Size j = 0; j < n; ++j) y[i * ldy + j] = dot(a + i * lda, b + j * ldb, k);
        }
        return;
    }
    for (Size j = 0; j < n; j += kColumnBlock) {
        const Size columns = std::min(kColumnBlock, n - j);
        PackedMatrix::of_transposed(b + j * ldb, k, columns, ldb).multiply(a, y + j, m, k, columns, lda, ldy);
    }
}

}  // namespace

template <>
void matmul(const double* a, const double* b, double* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    reference::matmul(a, b, y, m, k, n, lda, ldb, ldy);
}

template <>
void matmul(const float* a, const float* b, float* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    multiply(a, b, y, m, k, n, lda, ldb, ldy);
}

template <>
void matmul_transposed(const double* a, const double* b, double* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    reference::matmul_transposed(a, b, y, m, k, n, lda, ldb, ldy);
}

template <>
void matmul_transposed(const float* a, const float* b, float* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    multiply_transposed(a, b, y, m, k, n, lda, ldb, ldy);
}

}  // namespace clearformer
