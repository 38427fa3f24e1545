#pragma once

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// logits [T V], one row for each token to come. tau: the surprise to aim at, in bits; eta: how fast mu follows; mu0:
/// mu at the beginning, 2 tau if not given. drawn_tokens: the T tokens drawn; without them they are drawn with the
/// seed.
struct MirostatOptions {
    static constexpr const char* kFunction = "mirostat";
    Array<double> logits;
    double tau = 5, eta = 0.1;
    std::optional<double> mu0;
    std::optional<std::vector<int>> drawn_tokens;
    std::uint32_t seed = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T V", kAnyNumber);
        field.optional("tau", tau);
        field.optional("eta", eta);
        field.optional("mu0", mu0);
        field.optional("drawn_tokens", drawn_tokens, "T");
        field.optional("seed", seed);
        field.optional("trace", trace);
    }
};

struct MirostatStep {
    double mu_before = 0;
    std::vector<int> kept;        // ids, ascending
    Array<double> probabilities;  // [V] of the kept, renormalised
    int token = 0;
    double surprise = 0;  // bits: -log2 of the token's renormalised probability
    double mu_after = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("mu_before", mu_before);
        field.required("kept", kept);
        field.required("probabilities", probabilities, "V");
        field.required("token", token);
        field.required("surprise", surprise);
        field.required("mu_after", mu_after);
    }
};

struct MirostatResult {
    std::vector<MirostatStep> steps;  // [T]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("steps", steps);
        field.optional("trace", trace);
    }
};

/// Mirostat 2.0 (Basu et al. 2021, algorithm 2, as llama.cpp runs it): tokens more surprising than mu bits are dropped
/// (the likeliest always stays), one of the rest is drawn, and mu moves against the error: mu -= eta (surprise - tau).
/// Throws DomainError for tau or eta below 0, a drawn token outside the vocabulary or among the dropped, rows without a
/// logit above -inf, and logits beyond 1e150 in magnitude.
MirostatResult mirostat(const MirostatOptions& options);

}  // namespace clearformer
