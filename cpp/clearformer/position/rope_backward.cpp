#include "clearformer/position/rope_backward.hpp"

#include "clearformer/ops/finite.hpp"

namespace clearformer {

RopeBackwardResult rope_backward(const RopeBackwardOptions& o) {
    check_shapes(o);
    check_same_shape("rope_backward", "dy", o.dy.shape, "x", o.forward.x.shape);
    RopeResult<double> turned = rope(o.forward);
    RopeBackwardResult r{std::move(turned.y), o.dy};
    const Pairing pairing = o.forward.pairing == "half_split" ? Pairing::kHalfSplit : Pairing::kInterleaved;
    const Pairing layout = o.forward.output_layout == "half_split" ? Pairing::kHalfSplit : pairing;
    for (double& sine : turned.sin.data) sine = -sine;
    rotate_rows(o.dy.data.data(), r.dx.data.data(), turned.cos.data.data(), turned.sin.data.data(), o.dy.rows(),
                o.forward.positions.size(), o.dy.width(), turned.inverse_frequencies.size(), layout, pairing);
    check_finite("rope_backward", "y", r.y);
    check_finite("rope_backward", "dx", r.dx);
    return r;
}

}  // namespace clearformer
