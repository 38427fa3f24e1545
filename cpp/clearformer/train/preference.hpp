#pragma once

// Losses that learn from preferences and rewards. Log-probabilities are natural logarithms.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// policy_* and reference_* [N]: log-probabilities of the chosen and the rejected answers under the model that is trained and
/// under the one it started from; beta above 0.
struct DpoOptions {
    static constexpr const char* kFunction = "dpo";
    Array<double> policy_chosen, policy_rejected, reference_chosen, reference_rejected;
    double beta = 0.1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("policy_chosen", policy_chosen, "N");
        field.required("policy_rejected", policy_rejected, "N");
        field.required("reference_chosen", reference_chosen, "N");
        field.required("reference_rejected", reference_rejected, "N");
        field.optional("beta", beta);
        field.optional("trace", trace);
    }
};

struct DpoResult {
    Array<double> chosen_rewards;    // [N] beta (policy - reference)
    Array<double> rejected_rewards;  // [N]
    Array<double> margin;            // [N] chosen - rejected
    Array<double> losses;            // [N] nats
    double loss = 0;                 // their mean
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("chosen_rewards", chosen_rewards, "N");
        field.required("rejected_rewards", rejected_rewards, "N");
        field.required("margin", margin, "N");
        field.required("losses", losses, "N");
        field.required("loss", loss);
        field.optional("trace", trace);
    }
};

/// Direct preference optimisation: margin = beta ((policy_chosen - reference_chosen) - (policy_rejected -
/// reference_rejected)), losses = -log sigmoid(margin) (Rafailov et al. 2023, equation 7). No pairs give a loss of 0.
/// Throws DomainError for lengths that differ and beta <= 0.
DpoResult dpo(const DpoOptions& options);

/// The options of dpo, and dy [N]: the gradient with respect to each of `losses`.
struct DpoBackwardOptions {
    static constexpr const char* kFunction = "dpo_backward";
    DpoOptions forward;
    Array<double> dy;
    template <class Visitor>
    void fields(Visitor& field) {
        forward.fields(field);
        field.required("dy", dy, "N");
    }
};

struct DpoBackwardResult {
    Array<double> d_policy_chosen;    // [N]
    Array<double> d_policy_rejected;  // [N]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("d_policy_chosen", d_policy_chosen, "N");
        field.required("d_policy_rejected", d_policy_rejected, "N");
        field.optional("trace", trace);
    }
};

/// d_policy_chosen = -beta sigmoid(-margin) dy, d_policy_rejected the opposite: pairs that are ranked wrongly weigh most
/// (Rafailov et al. 2023, section 4). Throws DomainError as dpo does.
DpoBackwardResult dpo_backward(const DpoBackwardOptions& options);

/// rewards [.. N]: each row holds the rewards of N answers to one question. `deviation` names what they are divided by:
/// "sample" (over N - 1), "population" (over N), or "none".
struct GrpoOptions {
    static constexpr const char* kFunction = "grpo_advantages";
    Array<double> rewards;
    std::string deviation = "sample";
    double eps = 1e-4;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("rewards", rewards, ".. N");
        field.optional("deviation", deviation);
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

struct GrpoResult {
    Array<double> advantages;  // [.. N]
    Array<double> mean;        // [..]
    Array<double> deviation;   // [..] 1 where none is divided by
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("advantages", advantages, ".. N");
        field.required("mean", mean, "..");
        field.required("deviation", deviation, "..");
        field.optional("trace", trace);
    }
};

/// advantages = (rewards - mean) / (deviation + eps), over each row (Shao et al. 2024, section 4.1.2); with "none" rewards -
/// mean, without eps (Liu et al. 2025, section 3.2). Equal rewards, and a single one, have advantages of 0.
/// Throws DomainError for rows without rewards, eps < 0 and an unknown deviation.
GrpoResult grpo_advantages(const GrpoOptions& options);

/// ratio and advantages [..]: how much more probable an action has become (above 0 for probabilities), and how much better
/// than expected it was; clip from 0 to 1.
struct PpoOptions {
    static constexpr const char* kFunction = "ppo_objective";
    Array<double> ratio, advantages;
    double clip = 0.2;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("ratio", ratio, "..");
        field.required("advantages", advantages, "..");
        field.optional("clip", clip);
        field.optional("trace", trace);
    }
};

struct PpoResult {
    Array<double> objective;  // [..] to be made large
    Array<double> clipped;    // [..] 1 where the clipped term is the smaller one, so that no gradient flows
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("objective", objective, "..");
        field.required("clipped", clipped, "..");
        field.optional("trace", trace);
    }
};

/// min(ratio A, clamp(ratio, 1 - clip, 1 + clip) A) (Schulman et al. 2017, equation 7).
/// Throws DomainError for shapes that differ, a negative ratio, and clip outside 0 to 1.
PpoResult ppo_objective(const PpoOptions& options);

/// The options of ppo_objective, and dy as ratio: the gradient with respect to each objective.
struct PpoBackwardOptions {
    static constexpr const char* kFunction = "ppo_backward";
    PpoOptions forward;
    Array<double> dy;
    template <class Visitor>
    void fields(Visitor& field) {
        forward.fields(field);
        field.required("dy", dy, "..");
    }
};

struct PpoBackwardResult {
    Array<double> d_ratio;  // as ratio
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("d_ratio", d_ratio, "..");
        field.optional("trace", trace);
    }
};

/// d_ratio = A dy, and 0 where the clipped term is the smaller one. Throws DomainError as ppo_objective does.
PpoBackwardResult ppo_backward(const PpoBackwardOptions& options);

}  // namespace clearformer
