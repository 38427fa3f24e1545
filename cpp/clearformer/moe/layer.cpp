#include "clearformer/moe/layer.hpp"

#include <cmath>

#include "clearformer/moe/experts.hpp"
#include "clearformer/moe/recording.hpp"
#include "clearformer/moe/router.hpp"
#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/rules.hpp"

namespace clearformer {

using namespace moe;

namespace {

void check_shared(const MoeLayerOptions& o) {
    const int given = static_cast<int>(o.shared_gate.has_value()) + static_cast<int>(o.shared_up.has_value()) +
                      static_cast<int>(o.shared_down.has_value());
    require_kind(given == 0 || given == 3, "moe_layer: shared_gate, shared_up and shared_down go together, got ", given,
                 " of 3");
    require_kind(given == 3 || !o.shared_score, "moe_layer: shared_score needs a shared expert, got it alone");
}

double dot(const double* a, const double* b, Size n) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

/// The steps of gated networks, a row for each (token, choice) or for each token. Without a trace nothing is kept.
struct Kept {
    Array<double> gate, up, activated, hidden;
    bool wanted = false;

    Kept(Shape shape, bool keep) : wanted(keep) {
        if (keep) gate = up = activated = hidden = Array<double>(std::move(shape));
    }
    GatedSteps at(Size row) {
        if (!wanted) return {};
        return {gate.row(row), up.row(row), activated.row(row), hidden.row(row)};
    }
};

/// The shared expert and its gate, row by row.
struct Shared {
    Kept steps;
    Array<double> output;  // [T, C] before the gate
    Array<double> logit;   // [T, 1]
    Array<double> gate;    // [T, 1]
};

Shared shared_expert(const MoeLayerOptions& o, ActivationFunction function) {
    const Size T = o.x.shape[0], C = o.x.shape[1], N = o.shared_gate->shape[0];
    const ActivationFunction sigmoid = find_activation("sigmoid");
    const GatedWeights weights{o.shared_gate->data.data(), o.shared_up->data.data(), o.shared_down->data.data()};
    Shared s{Kept({T, N}, o.trace), o.x, Array<double>({T, 1}), Array<double>({T, 1}, 1)};
    for (Size t = 0; t < T; ++t) {
        gated_feed_forward(weights, function, o.x.row(t), s.output.row(t), C, N, s.steps.at(t));
        if (!o.shared_score) continue;
        s.logit.data[t] = dot(o.x.row(t), o.shared_score->data.data(), C);
        s.gate.data[t] = sigmoid(s.logit.data[t]).y;
    }
    return s;
}

void record_experts(Trace& trace, const MoeLayerOptions& o, const MoeLayerResult& r, const Kept& steps) {
    const Size C = o.x.shape[1], F = o.expert_gate.shape[1], K = r.weights.shape[1];
    record_input(trace, {"expertGate", "W_g", "weight of an expert's gate", "mlp", "E F C"}, o.expert_gate);
    record_input(trace, {"expertUp", "W_u", "weight of an expert's value", "mlp", "E F C"}, o.expert_up);
    record_input(trace, {"expertDown", "W_d", "output weight of an expert", "mlp", "E C F"}, o.expert_down);
    record(trace, {"gate", "g", "gate before its activation", "mlp", "T K F"}, steps.gate,
           expert_linear_rule("x", "expertGate", r.indices, C, false));
    record(trace, {"activated", "a", "gate", "mlp", "T K F"}, steps.activated, activation_rule("gate", o.activation));
    record(trace, {"up", "u", "value", "mlp", "T K F"}, steps.up, expert_linear_rule("x", "expertUp", r.indices, C, false));
    record(trace, {"hidden", "h", "hidden feature", "mlp", "T K F"}, steps.hidden, product_rule("activated", "up"));
    record(trace, {"expertOutputs", "E(x)", "output of a chosen expert", "mlp", "T K C"}, r.expert_outputs,
           expert_linear_rule("hidden", "expertDown", r.indices, F, true));
    record(trace, {"routed", "R", "weighted sum of the chosen experts", "mlp", "T C"}, r.routed,
           weighted_outputs_rule("weights", "expertOutputs", K));
}

void record_shared(Trace& trace, const MoeLayerOptions& o, const MoeLayerResult& r, const Shared& s) {
    const Size C = o.x.shape[1], N = o.shared_gate->shape[0];
    record_input(trace, {"sharedGate", "W_g", "weight of the shared expert's gate", "mlp", "N C"}, *o.shared_gate);
    record_input(trace, {"sharedUp", "W_u", "weight of the shared expert's value", "mlp", "N C"}, *o.shared_up);
    record_input(trace, {"sharedDown", "W_d", "output weight of the shared expert", "mlp", "C N"}, *o.shared_down);
    record(trace, {"sharedGateInput", "g", "shared gate before its activation", "mlp", "T N"}, s.steps.gate,
           linear_rule("x", "sharedGate", nullptr, C));
    record(trace, {"sharedActivated", "a", "shared gate", "mlp", "T N"}, s.steps.activated,
           activation_rule("sharedGateInput", o.activation));
    record(trace, {"sharedValue", "u", "shared value", "mlp", "T N"}, s.steps.up, linear_rule("x", "sharedUp", nullptr, C));
    record(trace, {"sharedHidden", "h", "shared hidden feature", "mlp", "T N"}, s.steps.hidden,
           product_rule("sharedActivated", "sharedValue"));
    const Label shared{"shared", "S", "shared expert's part", "mlp", "T C"};
    if (!o.shared_score) {
        record(trace, shared, *r.shared, linear_rule("sharedHidden", "sharedDown", nullptr, N));
        return;
    }
    record(trace, {"sharedOutput", "S(x)", "output of the shared expert", "mlp", "T C"}, s.output,
           linear_rule("sharedHidden", "sharedDown", nullptr, N));
    record_input(trace, {"sharedScore", "w_s", "weight of the shared expert's own gate", "weights", "1 C"}, *o.shared_score);
    record(trace, {"sharedLogit", "l_s", "logit of the shared expert", "scores", "T 1"}, s.logit,
           linear_rule("x", "sharedScore", nullptr, C));
    record(trace, {"sharedWeight", "w_s", "weight of the shared expert", "weights", "T 1"}, s.gate,
           activation_rule("sharedLogit", "sigmoid"));
    record(trace, shared, *r.shared, gated_rule("sharedWeight", "sharedOutput"));
}

}  // namespace

MoeLayerResult moe_layer(const MoeLayerOptions& o) {
    const Letters letters = check_shapes(o);
    check_shared(o);
    const Size T = letters["T"], C = letters["C"], F = letters["F"];
    const ActivationFunction function = find_activation(o.activation);
    MoeLayerResult r;
    // 1. Which experts, with which weights.
    r.logits = router_logits(o.kFunction, o.x, o.router_weight, o.router_bias);
    r.probabilities = row_probabilities(r.logits);
    const Size K = choose_experts(o.kFunction, o.k, o.norm, r.logits, r.probabilities, r.indices, r.weights);
    r.load = count_load(r.indices.data, letters["E"]);
    // 2. What each of them says, and the weighted sum.
    Kept steps({T, K, F}, o.trace);
    r.expert_outputs = Array<double>({T, K, C});
    r.routed = Array<double>({T, C});
    for (Size t = 0; t < T; ++t) {
        for (Size i = 0; i < K; ++i) {
            const Size first = static_cast<Size>(r.indices.row(t)[i]) * F * C;
            double* output = r.expert_outputs.row(t * K + i);
            gated_feed_forward(
                {o.expert_gate.data.data() + first, o.expert_up.data.data() + first, o.expert_down.data.data() + first},
                function, o.x.row(t), output, C, F, steps.at(t * K + i));
            for (Size c = 0; c < C; ++c) r.routed.row(t)[c] += r.weights.row(t)[i] * output[c];
        }
    }
    r.y = r.routed;
    for (double& value : r.y.data) value *= o.routed_scale;
    const Array<double> scaled = r.y;
    // 3. The shared expert.
    std::optional<Shared> shared;
    if (o.shared_gate) {
        shared = shared_expert(o, function);
        r.shared = shared->output;
        for (Size i = 0; i < r.y.size(); ++i) {
            r.shared->data[i] *= shared->gate.data[i / C];
            r.y.data[i] += r.shared->data[i];
        }
    }
    check_finite(o.kFunction, "the expert outputs", r.expert_outputs.data);
    check_finite(o.kFunction, "the output", r.y.data);
    if (!o.trace) return r;
    // 4. The same as a trace.
    Trace& trace = r.trace.emplace();
    record_router(trace, {&o.x, &o.router_weight, o.router_bias ? &*o.router_bias : nullptr, r.logits, r.logits, 1,
                          r.probabilities, r.indices, r.weights, o.norm});
    record_experts(trace, o, r, steps);
    const bool plain = o.routed_scale == 1;
    const Label y{"y", "y", "output of the layer", "residual", "T C"};
    if (!plain || !shared) {
        record(trace, shared ? Label{"scaled", "R'", "scaled sum of the chosen experts", "mlp", "T C"} : y, scaled,
               scale_rule("routed", o.routed_scale, "routed scale"));
    }
    if (!shared) return r;
    record_shared(trace, o, r, *shared);
    record(trace, y, r.y, add_rule(plain ? "routed" : "scaled", "shared"));
    return r;
}

}  // namespace clearformer
