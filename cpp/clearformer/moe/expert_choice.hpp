#pragma once

// Expert choice: not the tokens choose experts, the experts choose tokens.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// N is the capacity.
struct ExpertChoiceOptions : RouterInputs {
    static constexpr const char* kFunction = "expert_choice";
    int capacity = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        router_fields(field);
        field.required("capacity", capacity);
        field.optional("trace", trace);
    }
};

struct ExpertChoiceResult {
    Array<double> probabilities;         // [T, E] softmax over the experts
    Array<double> tokens;                // [E, N] the tokens that each expert takes, best first
    Array<double> gates;                 // [E, N] their probabilities
    std::vector<int> experts_per_token;  // [T]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "T E");
        field.required("tokens", tokens, "E N");
        field.required("gates", gates, "E N");
        field.required("experts_per_token", experts_per_token, "T");
        field.optional("trace", trace);
    }
};

/// Every expert takes the `capacity` tokens with its largest probabilities (Zhou et al. 2022, section 3.2, equations 1 and
/// 2), so the load is even by construction, and a token may get several experts or none. Of equal tokens the earlier goes
/// first. In the paper the capacity is T c / E, c being the experts per token on average.
/// Throws as top_k_router; DomainError for a capacity outside 1 .. T.
ExpertChoiceResult expert_choice(const ExpertChoiceOptions& options);

}  // namespace clearformer
