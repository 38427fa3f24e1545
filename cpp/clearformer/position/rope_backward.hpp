#pragma once

// Gradient of rotary position embedding.

#include "clearformer/position/rope.hpp"

namespace clearformer {

/// The options of rope except trace, and dy as x.
struct RopeBackwardOptions {
    static constexpr const char* kFunction = "rope_backward";
    RopeOptions<double> forward;
    Array<double> dy;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", forward.x, ".. T D");
        field.required("positions", forward.positions);
        field.optional("theta", forward.theta);
        field.optional("pairing", forward.pairing);
        field.optional("rotary_dim", forward.rotary_dim);
        field.optional("output_layout", forward.output_layout);
        field.optional("scaling", forward.scaling);
        field.required("dy", dy, ".. T D");
        field.optional("trace", trace);
    }
};

struct RopeBackwardResult {
    Array<double> y;   // [.. T D] what rope gives
    Array<double> dx;  // [.. T D]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. T D");
        field.required("dx", dx, ".. T D");
        field.optional("trace", trace);
    }
};

/// A rotation's transpose turns the other way: every pair (a, b) of dy becomes (a cos + b sin, b cos - a sin), back in the
/// places that the pair had in x, cos and sin with the factor that a scaling gives them (Su et al. 2021, equation 34). Throws DomainError as rope does, and for a dy of another shape.
RopeBackwardResult rope_backward(const RopeBackwardOptions& options);

}  // namespace clearformer
