#include "clearformer/position/rope_backward.hpp"

#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/position/rules.hpp"

namespace clearformer {

RopeBackwardResult rope_backward(const RopeBackwardOptions& o) {
    check_shapes(o);
    check_same_shape("rope_backward", "dy", o.dy.shape, "x", o.forward.x.shape);
    RopeOptions<double> forward = o.forward;
    forward.trace = o.trace;
    RopeResult<double> turned = rope(forward);
    RopeBackwardResult r{std::move(turned.y), o.dy};
    const Pairing pairing = o.forward.pairing == "half_split" ? Pairing::kHalfSplit : Pairing::kInterleaved;
    const Pairing layout = o.forward.output_layout == "half_split" ? Pairing::kHalfSplit : pairing;
    for (double& sine : turned.sin.data) sine = -sine;
    rotate_rows(o.dy.data.data(), r.dx.data.data(), turned.cos.data.data(), turned.sin.data.data(), o.dy.rows(),
                o.forward.positions.size(), o.dy.width(), turned.inverse_frequencies.size(), layout, pairing);
    check_finite("rope_backward", "y", r.y);
    check_finite("rope_backward", "dx", r.dx);
    if (o.trace) {
        // Back again: the same pairs the other way, each frequency with its sign turned.
        Rotation back{forward.positions, 2 * turned.inverse_frequencies.size(), forward.theta,
                      layout == Pairing::kInterleaved};
        back.frequencies = turned.inverse_frequencies.data;
        for (double& frequency : back.frequencies) frequency = -frequency;
        back.attention_factor = turned.attention_factor;
        back.out_interleaved = pairing == Pairing::kInterleaved;
        r.trace = std::move(turned.trace);
        add_given(*r.trace, {"dy", "∂L/∂y", "gradient of the turned entry", "scores", ".. T D"}, o.dy);
        add_made(*r.trace, {"dx", "∂L/∂x", "gradient of the entry before", "scores", ".. T D"}, r.dx,
                 rotation_rule("dy", back));
    }
    return r;
}

}  // namespace clearformer
