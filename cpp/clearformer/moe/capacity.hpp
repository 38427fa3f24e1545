#pragma once

// Experts with a limited number of places: who gets one, and who is dropped.

#include "clearformer/moe/routing.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// Top-1 routing with a capacity. Give `capacity`, or `capacity_factor` and have it computed.
struct SwitchRouterOptions : RouterInputs {
    static constexpr const char* kFunction = "switch_router";
    std::optional<int> capacity;
    double capacity_factor = 1;
    std::string rounding = "floor";  // floor, ceil
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        router_fields(field);
        field.optional("capacity", capacity);
        field.optional("capacity_factor", capacity_factor);
        field.optional("rounding", rounding);
        field.optional("trace", trace);
    }
};

struct SwitchRouterResult {
    Array<double> logits;         // [T, E]
    Array<double> probabilities;  // [T, E]
    std::vector<int> expert;      // [T] the chosen expert
    Array<double> gate;           // [T] its probability
    std::vector<int> kept;        // [T] 1 = got a place
    std::vector<int> slot;        // [T] which place, from 0; -1 for none
    std::vector<int> dropped;     // the tokens without a place, in order
    std::vector<int> load;        // [E] tokens that chose each expert, before dropping
    int capacity = 0;             // places of each expert
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T E");
        field.required("probabilities", probabilities, "T E");
        field.required("expert", expert, "T");
        field.required("gate", gate, "T");
        field.required("kept", kept, "T");
        field.required("slot", slot, "T");
        field.required("dropped", dropped);
        field.required("load", load, "E");
        field.required("capacity", capacity);
        field.optional("trace", trace);
    }
};

/// Every token goes to its most probable expert, which takes tokens in their order until its places are full; the rest pass
/// by it on the residual connection alone. capacity = T / E * capacity_factor, rounded down or up (Fedus, Zoph and Shazeer
/// 2021, section 2.2, equation 3). A capacity of 0 drops every token.
/// Throws as top_k_router; DomainError for a capacity below 0, a capacity_factor that is not above 0 or gives more than
/// 2^31 - 1 places, and an unknown rounding.
SwitchRouterResult switch_router(const SwitchRouterOptions& options);

/// Top-k routing with a capacity.
struct CapacityRouterOptions : RouterInputs {
    static constexpr const char* kFunction = "capacity_router";
    int k = 2;
    int capacity = 1;
    std::string priority = "choice_major";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        router_fields(field);
        field.required("k", k);
        field.required("capacity", capacity);
        field.optional("priority", priority);
        field.optional("trace", trace);
    }
};

struct CapacityRouterResult {
    Array<double> probabilities;  // [T, E]
    Array<double> experts;        // [T, K] best first
    Array<double> kept;           // [T, K] 1 = this choice got a place
    Array<double> slot;           // [T, K] which place of that expert, from 0; -1 for none
    std::vector<int> load;        // [E] choices of each expert, before dropping
    std::vector<int> filled;      // [E] places taken
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "T E");
        field.required("experts", experts, "T K");
        field.required("kept", kept, "T K");
        field.required("slot", slot, "T K");
        field.required("load", load, "E");
        field.required("filled", filled, "E");
        field.optional("trace", trace);
    }
};

/// Every token asks its k best experts for a place, in the order of `priority`; places are taken first come, first served.
/// choice_major: all first choices, then all second choices, ... (GShard; Lepikhin et al. 2020, algorithm 1) ·
/// token_major: token after token, each with all its choices ·
/// batch_priority: as choice_major, the tokens with the largest best probability first (Riquelme et al. 2021, section 4.1).
/// Throws as top_k_router; DomainError for a capacity below 0 and an unknown priority.
CapacityRouterResult capacity_router(const CapacityRouterOptions& options);

}  // namespace clearformer
