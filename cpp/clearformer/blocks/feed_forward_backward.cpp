#include "clearformer/blocks/feed_forward_backward.hpp"

#include "clearformer/blocks/feed_forward.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

/// [n, c]: the sum over all rows of a[row, n] b[row, c].
Rule product_rule(const char* a, const char* b, const Shape& leading, Size rows) {
    const auto in_row = [leading](Size row, Size column) {
        Index at = leading;
        at.back() = column;
        for (Size axis = leading.size() - 1; axis-- > 0; row /= leading[axis]) at[axis] = row % leading[axis];
        return at;
    };
    return [=](const Index& at, Pen& pen) {
        pen.rule("The gradient of what the weight makes times what it takes, summed over all rows.", "\\sum_r a_r\\, b_r");
        pen.vector("a", a, rows, [&](Size r) { return in_row(r, at[0]); });
        pen.vector("b", b, rows, [&](Size r) { return in_row(r, at[1]); });
        pen.step("g", "sum", "sum(a * b)");
    };
}

/// gated_feed_forward's; then dy, dHidden, dGateValue, slope, dGateRaw, dUpValue, dxGate, dxUp, dx, dGate, dUp, dDown
Trace trace_of(const GatedBackwardOptions& o, const GatedBackwardResult& r) {
    Trace trace = std::move(*gated_feed_forward({o.x, o.gate, o.up, o.down, o.variant, true}).trace);
    const char* role = "scores";
    const Shape &wide = r.hidden.shape, &narrow = o.x.shape;
    const Size F = o.gate.shape[0], rows = o.x.rows();
    const auto times = [](const char* words, const char* a, const char* b) {
        return recipe_rule({words, "a\\, b", {{"a", a}, {"b", b}}, {}, {{"g", "gradient", "a * b"}}});
    };
    add_given(trace, {"dy", "∂L/∂y", "gradient of the result", role, ".. Co"}, o.dy);
    trace.derive({"dHidden", "∂L/∂H", "gradient of the hidden unit", role, ".. F"}, wide,
                 matmul_rule("dy", "downWeight", o.down.shape[0]));
    trace.derive({"dGateValue", "∂L/∂G", "gradient of the gate", role, ".. F"}, wide,
                 times("The hidden unit's gradient times what the gate multiplies.", "dHidden", "up"));
    trace.derive({"slope", "f'", "slope of the activation", role, ".. F"}, wide,
                 activation_slope_rule("gateRaw", gate_activation(o.variant)));
    trace.derive({"dGateRaw", "∂L/∂G'", "gradient of the gate before the activation", role, ".. F"}, wide,
                 times("The gate's gradient times the activation's slope.", "dGateValue", "slope"));
    trace.derive({"dUpValue", "∂L/∂U", "gradient of the gated unit", role, ".. F"}, wide,
                 times("The hidden unit's gradient times the gate.", "dHidden", "gate"));
    trace.derive({"dxGate", "∂L/∂x", "gradient through the gate", role, ".. C"}, narrow,
                 matmul_rule("dGateRaw", "gateWeight", F));
    trace.derive({"dxUp", "∂L/∂x", "gradient through the other factor", role, ".. C"}, narrow,
                 matmul_rule("dUpValue", "upWeight", F));
    add_made(trace, {"dx", "∂L/∂x", "gradient of the row's entry", role, ".. C"}, r.dx, add_rule("dxGate", "dxUp"));
    add_made(trace, {"dGate", "∂L/∂W_G", "gradient of the gate weight", role, "F C"}, r.d_gate,
             product_rule("dGateRaw", "x", narrow, rows));
    add_made(trace, {"dUp", "∂L/∂W_U", "gradient of the up weight", role, "F C"}, r.d_up,
             product_rule("dUpValue", "x", narrow, rows));
    add_made(trace, {"dDown", "∂L/∂W_D", "gradient of the down weight", role, "Co F"}, r.d_down,
             product_rule("dy", "hidden", narrow, rows));
    return trace;
}

}  // namespace

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
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
