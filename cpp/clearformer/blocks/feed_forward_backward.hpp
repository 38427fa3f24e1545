#pragma once

// Gradients of the gated feed-forward networks.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C], gate and up [F, C], down [Co, F], variant: as gated_feed_forward takes them; dy [.. Co].
struct GatedBackwardOptions {
    static constexpr const char* kFunction = "gated_feed_forward_backward";
    Array<double> x, gate, up, down, dy;
    std::string variant = "swiglu";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("gate", gate, "F C");
        field.required("up", up, "F C");
        field.required("down", down, "Co F");
        field.required("dy", dy, ".. Co");
        field.optional("variant", variant);
        field.optional("trace", trace);
    }
};

struct GatedBackwardResult {
    Array<double> y;       // [.. Co] what gated_feed_forward gives
    Array<double> hidden;  // [.. F] activation(x gateᵀ) (x upᵀ)
    Array<double> dx;      // [.. C]
    Array<double> d_gate;  // [F, C]
    Array<double> d_up;    // [F, C]
    Array<double> d_down;  // [Co, F]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. Co");
        field.required("hidden", hidden, ".. F");
        field.required("dx", dx, ".. C");
        field.required("d_gate", d_gate, "F C");
        field.required("d_up", d_up, "F C");
        field.required("d_down", d_down, "Co F");
        field.optional("trace", trace);
    }
};

/// y = (activation(x gateᵀ) * (x upᵀ)) downᵀ (Shazeer 2020, equations 5 and 6). Backward: the hidden gradient times the other factor
/// reaches each side, through the activation's derivative on the gate's; x gets the sum of both sides.
/// Throws DomainError for an unknown variant and shapes that do not fit.
GatedBackwardResult gated_feed_forward_backward(const GatedBackwardOptions& options);

}  // namespace clearformer
