#pragma once

// y = x Wᵀ + b, with W stored as PyTorch stores it: [out, in].

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C], weight [N, C], bias [N] or none.
template <class Real>
struct LinearOptions {
    static constexpr const char* kFunction = "linear";
    Array<Real> x, weight;
    std::optional<Array<Real>> bias;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("weight", weight, "N C");
        field.optional("bias", bias, "N");
        field.optional("trace", trace);
    }
};

template <class Real>
struct LinearResult {
    Array<Real> y;  // [.. N]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. N");
        field.optional("trace", trace);
    }
};

/// y[.., n] = sum over c of x[.., c] weight[n, c] + bias[n]; the bias alone where C is 0. Throws DomainError for
/// shapes that do not fit.
template <class Real>
LinearResult<Real> linear(const LinearOptions<Real>& options);

}  // namespace clearformer
