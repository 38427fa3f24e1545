#pragma once

// Layer, RMS and group normalisation, and vectors of length 1. Sums run in double for both types; variances are
// biased (divided by C).
//
// With eps 0 a row without any spread would be divided by zero: its normalised entries are then 0.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C], gamma and beta [C] or none.
template <class Real>
struct LayerNormOptions {
    static constexpr const char* kFunction = "layer_norm";
    Array<Real> x;
    std::optional<Array<Real>> gamma, beta;
    double eps = 1e-5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("gamma", gamma, "C");
        field.optional("beta", beta, "C");
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

template <class Real>
struct LayerNormResult {
    Array<Real> y;         // [.. C]
    Array<Real> mean;      // [..]
    Array<Real> variance;  // [..]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. C");
        field.required("mean", mean, "..");
        field.required("variance", variance, "..");
        field.optional("trace", trace);
    }
};

/// y = gamma (x - mean) / sqrt(variance + eps) + beta, over each row (Ba et al. 2016, equation 3).
/// Throws DomainError for eps < 0, rows without entries, and rows whose variance is too large for a double.
template <class Real>
LayerNormResult<Real> layer_norm(const LayerNormOptions<Real>& options);

/// x [.. C], gamma [C] or none. `unit_offset` scales by 1 + gamma, as Gemma does.
template <class Real>
struct RmsNormOptions {
    static constexpr const char* kFunction = "rms_norm";
    Array<Real> x;
    std::optional<Array<Real>> gamma;
    double eps = 1e-6;
    bool unit_offset = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("gamma", gamma, "C");
        field.optional("eps", eps);
        field.optional("unit_offset", unit_offset);
        field.optional("trace", trace);
    }
};

template <class Real>
struct RmsNormResult {
    Array<Real> y;    // [.. C]
    Array<Real> rms;  // [..] what each row was divided by: sqrt(mean of x^2 + eps)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. C");
        field.required("rms", rms, "..");
        field.optional("trace", trace);
    }
};

/// y = gamma x / sqrt(mean of x^2 + eps), over each row (Zhang and Sennrich 2019, equation 4). Without gamma,
/// unit_offset changes nothing.
/// Throws DomainError for eps < 0, rows without entries, and rows whose mean square is too large for a double.
template <class Real>
RmsNormResult<Real> rms_norm(const RmsNormOptions<Real>& options);

/// x [N, Ch, ..]: the channels Ch fall into `groups` runs of neighbours.
template <class Real>
struct GroupNormOptions {
    static constexpr const char* kFunction = "group_norm";
    Array<Real> x;
    int groups = 1;
    double eps = 1e-5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..");
        field.required("groups", groups);
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

template <class Real>
struct GroupNormResult {
    Array<Real> y;  // as x
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.optional("trace", trace);
    }
};

/// Layer normalisation over each group of channels with all its positions (Wu and He 2018).
/// Throws DomainError for fewer than two axes, groups that do not divide Ch, eps < 0, and groups without entries.
template <class Real>
GroupNormResult<Real> group_norm(const GroupNormOptions<Real>& options);

/// x [.. C].
template <class Real>
struct L2NormalizeOptions {
    static constexpr const char* kFunction = "l2_normalize";
    Array<Real> x;
    double eps = 1e-12;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

template <class Real>
struct L2NormalizeResult {
    Array<Real> y;  // [.. C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. C");
        field.optional("trace", trace);
    }
};

/// y = x / max(|x|, eps), over each row: length 1, and zeros stay zeros.
/// Throws DomainError for eps < 0 and rows whose length is too large for a double.
template <class Real>
L2NormalizeResult<Real> l2_normalize(const L2NormalizeOptions<Real>& options);

}  // namespace clearformer
