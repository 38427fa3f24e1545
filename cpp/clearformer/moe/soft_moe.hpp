#pragma once

// Soft mixture of experts: no token is routed; every expert slot gets a mixture of all tokens, every token a mixture of all
// slots.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// S slots; with experts, slot s belongs to expert floor(s / (S / E)).
struct SoftMoeOptions {
    static constexpr const char* kFunction = "soft_moe";
    Array<double> x, phi;
    std::optional<Array<double>> expert_gate, expert_up, expert_down;
    std::string activation = "silu";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("phi", phi, "C S");
        field.optional("expert_gate", expert_gate, "E F C");
        field.optional("expert_up", expert_up, "E F C");
        field.optional("expert_down", expert_down, "E C F");
        field.optional("activation", activation);
        field.optional("trace", trace);
    }
};

struct SoftMoeResult {
    Array<double> logits;        // [T, S] x phi
    Array<double> dispatch;      // [T, S] softmax over the tokens: each slot's shares sum to 1
    Array<double> combine;       // [T, S] softmax over the slots: each token's shares sum to 1
    Array<double> slot_inputs;   // [S, C] dispatch^T x
    Array<double> slot_outputs;  // [S, C] what the experts make of them; the inputs again without experts
    Array<double> y;             // [T, C] combine slot_outputs
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T S");
        field.required("dispatch", dispatch, "T S");
        field.required("combine", combine, "T S");
        field.required("slot_inputs", slot_inputs, "S C");
        field.required("slot_outputs", slot_outputs, "S C");
        field.required("y", y, "T C");
        field.optional("trace", trace);
    }
};

/// Puigcerver et al. 2023, section 2.1, without the l2 normalisation of x and phi. Experts are gated feed-forward
/// networks as moe_layer's; without them every expert is the identity. No token gives no output, and slots of zeros.
///
/// Tensors of the trace: x, phi (given), logits [T S], slotLogits [S T], slotMax, slotExponentials, slotSum, dispatch [S T]
/// (one row for each slot), slotInputs [S C], with experts expertGate, expertUp, expertDown (given), gate, activated, up,
/// hidden [S F], slotOutputs [S C], then rowMax, exponentials, rowSum, combine [T S], y [T C].
/// Throws DomainError for shapes that do not fit, a number of experts that does not divide the slots, an unknown activation
/// and values too large for a double; KindError for only some of the three expert weights.
SoftMoeResult soft_moe(const SoftMoeOptions& options);

}  // namespace clearformer
