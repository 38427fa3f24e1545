#include "clearformer/moe/soft_moe.hpp"

#include "clearformer/moe/experts.hpp"
#include "clearformer/moe/recording.hpp"
#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer {

using namespace moe;

namespace {

Array<double> product(const Array<double>& a, const Array<double>& b) {
    MatmulOptions<double> o;
    o.a = a;
    o.b = b;
    return matmul(o).y;
}

Array<double> softmax_along(int axis, const Array<double>& logits) {
    SoftmaxOptions<double> o;
    o.x = logits;
    o.axis = axis;
    return softmax(o).y;
}

GatedWeights weights_of(const SoftMoeOptions& o, Size expert) {
    const Size first = expert * o.expert_gate->shape[1] * o.expert_gate->shape[2];
    return {o.expert_gate->data.data() + first, o.expert_up->data.data() + first, o.expert_down->data.data() + first};
}

/// What the experts make of the slots.
Array<double> through_experts(const SoftMoeOptions& o, const Array<double>& slots) {
    const int given = static_cast<int>(o.expert_gate.has_value()) + static_cast<int>(o.expert_up.has_value()) +
                      static_cast<int>(o.expert_down.has_value());
    require_kind(given == 0 || given == 3, "soft_moe: expert_gate, expert_up and expert_down go together, got ", given,
                 " of 3");
    const ActivationFunction function = find_activation(o.activation);
    Array<double> outputs = slots;
    if (given == 0) return outputs;
    const Size S = slots.shape[0], C = slots.shape[1], E = o.expert_gate->shape[0], F = o.expert_gate->shape[1];
    require(E > 0 && S % E == 0, "soft_moe: the experts must divide the slots, got ", E, " experts and ", S, " slots");
    for (Size s = 0; s < S; ++s)
        gated_feed_forward(weights_of(o, s / (S / E)), function, slots.row(s), outputs.row(s), C, F);
    check_finite(o.kFunction, "the expert outputs", outputs.data);
    return outputs;
}

Array<double> transposed(const Array<double>& x) {
    Array<double> y({x.shape[1], x.shape[0]});
    for (Size i = 0; i < x.size(); ++i) y.row(i % x.width())[i / x.width()] = x.data[i];
    return y;
}

void record_slot_experts(Trace& trace, const SoftMoeOptions& o, const SoftMoeResult& r) {
    const Size S = r.slot_inputs.shape[0], C = r.slot_inputs.shape[1], F = o.expert_gate->shape[1];
    const Size each = S / o.expert_gate->shape[0];
    const ActivationFunction function = find_activation(o.activation);
    Array<double> gate({S, F}), up = gate, activated = gate, hidden = gate, output = r.slot_outputs;
    for (Size s = 0; s < S; ++s) {
        gated_feed_forward(weights_of(o, s / each), function, r.slot_inputs.row(s), output.row(s), C, F,
                           {gate.row(s), up.row(s), activated.row(s), hidden.row(s)});
    }
    record_input(trace, {"expertGate", "W_g", "weight of an expert's gate", "mlp", "E F C"}, *o.expert_gate);
    record_input(trace, {"expertUp", "W_u", "weight of an expert's value", "mlp", "E F C"}, *o.expert_up);
    record_input(trace, {"expertDown", "W_d", "output weight of an expert", "mlp", "E C F"}, *o.expert_down);
    record(trace, {"gate", "g", "gate before its activation", "mlp", "S F"}, gate,
           slot_linear_rule("slotInputs", "expertGate", each, C));
    record(trace, {"activated", "a", "gate", "mlp", "S F"}, activated, activation_rule("gate", o.activation));
    record(trace, {"up", "u", "value", "mlp", "S F"}, up, slot_linear_rule("slotInputs", "expertUp", each, C));
    record(trace, {"hidden", "h", "hidden feature", "mlp", "S F"}, hidden, product_rule("activated", "up"));
    record(trace, {"slotOutputs", "E(s)", "output of the slot's expert", "mlp", "S C"}, r.slot_outputs,
           slot_linear_rule("hidden", "expertDown", each, F));
}

void record_soft(Trace& trace, const SoftMoeOptions& o, const SoftMoeResult& r) {
    const Size T = o.x.shape[0], C = o.x.shape[1], S = o.phi.shape[1];
    record_input(trace, {"x", "x", "entry of the token", "residual", "T C"}, o.x);
    record_input(trace, {"phi", "\\Phi", "slot parameter", "weights", "C S"}, o.phi);
    record(trace, {"logits", "l", "logit of token and slot", "scores", "T S"}, r.logits, matmul_rule("x", "phi", C));
    const Array<double> turned = transposed(r.logits);
    record(trace, {"slotLogits", "l", "logit of slot and token", "scores", "S T"}, turned, transpose_rule("logits"));
    record_softmax(trace, "slotLogits",
                   {{"slotMax", "m", "largest logit of the slot", "scores", "S"},
                    {"slotExponentials", "e", "exponential", "scores", "S T"},
                    {"slotSum", "Z", "sum of exponentials", "scores", "S"},
                    {"dispatch", "D", "share of the token in the slot", "weights", "S T"}},
                   transposed(r.dispatch));
    record(trace, {"slotInputs", "s", "input of the slot", "residual", "S C"}, r.slot_inputs,
           matmul_rule("dispatch", "x", T));
    if (o.expert_gate) record_slot_experts(trace, o, r);
    record_softmax(trace, "logits",
                   {{"rowMax", "m", "largest logit of the token", "scores", "T"},
                    {"exponentials", "e", "exponential", "scores", "T S"},
                    {"rowSum", "Z", "sum of exponentials", "scores", "T"},
                    {"combine", "C", "share of the slot in the output", "weights", "T S"}},
                   r.combine);
    record(trace, {"y", "y", "output of the layer", "residual", "T C"}, r.y,
           matmul_rule("combine", o.expert_gate ? "slotOutputs" : "slotInputs", S));
}

}  // namespace

SoftMoeResult soft_moe(const SoftMoeOptions& o) {
    check_shapes(o);
    SoftMoeResult r;
    r.logits = product(o.x, o.phi);
    check_finite(o.kFunction, "logits", r.logits.data);
    r.dispatch = softmax_along(0, r.logits);
    r.combine = softmax_along(1, r.logits);
    const Size T = o.x.shape[0], C = o.x.shape[1], S = o.phi.shape[1];
    r.slot_inputs = Array<double>({S, C});
    for (Size t = 0; t < T; ++t) {
        for (Size s = 0; s < S; ++s) {
            for (Size c = 0; c < C; ++c) r.slot_inputs.row(s)[c] += r.dispatch.row(t)[s] * o.x.row(t)[c];
        }
    }
    r.slot_outputs = through_experts(o, r.slot_inputs);
    r.y = product(r.combine, r.slot_outputs);
    check_finite(o.kFunction, "the output", r.y.data);
    if (o.trace) record_soft(r.trace.emplace(), o, r);
    return r;
}

}  // namespace clearformer
