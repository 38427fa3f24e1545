#pragma once

// Losses that keep a router balanced and its logits small, and the bias that balances without a loss. None is multiplied by
// its coefficient.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

struct SwitchBalanceLossOptions {
    static constexpr const char* kFunction = "switch_balance_loss";
    Array<double> logits;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T E");
        field.optional("trace", trace);
    }
};

struct SwitchBalanceLossResult {
    double loss = 0;
    Array<double> fractions;      // [E] f: share of tokens whose most probable expert this is
    Array<double> probabilities;  // [E] P: mean probability of the expert
    Array<double> gradient;       // [T, E] of the loss by the logits, f held constant
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("loss", loss);
        field.required("fractions", fractions, "E");
        field.required("probabilities", probabilities, "E");
        field.required("gradient", gradient, "T E");
        field.optional("trace", trace);
    }
};

/// loss = E * sum over e of f_e P_e (Fedus, Zoph and Shazeer 2021, equations 4 to 6, without alpha): 1 when balanced, at
/// most E. f counts, so it has no gradient: d loss / d logit[t, e] = E / T * p[t, e] (f_e - sum over j of f_j p[t, j]). Of
/// equally probable experts the one with the lower number counts.
/// Tensors of the trace: logits (given), rowMax, exponentials, rowSum, probabilities [T E], chosen [T E] (0 or 1),
/// fractions, meanProbabilities [E], loss [1].
/// Throws DomainError without tokens or experts.
SwitchBalanceLossResult switch_balance_loss(const SwitchBalanceLossOptions& options);

struct TopKBalanceLossOptions {
    static constexpr const char* kFunction = "top_k_balance_loss";
    Array<double> logits;
    int k = 2;
    std::vector<int> attention_mask;  // 1 = counts, 0 = padding; empty: all count
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T E");
        field.required("k", k);
        field.optional("attention_mask", attention_mask);
        field.optional("trace", trace);
    }
};

struct TopKBalanceLossResult {
    double loss = 0;
    Array<double> fractions;      // [E] f: choices of the expert per token; they sum to k
    Array<double> probabilities;  // [E] P
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("loss", loss);
        field.required("fractions", fractions, "E");
        field.required("probabilities", probabilities, "E");
        field.optional("trace", trace);
    }
};

/// The same loss where every token chooses k experts, as Hugging Face Transformers computes it for Mixtral: k when
/// balanced. Only tokens that the mask marks 1 count. The logits of several layers may follow each other: the mask, whose
/// length must divide T, then repeats.
/// Throws DomainError for k outside 1 .. E, mask entries other than 0 and 1, a mask whose length does not divide T, and no
/// token that counts.
TopKBalanceLossResult top_k_balance_loss(const TopKBalanceLossOptions& options);

struct RouterZLossOptions {
    static constexpr const char* kFunction = "router_z_loss";
    Array<double> logits;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T E");
        field.optional("trace", trace);
    }
};

struct RouterZLossResult {
    double loss = 0;
    Array<double> logsumexp;  // [T]
    Array<double> gradient;   // [T, E] of the loss by the logits
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("loss", loss);
        field.required("logsumexp", logsumexp, "T");
        field.required("gradient", gradient, "T E");
        field.optional("trace", trace);
    }
};

/// loss = mean over tokens of logsumexp(logits)^2 (Zoph et al. 2022, ST-MoE, equation 5, without its coefficient 0.001);
/// the gradient is 2 / T * logsumexp * softmax(logits). Throws DomainError without tokens or experts and for logits whose
/// square is too large.
RouterZLossResult router_z_loss(const RouterZLossOptions& options);

struct ImportanceLossOptions {
    static constexpr const char* kFunction = "importance_loss";
    Array<double> probabilities;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "T E");
        field.optional("trace", trace);
    }
};

struct ImportanceLossResult {
    Array<double> importance;        // [E] sum of an expert's gates over the tokens
    double cv_squared = 0;           // variance / mean^2, the variance divided by E
    double cv_squared_unbiased = 0;  // the same with the variance divided by E - 1; 0 for a single expert
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("importance", importance, "E");
        field.required("cv_squared", cv_squared);
        field.required("cv_squared_unbiased", cv_squared_unbiased);
        field.optional("trace", trace);
    }
};

/// The squared coefficient of variation of the experts' importance (Shazeer et al. 2017, equations 6 and 7, without the
/// weight): 0 when balanced. Throws DomainError for negative entries, without experts, and where all importance is 0.
ImportanceLossResult importance_loss(const ImportanceLossOptions& options);

struct BiasUpdateOptions {
    static constexpr const char* kFunction = "bias_update";
    Array<double> bias, load;
    double gamma = 0.001;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("bias", bias, "E");
        field.required("load", load, "E");
        field.optional("gamma", gamma);
        field.optional("trace", trace);
    }
};

struct BiasUpdateResult {
    Array<double> bias;   // [E]
    Array<double> error;  // [E] mean load - load
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("bias", bias, "E");
        field.required("error", error, "E");
        field.optional("trace", trace);
    }
};

/// Balancing without a loss: bias + gamma sign(mean load - load), so that a crowded expert is chosen a little less often
/// (Wang et al. 2024, algorithm 1; DeepSeek-V3, section 2.1.2). An expert with exactly the mean load keeps its bias.
/// Throws DomainError for a negative gamma, a negative load, and no experts.
BiasUpdateResult bias_update(const BiasUpdateOptions& options);

struct ExpertLoadOptions {
    static constexpr const char* kFunction = "expert_load";
    Array<double> indices;
    int experts = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("indices", indices, "T K");
        field.required("experts", experts);
        field.optional("trace", trace);
    }
};

struct ExpertLoadResult {
    std::vector<int> load;         // [E] how often each expert was chosen
    Array<double> fractions;       // [E] as shares; they sum to 1, or are 0 where nothing was chosen
    double max_over_mean = 0;      // the busiest expert's load over the mean load; 1 when balanced
    double cv_squared = 0;         // variance / mean^2 of the load
    double entropy = 0;            // of the shares, in nats; ln E when balanced
    double effective_experts = 0;  // e^entropy
    int unused = 0;                // experts that nobody chose
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("load", load, "E");
        field.required("fractions", fractions, "E");
        field.required("max_over_mean", max_over_mean);
        field.required("cv_squared", cv_squared);
        field.required("entropy", entropy);
        field.required("effective_experts", effective_experts);
        field.required("unused", unused);
        field.optional("trace", trace);
    }
};

/// How evenly choices fall on the experts. Without any choice max_over_mean, cv_squared, entropy and effective_experts are
/// 0.
/// Throws DomainError for experts outside 1 .. 65536 and an index that is not a whole number from 0 to experts - 1.
ExpertLoadResult expert_load(const ExpertLoadOptions& options);

}  // namespace clearformer
