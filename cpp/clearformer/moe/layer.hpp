#pragma once

// A mixture-of-experts layer: every token goes through k of E feed-forward networks, and through a shared one where there
// is one.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

struct MoeLayerOptions {
    static constexpr const char* kFunction = "moe_layer";
    Array<double> x, router_weight;
    std::optional<Array<double>> router_bias;
    Array<double> expert_gate, expert_up, expert_down;
    int k = 1;
    std::string norm = "softmax_after_topk";                           // as top_k_router's
    std::string activation = "silu";                                   // as activation's names
    double routed_scale = 1;                                           // multiplies the chosen experts' sum
    std::optional<Array<double>> shared_gate, shared_up, shared_down;  // the expert that every token goes through
    std::optional<Array<double>> shared_score;  // its own gate: sigmoid(x . w); without it the gate is 1
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("router_weight", router_weight, "E C");
        field.optional("router_bias", router_bias, "E");
        field.required("expert_gate", expert_gate, "E F C");
        field.required("expert_up", expert_up, "E F C");
        field.required("expert_down", expert_down, "E C F");
        field.required("k", k);
        field.optional("norm", norm);
        field.optional("activation", activation);
        field.optional("routed_scale", routed_scale);
        field.optional("shared_gate", shared_gate, "N C");
        field.optional("shared_up", shared_up, "N C");
        field.optional("shared_down", shared_down, "C N");
        field.optional("shared_score", shared_score, "1 C");
        field.optional("trace", trace);
    }
};

struct MoeLayerResult {
    Array<double> y;                      // [T, C] routed_scale routed + shared
    Array<double> logits;                 // [T, E]
    Array<double> probabilities;          // [T, E]
    Array<double> indices;                // [T, K] best first
    Array<double> weights;                // [T, K]
    Array<double> expert_outputs;         // [T, K, C] before weighting
    Array<double> routed;                 // [T, C] sum over the chosen experts of weight times output
    std::optional<Array<double>> shared;  // [T, C] the shared expert's part, gated
    std::vector<int> load;                // [E]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "T C");
        field.required("logits", logits, "T E");
        field.required("probabilities", probabilities, "T E");
        field.required("indices", indices, "T K");
        field.required("weights", weights, "T K");
        field.required("expert_outputs", expert_outputs, "T K C");
        field.required("routed", routed, "T C");
        field.optional("shared", shared, "T C");
        field.required("load", load, "E");
        field.optional("trace", trace);
    }
};

/// y = routed_scale * sum over the k chosen experts e of w_e E_e(x), plus g S(x) with a shared expert S, and E(x) =
/// (activation(x W_gate^T) * (x W_up^T)) W_down^T (Shazeer et al. 2017, equation 1; Jiang et al. 2024, section 2.1). The
/// gate g is sigmoid(x . w) (Qwen1.5-MoE), or 1 without shared_score (DeepSeekMoE; Dai et al. 2024, equation 9, without its
/// residual sum). The residual connection is the caller's. Fine-grained experts (Dai et al. 2024, section 3.1) are more
/// experts with a smaller F.
///
/// Tensors of the trace: those of the router (recording.hpp), expertGate, expertUp, expertDown (given), gate, activated,
/// up, hidden [T K F], expertOutputs [T K C], routed [T C], scaled [T C] (with a routed_scale other than 1 and a shared
/// expert), with a shared expert sharedGate, sharedUp, sharedDown (given), sharedGateInput, sharedActivated, sharedValue,
/// sharedHidden [T N], with its gate sharedOutput [T C], sharedScore (given), sharedLogit, sharedWeight [T 1], then shared
/// [T C]; at last y [T C].
/// Throws as top_k_router; DomainError for an unknown activation and outputs that are too large for a double; KindError for
/// only some of shared_gate, shared_up and shared_down, and for a shared_score without them.
MoeLayerResult moe_layer(const MoeLayerOptions& options);

}  // namespace clearformer
