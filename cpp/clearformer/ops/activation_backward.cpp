#include "clearformer/ops/activation_backward.hpp"

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/gradient_traces.hpp"

namespace clearformer {

ActivationBackwardResult activation_backward(const ActivationBackwardOptions& o) {
    check_same_shape("activation_backward", "dy", o.dy.shape, "x", o.x.shape);
    const ActivationFunction function = find_activation(o.name);
    ActivationBackwardResult r{o.x, o.dy};
    for (Size i = 0; i < o.x.size(); ++i) {
        const ActivationValue value = function(o.x.data[i]);
        r.y.data[i] = value.y;
        r.dx.data[i] = o.dy.data[i] * value.derivative;
    }
    check_finite("activation_backward", "y", r.y);
    check_finite("activation_backward", "dx", r.dx);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
