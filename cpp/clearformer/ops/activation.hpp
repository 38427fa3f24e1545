#pragma once

// The non-linear functions between two layers, entry by entry, with their derivatives. Conventions are PyTorch's.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x of any shape. Names, with s(x) = 1 / (1 + e^-x) and Phi the normal distribution function:
/// relu max(x, 0) · relu2 its square · leaky_relu x or 0.01 x · elu x or e^x - 1 · identity · sigmoid s(x) · tanh ·
/// softplus log(1 + e^x) · silu x s(x) · quick_gelu x s(1.702 x) · mish x tanh(softplus(x)) · gelu_exact x Phi(x) ·
/// gelu_tanh x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 (Hendrycks and Gimpel 2016) · relu6 min(max(x, 0), 6) · selu 1.0507 (x or
/// 1.6733 (e^x - 1)) · hard_swish x min(max(x + 3, 0), 6) / 6. The libraries' other names are known too: gelu (the exact one), gelu_new and
/// gelu_pytorch_tanh (gelu_tanh), gelu_quick, swish (silu), squared_relu and relu_squared (relu2), hardswish.
template <class Real>
struct ActivationOptions {
    static constexpr const char* kFunction = "activation";
    Array<Real> x;
    std::string name;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..");
        field.required("name", name);
        field.optional("trace", trace);
    }
};

template <class Real>
struct ActivationResult {
    Array<Real> y;           // as x
    Array<Real> derivative;  // as x: dy/dx
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("derivative", derivative, "..");
        field.optional("trace", trace);
    }
};

/// At the kinks the derivative is the one from the left: 0 for relu, 0.01 for leaky_relu. Large |x| neither overflows
/// nor gives NaN.
/// Throws DomainError for an unknown name.
template <class Real>
ActivationResult<Real> activation(const ActivationOptions<Real>& options);

/// One activation at one place.
struct ActivationValue {
    double y, derivative;
};
using ActivationFunction = ActivationValue (*)(double x);

/// The name used here for an activation that a library calls otherwise; other texts as they are.
std::string activation_name(const std::string& given);

/// Throws DomainError for an unknown name.
ActivationFunction find_activation(const std::string& name);

/// y [n] = f(x) and slope [n] = f'(x). In float gelu_tanh runs in SIMD.
template <class Real>
void activation_rows(ActivationFunction f, const Real* x, Real* y, Real* slope, Size n);

}  // namespace clearformer
