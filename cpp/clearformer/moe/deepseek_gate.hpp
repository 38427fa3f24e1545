#pragma once

// DeepSeek's routers: experts stand in groups (one per machine), and a token may only choose within its best groups.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// G groups of E / G neighbouring experts, M of them open to each token.
struct DeepseekV3GateOptions {
    static constexpr const char* kFunction = "deepseek_v3_gate";
    Array<double> logits, bias;
    int groups = 1, open_groups = 1, k = 1;
    bool renormalise = true;
    double routed_scale = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T E");
        field.required("bias", bias, "E");
        field.required("groups", groups);
        field.required("open_groups", open_groups);
        field.required("k", k);
        field.optional("renormalise", renormalise);
        field.optional("routed_scale", routed_scale);
        field.optional("trace", trace);
    }
};

struct DeepseekV3GateResult {
    Array<double> scores;                           // [T, E] sigmoid(logits)
    Array<double> biased;                           // [T, E] scores + bias: what is compared
    Array<double> group_scores;                     // [T, G] sum of the group's two best biased scores
    Array<double> groups;                           // [T, M] the open groups, in order of number
    Array<double> indices;                          // [T, K] the chosen experts, largest biased score first
    Array<double> weights;                          // [T, K]
    std::vector<int> load;                          // [E]
    std::vector<int> rows_where_zero_mask_differs;  // tokens
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("scores", scores, "T E");
        field.required("biased", biased, "T E");
        field.required("group_scores", group_scores, "T G");
        field.required("groups", groups, "T M");
        field.required("indices", indices, "T K");
        field.required("weights", weights, "T K");
        field.required("load", load, "E");
        field.required("rows_where_zero_mask_differs", rows_where_zero_mask_differs);
        field.optional("trace", trace);
    }
};

/// The experts with the largest sigmoid(logit) + bias in the open groups; their weights are the sigmoids without the bias,
/// divided by their sum with `renormalise`, times routed_scale (DeepSeek-AI 2024, DeepSeek-V3, section 2.1.2, equations 12
/// to 16). A group of a single expert is scored by it alone. Ties go to the lower number.
///
/// Closed groups are masked with minus infinity, as in DeepSeek's own code. Hugging Face Transformers masks them with 0,
/// which a negative biased score loses against: rows_where_zero_mask_differs lists the tokens that would get other experts
/// there.
///
/// Tensors of the trace: logits, bias (given), scores, biased [T E], groupScores [T G], chosenScores [T K], chosenSum [T]
/// (with renormalise), weights [T K].
/// Throws DomainError for groups that do not divide E, open_groups outside 1 .. G, k outside 1 .. the experts of the open
/// groups, and values too large for a double.
DeepseekV3GateResult deepseek_v3_gate(const DeepseekV3GateOptions& options);

struct DeepseekV2GateOptions {
    static constexpr const char* kFunction = "deepseek_v2_gate";
    Array<double> logits;
    int groups = 1, open_groups = 1, k = 1;
    bool renormalise = false;
    double routed_scale = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T E");
        field.required("groups", groups);
        field.required("open_groups", open_groups);
        field.required("k", k);
        field.optional("renormalise", renormalise);
        field.optional("routed_scale", routed_scale);
        field.optional("trace", trace);
    }
};

struct DeepseekV2GateResult {
    Array<double> scores;        // [T, E] softmax(logits)
    Array<double> group_scores;  // [T, G] the group's best score
    Array<double> groups;        // [T, M] the open groups, in order of number
    Array<double> indices;       // [T, K] best first
    Array<double> weights;       // [T, K]
    std::vector<int> load;       // [E]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("scores", scores, "T E");
        field.required("group_scores", group_scores, "T G");
        field.required("groups", groups, "T M");
        field.required("indices", indices, "T K");
        field.required("weights", weights, "T K");
        field.required("load", load, "E");
        field.optional("trace", trace);
    }
};

/// The experts with the largest softmax(logits) in the open groups; their weights are these probabilities times
/// routed_scale, divided by their sum first with `renormalise` (DeepSeek-AI 2024, DeepSeek-V2, section 2.2.2, and its
/// published code). Errors as deepseek_v3_gate.
DeepseekV2GateResult deepseek_v2_gate(const DeepseekV2GateOptions& options);

}  // namespace clearformer
