#pragma once

// Gradients of the normalisations. A row whose divisor is 0 (no spread, with eps 0) has no derivative there; it gets 0.

#include <cmath>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C], gamma and beta [C] or none; dy as x.
struct LayerNormBackwardOptions {
    static constexpr const char* kFunction = "layer_norm_backward";
    Array<double> x;
    std::optional<Array<double>> gamma, beta;
    Array<double> dy;
    double eps = 1e-5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("gamma", gamma, "C");
        field.optional("beta", beta, "C");
        field.required("dy", dy, ".. C");
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

struct LayerNormBackwardResult {
    Array<double> y;        // [.. C] what layer_norm gives
    Array<double> dx;       // [.. C]
    Array<double> d_gamma;  // [C]
    Array<double> d_beta;   // [C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. C");
        field.required("dx", dx, ".. C");
        field.required("d_gamma", d_gamma, "C");
        field.required("d_beta", d_beta, "C");
        field.optional("trace", trace);
    }
};

/// With n = (x - mean) / sqrt(variance + eps) and g = gamma dy, over each row of C entries:
/// dx = (g - mean of g - n mean of (g n)) / sqrt(variance + eps); d_gamma = sum over the rows of dy n, d_beta = that of dy.
/// (The chain rule through equations 3 of Ba et al. 2016.) Without gamma or beta, the gradients are those at gamma 1, beta 0.
/// Throws DomainError as layer_norm does, and for a dy of another shape.
LayerNormBackwardResult layer_norm_backward(const LayerNormBackwardOptions& options);

/// x [.. C], gamma [C] or none; dy as x.
struct RmsNormBackwardOptions {
    static constexpr const char* kFunction = "rms_norm_backward";
    Array<double> x;
    std::optional<Array<double>> gamma;
    Array<double> dy;
    double eps = 1e-6;
    bool unit_offset = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("gamma", gamma, "C");
        field.required("dy", dy, ".. C");
        field.optional("eps", eps);
        field.optional("unit_offset", unit_offset);
        field.optional("trace", trace);
    }
};

struct RmsNormBackwardResult {
    Array<double> y;        // [.. C] what rms_norm gives
    Array<double> dx;       // [.. C]
    Array<double> d_gamma;  // [C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. C");
        field.required("dx", dx, ".. C");
        field.required("d_gamma", d_gamma, "C");
        field.optional("trace", trace);
    }
};

/// With n = x / rms and g = gamma dy (or (1 + gamma) dy with unit_offset): dx = (g - n mean of (g n)) / rms, d_gamma = sum
/// over the rows of dy n. (The chain rule through equation 4 of Zhang and Sennrich 2019.)
/// Throws DomainError as rms_norm does, and for a dy of another shape.
RmsNormBackwardResult rms_norm_backward(const RmsNormBackwardOptions& options);

/// x [N, Ch, ..], its channels in `groups` runs of neighbours; dy as x.
struct GroupNormBackwardOptions {
    static constexpr const char* kFunction = "group_norm_backward";
    Array<double> x, dy;
    int groups = 1;
    double eps = 1e-5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..");
        field.required("dy", dy, "..");
        field.required("groups", groups);
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

struct NormBackwardResult {
    Array<double> y;   // as x: what the forward function gives
    Array<double> dx;  // as x
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("dx", dx, "..");
        field.optional("trace", trace);
    }
};

/// Over each group as layer_norm_backward over a row, without gamma and beta (Wu and He 2018).
/// Throws DomainError as group_norm does, and for a dy of another shape.
NormBackwardResult group_norm_backward(const GroupNormBackwardOptions& options);

/// x [.. C]; dy as x.
struct L2NormalizeBackwardOptions {
    static constexpr const char* kFunction = "l2_normalize_backward";
    Array<double> x, dy;
    double eps = 1e-12;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("dy", dy, ".. C");
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

/// y = x / max(|x|, eps). dx = (dy - y (y . dy)) / |x| where |x| >= eps, dy / eps where it is less, over each row: what
/// points along x changes nothing.
/// Throws DomainError as l2_normalize does, and for a dy of another shape.
NormBackwardResult l2_normalize_backward(const L2NormalizeBackwardOptions& options);

/// 1 / divisor; 0 for 0, and NaN for a divisor that is not finite: a row too large to be divided is then refused rather than quietly 0.
inline double inverse_of(double divisor) { return divisor == 0 ? 0.0 : std::isfinite(divisor) ? 1.0 / divisor : kNaN; }

/// One row of layer normalisation: y [c]. gamma and beta may be null. In double plain loops, in float SIMD ones, whose sums run in float.
template <class Real>
void layer_norm_row(const Real* x, const Real* gamma, const Real* beta, Real* y, Size c, double eps);

/// Its gradients: dx [c] is written; d_gamma and d_beta [c] are added to unless null. gamma may be null.
template <class Real>
void layer_norm_row_backward(const Real* x, const Real* gamma, const Real* dy, Real* dx, Real* d_gamma, Real* d_beta, Size c,
                             double eps);

/// One row of RMS normalisation, and its gradients. Sums run in double.
template <class Real>
void rms_norm_row(const Real* x, const Real* gamma, Real* y, Size c, double eps);
template <class Real>
void rms_norm_row_backward(const Real* x, const Real* gamma, const Real* dy, Real* dx, Real* d_gamma, Size c, double eps,
                           bool unit_offset = false);

}  // namespace clearformer
