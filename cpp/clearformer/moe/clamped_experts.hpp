#pragma once

// The experts of gpt-oss: gate and value in one matrix, clamped before they are multiplied.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// Weights are laid out [in, out], unlike elsewhere; columns 2 f and 2 f + 1 of gate_up are gate and value of hidden
/// feature f.
struct ClampedExpertsOptions {
    static constexpr const char* kFunction = "clamped_experts";
    Array<double> x, router_weight;
    std::optional<Array<double>> router_bias;
    Array<double> gate_up, gate_up_bias, down, down_bias;
    int k = 1;
    double alpha = 1.702;
    double limit = 7;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("router_weight", router_weight, "E C");
        field.optional("router_bias", router_bias, "E");
        field.required("gate_up", gate_up, "E C F2");
        field.required("gate_up_bias", gate_up_bias, "E F2");
        field.required("down", down, "E F C");
        field.required("down_bias", down_bias, "E C");
        field.required("k", k);
        field.optional("alpha", alpha);
        field.optional("limit", limit);
        field.optional("trace", trace);
    }
};

struct ClampedExpertsResult {
    Array<double> y;        // [T, C]
    Array<double> logits;   // [T, E]
    Array<double> indices;  // [T, K] best first
    Array<double> weights;  // [T, K] softmax over the chosen logits
    Array<double> hidden;   // [T, K, F] what goes into `down`
    std::vector<int> load;  // [E]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "T C");
        field.required("logits", logits, "T E");
        field.required("indices", indices, "T K");
        field.required("weights", weights, "T K");
        field.required("hidden", hidden, "T K F");
        field.required("load", load, "E");
        field.optional("trace", trace);
    }
};

/// With g and u the even and odd columns of x gate_up + gate_up_bias: g' = min(g, limit), u' = u clamped to -limit ..
/// limit, hidden = (u' + 1) g' sigmoid(alpha g'), expert output = hidden down + down_bias (OpenAI 2025, gpt-oss model card
/// and reference code). Weights are softmax over the k chosen logits.
/// Throws DomainError for k outside 1 .. E, a width of gate_up that is not 2 F, a limit that is not above 0, and values too
/// large for a double.
ClampedExpertsResult clamped_experts(const ClampedExpertsOptions& options);

}  // namespace clearformer
