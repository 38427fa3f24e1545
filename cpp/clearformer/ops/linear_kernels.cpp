#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/packed.hpp"

namespace clearformer {
namespace {

void add_turned(const double* a, const double* b, double* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    for (Size i = 0; i < m; ++i) {
        for (Size j = 0; j < k; ++j) {
            const double x = a[i * lda + j];
            for (Size c = 0; c < n; ++c) y[j * ldy + c] += x * b[i * ldb + c];
        }
    }
}

void add_turned(const float* a, const float* b, float* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    PackedMatrix::of(b, m, n, ldb).multiply_turned(a, y, k, nullptr, lda, ldy, true);
}

}  // namespace

template <class Real>
void add_transposed_product(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy) {
    add_turned(a, b, y, m, k, n, lda, ldb, ldy);
}

void add_to(double* sum, const double* more, Size n) {
    for (Size i = 0; i < n; ++i) sum[i] += more[i];
}

void add_to(float* sum, const float* more, Size n) {
    Size i = 0;
    for (; i + 4 <= n; i += 4) (f32x4::load(sum + i) + f32x4::load(more + i)).store(sum + i);
    for (; i < n; ++i) sum[i] += more[i];
}

void multiply_by(double* product, const double* more, Size n) {
    for (Size i = 0; i < n; ++i) product[i] *= more[i];
}

void multiply_by(float* product, const float* more, Size n) {
    Size i = 0;
    for (; i + 4 <= n; i += 4) (f32x4::load(product + i) * f32x4::load(more + i)).store(product + i);
    for (; i < n; ++i) product[i] *= more[i];
}

template <class Real>
void linear_rows(const Real* x, const Real* weight, const Real* bias, Real* y, Size rows, Size in, Size out) {
    matmul_transposed(x, weight, y, rows, in, out, in, in, out);
    for (Size r = 0; bias && r < rows; ++r) add_to(y + r * out, bias, out);
}

template <class Real>
void linear_rows_backward(const Real* x, const Real* weight, const Real* dy, Real* dx, Real* d_weight, Real* d_bias,
                          Size rows, Size in, Size out) {
    if (dx) matmul(dy, weight, dx, rows, out, in, out, in, in);
    if (d_weight) add_transposed_product(dy, x, d_weight, rows, out, in, out, in, in);
    for (Size r = 0; d_bias && r < rows; ++r) add_to(d_bias, dy + r * out, out);
}

#define CLEARFORMER_INSTANTIATE(Real)                                                                          \
    template void add_transposed_product(const Real*, const Real*, Real*, Size, Size, Size, Size, Size, Size); \
    template void linear_rows(const Real*, const Real*, const Real*, Real*, Size, Size, Size);                 \
    template void linear_rows_backward(const Real*, const Real*, const Real*, Real*, Real*, Real*, Size, Size, Size);
CLEARFORMER_INSTANTIATE(float)
CLEARFORMER_INSTANTIATE(double)
#undef CLEARFORMER_INSTANTIATE

}  // namespace clearformer
