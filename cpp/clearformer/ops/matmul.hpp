#pragma once

// Y = A B and Y = A Bᵀ.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// a [.. M K], any leading axes counting as more rows; b [K N].
template <class Real>
struct MatmulOptions {
    static constexpr const char* kFunction = "matmul";
    Array<Real> a, b;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("a", a, ".. M K");
        field.required("b", b, "K N");
        field.optional("trace", trace);
    }
};

template <class Real>
struct MatmulResult {
    Array<Real> y;  // [.. M N]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. M N");
        field.optional("trace", trace);
    }
};

/// y[.., m, n] = sum over k of a[.., m, k] b[k, n]; zeros where K is 0. Throws DomainError for shapes that do not fit.
template <class Real>
MatmulResult<Real> matmul(const MatmulOptions<Real>& options);

/// y [m, n] = a [m, k] b [k, n], row-major; lda, ldb, ldy are the distances from one row to the next (at least the width).
/// In double the plain loops, in float the SIMD kernel. y must not overlap a or b.
template <class Real>
void matmul(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy);

/// y [m, n] = a [m, k] bᵀ with b [n, k]: every row of a against every row of b.
template <class Real>
void matmul_transposed(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy);

/// The plain loops, for both types: what the fast kernels must equal.
namespace reference {
template <class Real>
void matmul(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy);
template <class Real>
void matmul_transposed(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy);
}  // namespace reference

}  // namespace clearformer
