#pragma once

// Gradient of the activations.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x of any shape, the name of an activation, dy as x.
struct ActivationBackwardOptions {
    static constexpr const char* kFunction = "activation_backward";
    Array<double> x;
    std::string name;
    Array<double> dy;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..");
        field.required("name", name);
        field.required("dy", dy, "..");
        field.optional("trace", trace);
    }
};

struct ActivationBackwardResult {
    Array<double> y;   // as x: what activation gives
    Array<double> dx;  // as x
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("dx", dx, "..");
        field.optional("trace", trace);
    }
};

/// dx = dy times the activation's derivative at x, entry by entry; at a kink the one from the left, as activation says.
/// Throws DomainError for an unknown name and for a dy of another shape.
ActivationBackwardResult activation_backward(const ActivationBackwardOptions& options);

}  // namespace clearformer
