#pragma once

// Routers: a score for each expert, the k best for each token, and the weights that their outputs get.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// How the k chosen experts of a token are weighted. With l the logits and p = softmax(l) over all experts:
/// softmax_after_topk: softmax over the k chosen logits; weights sum to 1 (Mixtral; Jiang et al. 2024, section 2.1) ·
/// softmax_before_topk: p of the chosen experts as it is; weights sum to less than 1 (Switch, Qwen1.5-MoE) ·
/// softmax_before_topk_renormalised: p / sum of the k chosen p, which equals softmax_after_topk ·
/// sigmoid: 1 / (1 + e^-l), each by itself (Llama 4, which multiplies what goes into the expert by it, not what comes out).
inline constexpr const char* kRouterNorms =
    "softmax_after_topk, softmax_before_topk, softmax_before_topk_renormalised, sigmoid";

struct TopKRouterOptions : RouterInputs {
    static constexpr const char* kFunction = "top_k_router";
    int k = 1;
    std::string norm = "softmax_after_topk";
    double temperature = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        router_fields(field);
        field.required("k", k);
        field.optional("norm", norm);
        field.optional("temperature", temperature);
        field.optional("trace", trace);
    }
};

struct TopKRouterResult {
    Array<double> logits;         // [T, E] divided by the temperature
    Array<double> probabilities;  // [T, E] softmax over all experts
    Array<double> indices;        // [T, K] the chosen experts, best first
    Array<double> weights;        // [T, K]
    Array<double> sum_weights;    // [T]
    std::vector<int> load;        // [E] how many tokens chose each expert
    std::optional<Trace> trace;   // with the option trace: the tensors of record_router
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T E");
        field.required("probabilities", probabilities, "T E");
        field.required("indices", indices, "T K");
        field.required("weights", weights, "T K");
        field.required("sum_weights", sum_weights, "T");
        field.required("load", load, "E");
        field.optional("trace", trace);
    }
};

/// The k experts with the largest logits of each token (Shazeer et al. 2017, section 2.1, without noise) and their weights
/// by `norm`. Of experts with equal logits the one with the lower number goes first. No token gives empty results.
/// Throws KindError unless the logits or x with router_weight are given; DomainError for k outside 1 .. E, an unknown norm,
/// a temperature that is not above 0 and logits that are too large for a double.
TopKRouterResult top_k_router(const TopKRouterOptions& options);

/// Gating with noise (Shazeer et al. 2017, equations 3 to 5).
struct NoisyTopKOptions {
    static constexpr const char* kFunction = "noisy_top_k";
    Array<double> x, router_weight, noise_weight, noise;
    int k = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("router_weight", router_weight, "E C");
        field.required("noise_weight", noise_weight, "E C");
        field.required("noise", noise, "T E");
        field.required("k", k);
        field.optional("trace", trace);
    }
};

struct NoisyTopKResult {
    Array<double> clean;      // [T, E] x W_g^T
    Array<double> deviation;  // [T, E] softplus(x W_noise^T), the size of the noise
    Array<double> noisy;      // [T, E] H = clean + noise deviation
    Array<double> indices;    // [T, K] best first
    Array<double> gates;      // [T, E] softmax over the k largest of H, 0 elsewhere
    std::vector<int> load;    // [E]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("clean", clean, "T E");
        field.required("deviation", deviation, "T E");
        field.required("noisy", noisy, "T E");
        field.required("indices", indices, "T K");
        field.required("gates", gates, "T E");
        field.required("load", load, "E");
        field.optional("trace", trace);
    }
};

/// H = x W_g^T + noise softplus(x W_noise^T), noise being standard normal numbers given by the caller; gates =
/// softmax(KeepTopK(H, k)). Ties go to the lower number. Throws DomainError for k outside 1 .. E and values that are too
/// large for a double.
NoisyTopKResult noisy_top_k(const NoisyTopKOptions& options);

namespace moe {

/// The weights [k] of the chosen experts `chosen` [k] of one token with these logits and probabilities [E].
/// Throws DomainError for an unknown norm.
void weigh_chosen(const char* function, const std::string& norm, const double* logits, const double* probabilities,
                  const std::vector<Size>& chosen, double* weights);

/// The k best experts of each row of logits [T, E] and their weights, by `norm`; indices and weights become [T, K]. Returns
/// K.
Size choose_experts(const char* function, int k, const std::string& norm, const Array<double>& logits,
                    const Array<double>& probabilities, Array<double>& indices, Array<double>& weights);

}  // namespace moe

}  // namespace clearformer
