#pragma once

// A chain of samplers: what is left of a distribution after each stage.

#include "clearformer/sampling/stage.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// logits [V], -inf for a token that is out of the question. chain: the stages, in order. semantics: "hf" as Hugging Face
/// Transformers or "llama.cpp", where the two differ. tokens: the text so far, for the penalties. seed: for xtc, the
/// only stage that draws. stages: whether every stage's outcome is returned.
struct SamplerChainOptions {
    static constexpr const char* kFunction = "sampler_chain";
    Array<double> logits;
    std::vector<SamplerStage> chain;
    std::string semantics = "hf";
    std::vector<int> tokens;
    std::uint32_t seed = 0;
    bool stages = true, trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "V", kAnyNumber);
        field.required("chain", chain);
        field.optional("semantics", semantics);
        field.optional("tokens", tokens);
        field.optional("seed", seed);
        field.optional("stages", stages);
        field.optional("trace", trace);
    }
};

struct SamplerStageResult {
    std::string type;
    std::vector<int> kept;        // ids with a probability above 0, ascending
    Array<double> logits;         // [V]
    Array<double> probabilities;  // [V]
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("type", type);
        field.required("kept", kept);
        field.required("logits", logits, "V", kAnyNumber);
        field.required("probabilities", probabilities, "V");
    }
};

struct SamplerChainResult {
    std::vector<int> kept;        // ids with a probability above 0, ascending
    Array<double> probabilities;  // [V] softmax of logits_out
    Array<double> logits_out;     // [V] -inf for a dropped token
    std::vector<SamplerStageResult> stages;
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("kept", kept);
        field.required("probabilities", probabilities, "V");
        field.required("logits_out", logits_out, "V", kAnyNumber);
        field.required("stages", stages);
        field.optional("trace", trace);
    }
};

/// Applies the stages one after the other, in any order. A chain that drops every token (a suppress stage can) leaves
/// nothing: kept is empty and all probabilities are 0.
/// Throws DomainError for tokens outside the vocabulary, logits beyond 1e150 in magnitude at any stage, and stages as
/// SamplerStage describes them.
SamplerChainResult sampler_chain(const SamplerChainOptions& options);

/// probabilities [V]. order: "token" gives all V in the order of their ids, "candidates" those that are left, in the
/// order in which llama.cpp holds them: most stages that look for the likeliest sort by probability, the others leave
/// the order alone, and a top_n_sigma stage keeps the dropped ones with probability 0. renormalise: whether the rest is
/// scaled to sum to 1.
struct FilterProbabilitiesOptions {
    static constexpr const char* kFunction = "filter_probabilities";
    Array<double> probabilities;
    std::vector<SamplerStage> chain;
    std::string semantics = "hf";
    std::vector<int> tokens;
    std::uint32_t seed = 0;
    std::string order = "token";
    bool renormalise = true;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "V");
        field.required("chain", chain);
        field.optional("semantics", semantics);
        field.optional("tokens", tokens);
        field.optional("seed", seed);
        field.optional("order", order);
        field.optional("renormalise", renormalise);
        field.optional("trace", trace);
    }
};

struct FilterProbabilitiesResult {
    Array<double> probabilities;  // [V], or [N] for the N that are left
    std::vector<int> ids;         // the token of each
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "N");
        field.required("ids", ids, "N");
        field.optional("trace", trace);
    }
};

/// sampler_chain on the logarithms of probabilities, as the published tests of both libraries apply it.
/// Throws DomainError for negative probabilities and as sampler_chain does.
FilterProbabilitiesResult filter_probabilities(const FilterProbabilitiesOptions& options);

}  // namespace clearformer
