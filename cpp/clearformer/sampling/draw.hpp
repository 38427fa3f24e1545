#pragma once

// Drawing a token: by the inverse of the cumulative distribution, and by adding Gumbel noise to the logits.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// probabilities [V], which need not sum to exactly 1. u: draws from [0, 1); without them `draws` numbers from the
/// seed. order: "token" adds the probabilities up by token id, "probability" from the likeliest down (of equal ones the
/// lower id first).
struct InverseCdfOptions {
    static constexpr const char* kFunction = "inverse_cdf";
    Array<double> probabilities;
    std::optional<std::vector<double>> u;
    int draws = 1;
    std::uint32_t seed = 0;
    std::string order = "token";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "V");
        field.optional("u", u);
        field.optional("draws", draws);
        field.optional("seed", seed);
        field.optional("order", order);
        field.optional("trace", trace);
    }
};

struct InverseCdfResult {
    std::vector<int> index;    // [N] the token of each draw
    Array<double> cumulative;  // [V] in the order in which they were added up
    std::vector<int> order;    // [V] the token of each cumulative sum
    std::vector<double> u;     // [N]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("index", index, "N");
        field.required("cumulative", cumulative, "V");
        field.required("order", order, "V");
        field.required("u", u, "N");
        field.optional("trace", trace);
    }
};

/// The first token whose cumulative probability exceeds u; where rounding leaves the last sum at or below u, the last
/// token with a probability above 0 (Devroye 1986, section III.2.1).
/// Throws DomainError for negative probabilities, probabilities that do not sum to 1 within 1e-3, u outside [0, 1), and
/// draws outside 0 .. 1e6.
InverseCdfResult inverse_cdf(const InverseCdfOptions& options);

/// logits [V]; u [V], each from (0, 1); without them numbers from the seed.
struct GumbelMaxOptions {
    static constexpr const char* kFunction = "gumbel_max";
    Array<double> logits;
    std::optional<Array<double>> u;
    std::uint32_t seed = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "V", kAnyNumber);
        field.optional("u", u, "V");
        field.optional("seed", seed);
        field.optional("trace", trace);
    }
};

struct GumbelMaxResult {
    Array<double> gumbel;  // [V] -log(-log u)
    Array<double> scores;  // [V] logits + gumbel
    int index = 0;         // the token with the largest score, of equal ones the lowest
    Array<double> u;       // [V]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("gumbel", gumbel, "V");
        field.required("scores", scores, "V", kAnyNumber);
        field.required("index", index);
        field.required("u", u, "V");
        field.optional("trace", trace);
    }
};

/// The token with the largest logit plus Gumbel noise: it is drawn with the probabilities of the softmax, which nothing
/// needs to normalise (Gumbel 1954; Maddison, Tarlow and Minka 2014).
/// Throws DomainError for no logits, +inf, nothing but -inf, and u outside (0, 1).
GumbelMaxResult gumbel_max(const GumbelMaxOptions& options);

}  // namespace clearformer
