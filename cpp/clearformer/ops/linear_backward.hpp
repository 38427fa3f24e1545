#pragma once

// Gradients of the linear layer and of the matrix product.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C], weight [N, C], bias [N] or none; dy [.. N].
struct LinearBackwardOptions {
    static constexpr const char* kFunction = "linear_backward";
    Array<double> x, weight;
    std::optional<Array<double>> bias;
    Array<double> dy;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("weight", weight, "N C");
        field.optional("bias", bias, "N");
        field.required("dy", dy, ".. N");
        field.optional("trace", trace);
    }
};

struct LinearBackwardResult {
    Array<double> y;                      // [.. N] what linear gives
    Array<double> dx;                     // [.. C]
    Array<double> d_weight;               // [N, C]
    std::optional<Array<double>> d_bias;  // [N] where there is a bias
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. N");
        field.required("dx", dx, ".. C");
        field.required("d_weight", d_weight, "N C");
        field.optional("d_bias", d_bias, "N");
        field.optional("trace", trace);
    }
};

/// y = x Wᵀ + b. dx = dy W, dW = dyᵀ x and db = the sum of the rows of dy, all leading axes counting as rows
/// (Goodfellow et al. 2016, section 6.5.6). Throws DomainError for shapes that do not fit.
LinearBackwardResult linear_backward(const LinearBackwardOptions& options);

/// a [.. M K], b [K N]; dy [.. M N].
struct MatmulBackwardOptions {
    static constexpr const char* kFunction = "matmul_backward";
    Array<double> a, b, dy;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("a", a, ".. M K");
        field.required("b", b, "K N");
        field.required("dy", dy, ".. M N");
        field.optional("trace", trace);
    }
};

struct MatmulBackwardResult {
    Array<double> y;   // [.. M N] what matmul gives
    Array<double> da;  // [.. M K]
    Array<double> db;  // [K N]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. M N");
        field.required("da", da, ".. M K");
        field.required("db", db, "K N");
        field.optional("trace", trace);
    }
};

/// y = a b. da = dy bᵀ and db = aᵀ dy, summed over the leading axes of a. Throws DomainError for shapes that do not fit.
MatmulBackwardResult matmul_backward(const MatmulBackwardOptions& options);

/// sum [n] += more, and product [n] *= more
void add_to(double* sum, const double* more, Size n);
void add_to(float* sum, const float* more, Size n);
void multiply_by(double* product, const double* more, Size n);
void multiply_by(float* product, const float* more, Size n);

/// y [k, n] += aᵀ b with a [m, k] and b [m, n]; lda, ldb, ldy are the distances from one row to the next.
/// In double a plain loop, in float the SIMD kernel; likewise the two below.
template <class Real>
void add_transposed_product(const Real* a, const Real* b, Real* y, Size m, Size k, Size n, Size lda, Size ldb, Size ldy);

/// The linear layer on rows: x [rows, in], weight [out, in], bias [out] or null, y [rows, out].
template <class Real>
void linear_rows(const Real* x, const Real* weight, const Real* bias, Real* y, Size rows, Size in, Size out);

/// Its gradients: dx [rows, in] is written, d_weight [out, in] and d_bias [out] are added to. Any of the three may be null.
template <class Real>
void linear_rows_backward(const Real* x, const Real* weight, const Real* dy, Real* dx, Real* d_weight, Real* d_bias,
                          Size rows, Size in, Size out);

}  // namespace clearformer
