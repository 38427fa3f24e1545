#pragma once

// From the gradient with respect to softmax and log-softmax to the one with respect to the logits.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x: logits of any shape, minus infinity allowed; dy as x: the gradient with respect to the result.
struct SoftmaxBackwardOptions {
    static constexpr const char* kFunction = "softmax_backward";
    Array<double> x, dy;
    int axis = -1;
    double temperature = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..", kAnyNumber);
        field.required("dy", dy, "..");
        field.optional("axis", axis);
        field.optional("temperature", temperature);
        field.optional("trace", trace);
    }
};

struct SoftmaxBackwardResult {
    Array<double> y;   // as x: what the forward function gives
    Array<double> dx;  // as x
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..", kAnyNumber);
        field.required("dx", dx, "..");
        field.optional("trace", trace);
    }
};

/// y = softmax(x / temperature); dx_i = y_i (dy_i - sum over j of y_j dy_j) / temperature, along the axis: the Jacobian
/// diag(y) - y yᵀ times dy (Bridle 1990). Entries of -inf get 0.
/// Throws DomainError as softmax does, and for a dy of another shape.
SoftmaxBackwardResult softmax_backward(const SoftmaxBackwardOptions& options);

struct LogSoftmaxBackwardOptions : SoftmaxBackwardOptions {
    static constexpr const char* kFunction = "log_softmax_backward";
};

/// y = log softmax(x / temperature); dx_i = (dy_i - softmax_i sum over j of dy_j) / temperature, along the axis. Entries of
/// -inf get 0, and the dy there counts for nothing.
/// Throws DomainError as softmax does, and for a dy of another shape.
SoftmaxBackwardResult log_softmax_backward(const LogSoftmaxBackwardOptions& options);

/// dx [n] = y (dy - sum of y dy), for one row y of softmax; dx may be dy.
template <class Real>
void softmax_row_backward(const Real* y, const Real* dy, Real* dx, Size n);

}  // namespace clearformer
