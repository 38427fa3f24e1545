#pragma once

// Searching for a likely sequence, over a table in which the next token depends on the last one alone: transition [S
// V], row s the probabilities of what follows token s. A token without a row (the end token has none) cannot be
// followed. Sequences do not show the beginning token `bos`; their length counts the end token `eos`. Log-probabilities
// are natural.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// max_len: tokens at most. eos: the end token, V - 1 if not given.
struct GreedySearchOptions {
    static constexpr const char* kFunction = "greedy_search";
    Array<double> transition;
    int max_len = 20, bos = 0;
    std::optional<int> eos;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("transition", transition, "S V");
        field.optional("max_len", max_len);
        field.optional("bos", bos);
        field.optional("eos", eos);
        field.optional("trace", trace);
    }
};

struct GreedySearchResult {
    std::vector<int> tokens;
    double log_probability = 0;
    std::vector<double> probabilities;  // of each token, after the one before it
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens, "T");
        field.required("log_probability", log_probability);
        field.required("probabilities", probabilities, "T");
        field.optional("trace", trace);
    }
};

/// The likeliest next token, again and again (of equal ones the lowest), until the end token or max_len.
/// Throws DomainError for negative probabilities, tokens outside the table, max_len outside 0 .. 256, and a token that
/// has to be followed but has no row or only zeros in it.
GreedySearchResult greedy_search(const GreedySearchOptions& options);

struct Hypothesis {
    std::vector<int> tokens;
    double log_probability = 0;
    double score = 0;  // log_probability / length penalty
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
        field.required("log_probability", log_probability);
        field.required("score", score);
    }
};

struct BeamCandidate {
    std::vector<int> tokens;
    double log_probability = 0;
    int parent = 0;       // which live beam of the step before it continues
    int rank = 0;         // among all candidates of the step, from 0
    std::string outcome;  // "live", "finished", or "dropped"
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
        field.required("log_probability", log_probability);
        field.required("parent", parent);
        field.required("rank", rank);
        field.required("outcome", outcome);
    }
};

struct BeamStep {
    std::vector<BeamCandidate> candidates;  // by rank
    std::vector<Hypothesis> live;           // what the next step continues, by log-probability
    std::vector<Hypothesis> finished;       // the best so far, by score
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("candidates", candidates);
        field.required("live", live);
        field.required("finished", finished);
    }
};

/// early_stopping: whether to stop as soon as num_beams sequences have finished. most_candidates: how many candidates
/// of each step are returned, at least the 2 num_beams best.
struct BeamSearchOptions {
    static constexpr const char* kFunction = "beam_search";
    Array<double> transition;
    int num_beams = 4, max_len = 20, bos = 0, most_candidates = 256;
    std::optional<int> eos;
    double length_penalty = 1;
    bool early_stopping = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("transition", transition, "S V");
        field.optional("num_beams", num_beams);
        field.optional("length_penalty", length_penalty);
        field.optional("max_len", max_len);
        field.optional("bos", bos);
        field.optional("eos", eos);
        field.optional("early_stopping", early_stopping);
        field.optional("most_candidates", most_candidates);
        field.optional("trace", trace);
    }
};

struct BeamSearchResult {
    std::vector<Hypothesis> finished;  // at most num_beams, by score
    std::vector<BeamStep> steps;
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("finished", finished);
        field.required("steps", steps);
        field.optional("trace", trace);
    }
};

/// Beam search as Hugging Face Transformers runs it, score = log p / length^length_penalty (larger is better; Graves
/// 2012, Wu et al. 2016). Of every step's continuations with a probability above 0 the 2 num_beams likeliest are looked
/// at. One that ends (in eos, or at max_len) is finished if it is among the first num_beams, else dropped; of the
/// others the first num_beams live on. Of the finished the num_beams best by score are kept. Of equal log-probabilities
/// or scores the lower tokens come first (products that are equal on paper may differ in the last digit).
/// Throws DomainError as greedy_search does, for num_beams outside 1 .. 1024 and for more than 1e8 continuations or 1e7
/// tokens in the steps.
BeamSearchResult beam_search(const BeamSearchOptions& options);

/// alpha: the strength of the length penalty. best: how many sequences to return.
struct ExhaustiveSearchOptions {
    static constexpr const char* kFunction = "exhaustive_search";
    Array<double> transition;
    double alpha = 0;
    int max_len = 4, bos = 0, best = 5;
    std::optional<int> eos;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("transition", transition, "S V");
        field.optional("alpha", alpha);
        field.optional("max_len", max_len);
        field.optional("bos", bos);
        field.optional("eos", eos);
        field.optional("best", best);
        field.optional("trace", trace);
    }
};

struct ExhaustiveSearchResult {
    std::vector<Hypothesis> finished;  // at most `best`, by score
    int count = 0;                     // sequences that end in eos
    double probability = 0;            // theirs together
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("finished", finished);
        field.required("count", count);
        field.required("probability", probability);
        field.optional("trace", trace);
    }
};

/// Every sequence of at most max_len tokens that ends in eos, scored log p / ((5 + length) / 6)^alpha (Wu et al. 2016,
/// equation 14). Of equal scores the lower tokens come first.
/// Throws DomainError as greedy_search does, for best outside 1 .. 1000 and for a tree of more than 2e6 nodes.
ExhaustiveSearchResult exhaustive_search(const ExhaustiveSearchOptions& options);

/// probabilities [K]: of the K candidates; history [T D]: hidden states of the text so far; candidates [K D]: what each
/// candidate's would be.
struct ContrastiveSearchOptions {
    static constexpr const char* kFunction = "contrastive_search";
    Array<double> probabilities, history, candidates;
    double alpha = 0.6;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "K");
        field.required("history", history, "T D");
        field.required("candidates", candidates, "K D");
        field.optional("alpha", alpha);
        field.optional("trace", trace);
    }
};

struct ContrastiveSearchResult {
    Array<double> cosine;      // [K T]
    Array<double> max_cosine;  // [K]
    Array<double> score;       // [K]
    int index = 0;             // the candidate with the largest score, of equal ones the first
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("cosine", cosine, "K T");
        field.required("max_cosine", max_cosine, "K");
        field.required("score", score, "K");
        field.required("index", index);
        field.optional("trace", trace);
    }
};

/// One step of contrastive search: (1 - alpha) p - alpha max over t of cos(candidate, history_t) (Su et al. 2022,
/// equation 5). A vector of zeros has cosine 0.
/// Throws DomainError for alpha outside 0 .. 1, no candidates, no history, and vectors whose length is too large for a
/// double.
ContrastiveSearchResult contrastive_search(const ContrastiveSearchOptions& options);

}  // namespace clearformer
