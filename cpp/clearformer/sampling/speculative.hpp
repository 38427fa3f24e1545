#pragma once

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// target, draft [V]: the distributions of the large and of the small model. gammas: numbers of drafted tokens per step.
struct SpeculativeOptions {
    static constexpr const char* kFunction = "speculative_acceptance";
    Array<double> target, draft;
    std::vector<int> gammas = {1, 2, 4, 8};
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("target", target, "V");
        field.required("draft", draft, "V");
        field.optional("gammas", gammas, "N");
        field.optional("trace", trace);
    }
};

struct SpeculativeResult {
    Array<double> acceptance;             // [V] min(1, target / draft) of a drafted token; 0 for one that is never drafted
    double acceptance_rate = 0;           // sum of min(target, draft)
    Array<double> residual;               // [V] max(0, target - draft), normalised; zeros where nothing is ever rejected
    std::vector<double> expected_tokens;  // [N] (1 - rate^(gamma + 1)) / (1 - rate)
    Array<double> marginal;               // [V] what comes out of the two together: the target
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("acceptance", acceptance, "V");
        field.required("acceptance_rate", acceptance_rate);
        field.required("residual", residual, "V");
        field.required("expected_tokens", expected_tokens, "N");
        field.required("marginal", marginal, "V");
        field.optional("trace", trace);
    }
};

/// Speculative decoding (Leviathan, Kalman and Matias 2023, algorithm 1, theorem 3.5 and equation 1): a drafted token
/// is accepted with probability min(1, target / draft), else one is drawn from the residual. expected_tokens takes the
/// rate to be the same at every position.
/// Throws DomainError for negative probabilities, sums that are not 1 within 1e-3, and negative gammas.
SpeculativeResult speculative_acceptance(const SpeculativeOptions& options);

/// target [G+1 V], draft [G V], drafted [G], u [G+1], each from [0, 1); without u numbers from the seed.
struct SpeculativeStepOptions {
    static constexpr const char* kFunction = "speculative_step";
    Array<double> target, draft;
    std::vector<int> drafted;
    std::optional<std::vector<double>> u;
    std::uint32_t seed = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("target", target, "P V");
        field.required("draft", draft, "G V");
        field.required("drafted", drafted, "G");
        field.optional("u", u, "P");
        field.optional("seed", seed);
        field.optional("trace", trace);
    }
};

struct SpeculativeStepResult {
    std::vector<int> tokens;           // the accepted drafts and one more token, drawn
    int accepted = 0;                  // how many drafts were accepted
    std::vector<double> acceptance;    // [G] min(1, target / draft) of each drafted token
    Array<double> final_distribution;  // [V] what the last token was drawn from
    std::vector<double> u;             // [P]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
        field.required("accepted", accepted);
        field.required("acceptance", acceptance, "G");
        field.required("final_distribution", final_distribution, "V");
        field.required("u", u, "P");
        field.optional("trace", trace);
    }
};

/// One step of speculative decoding: draft i is accepted where u_i < min(1, target / draft), up to the first that is
/// not. The last token comes from the residual there, or from the target's extra row if all were accepted, by the
/// inverse of its distribution function and the last u.
/// Throws DomainError for rows that are no distributions, tokens outside the vocabulary or never drafted, P other than
/// G + 1, and u outside [0, 1).
SpeculativeStepResult speculative_step(const SpeculativeStepOptions& options);

}  // namespace clearformer
