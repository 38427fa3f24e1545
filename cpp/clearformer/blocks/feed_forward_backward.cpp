#include "clearformer/blocks/feed_forward_backward.hpp"

#include "clearformer/blocks/feed_forward.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/linear_backward.hpp"

namespace clearformer {

GatedBackwardResult gated_feed_forward_backward(const GatedBackwardOptions& o) {
    constexpr const char* kName = GatedBackwardOptions::kFunction;
    const Letters letter = check_shapes(o);
    const Size C = letter["C"], F = letter["F"], Co = letter["Co"], rows = o.x.rows();
    Shape wide = o.x.shape, out = o.x.shape;
    wide.back() = F;
    out.back() = Co;
    check_same_shape(kName, "dy", o.dy.shape, "y", out);
    const ActivationFunction activation = find_activation(gate_activation(o.variant));
    GatedBackwardResult r{Array<double>(out),          Array<double>(wide),       Array<double>(o.x.shape),
                          Array<double>(o.gate.shape), Array<double>(o.up.shape), Array<double>(o.down.shape)};
    std::vector<double> gate(rows * F), up(rows * F), slope(rows * F), d_hidden(rows * F), more(rows * C);
    // 1. Forward, keeping both factors and the slope of the activation.
    linear_rows<double>(o.x.data.data(), o.gate.data.data(), nullptr, gate.data(), rows, C, F);
    linear_rows<double>(o.x.data.data(), o.up.data.data(), nullptr, up.data(), rows, C, F);
    for (Size i = 0; i < rows * F; ++i) {
        const ActivationValue value = activation(gate[i]);
        gate[i] = value.y;
        slope[i] = value.derivative;
        r.hidden.data[i] = gate[i] * up[i];
    }
    linear_rows<double>(r.hidden.data.data(), o.down.data.data(), nullptr, r.y.data.data(), rows, F, Co);
    // 2. Backward: each factor's gradient is the other factor's value.
    linear_rows_backward<double>(r.hidden.data.data(), o.down.data.data(), o.dy.data.data(), d_hidden.data(),
                                 r.d_down.data.data(), nullptr, rows, F, Co);
    for (Size i = 0; i < rows * F; ++i) {
        const double d = d_hidden[i];
        d_hidden[i] = d * up[i] * slope[i];
        up[i] = d * gate[i];
    }
    linear_rows_backward<double>(o.x.data.data(), o.gate.data.data(), d_hidden.data(), r.dx.data.data(),
                                 r.d_gate.data.data(), nullptr, rows, C, F);
    linear_rows_backward<double>(o.x.data.data(), o.up.data.data(), up.data(), more.data(), r.d_up.data.data(), nullptr,
                                 rows, C, F);
    for (Size i = 0; i < more.size(); ++i) r.dx.data[i] += more[i];
    for (const Array<double>* one : {&r.y, &r.hidden, &r.dx, &r.d_gate, &r.d_up, &r.d_down})
        check_finite(kName, "the results", *one);
    return r;
}

}  // namespace clearformer
