#pragma once

// What is measured of distributions over tokens. Logarithms are natural, so entropies and divergences are in nats,
// unless they say bits.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// logits [T V]; targets [T]: the tokens that came.
struct TokenMeasuresOptions {
    static constexpr const char* kFunction = "token_measures";
    Array<double> logits;
    std::optional<std::vector<int>> targets;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T V", kAnyNumber);
        field.optional("targets", targets, "T");
        field.optional("trace", trace);
    }
};

struct TokenMeasuresResult {
    Array<double> log_probabilities;   // [T V]
    Array<double> entropy;             // [T] - sum of p log p, nats
    Array<double> entropy_bits;        // [T]
    Array<double> varentropy;          // [T] sum of p (log p + entropy)^2, nats^2
    std::optional<Array<double>> nll;  // [T] - log p of the target, nats
    std::optional<double> mean_nll, perplexity, bits_per_token;
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("log_probabilities", log_probabilities, "T V", kAnyNumber);
        field.required("entropy", entropy, "T");
        field.required("entropy_bits", entropy_bits, "T");
        field.required("varentropy", varentropy, "T");
        field.optional("nll", nll, "T", kAnyNumber);
        field.optional("mean_nll", mean_nll);
        field.optional("perplexity", perplexity);
        field.optional("bits_per_token", bits_per_token);
        field.optional("trace", trace);
    }
};

/// Entropy and varentropy of every row and, with targets, the negative log-likelihood, perplexity e^(mean nll) and bits
/// per token mean nll / log 2 (Shannon 1948; Jelinek et al. 1977). Tokens of -inf count as impossible: they add nothing
/// to an entropy; as a target they make nll and what follows from it infinite.
/// Throws DomainError for no rows with targets, targets outside the vocabulary, rows without a logit above -inf, and
/// logits beyond 1e150 in magnitude.
TokenMeasuresResult token_measures(const TokenMeasuresOptions& options);

/// logits_p, logits_q [V], of the same vocabulary.
struct DivergencesOptions {
    static constexpr const char* kFunction = "divergences";
    Array<double> logits_p, logits_q;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits_p", logits_p, "V", kAnyNumber);
        field.required("logits_q", logits_q, "V", kAnyNumber);
        field.optional("trace", trace);
    }
};

struct DivergencesResult {
    double kl_pq = 0;             // sum of p log(p / q), Kullback and Leibler 1951
    double kl_qp = 0;             // sum of q log(q / p)
    double js = 0;                // (KL(p, m) + KL(q, m)) / 2 with m = (p + q) / 2, Lin 1991; at most log 2
    double tv = 0;                // total variation, sum of |p - q| / 2
    double cross_entropy_pq = 0;  // - sum of p log q
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("kl_pq", kl_pq);
        field.required("kl_qp", kl_qp);
        field.required("js", js);
        field.required("tv", tv);
        field.required("cross_entropy_pq", cross_entropy_pq);
        field.optional("trace", trace);
    }
};

/// How far apart the two softmaxes are. A token that only one of them can give makes the Kullback-Leibler divergence in
/// that direction, and the cross-entropy, infinite.
/// Throws DomainError for a side without a logit above -inf and logits beyond 1e150 in magnitude.
DivergencesResult divergences(const DivergencesOptions& options);

}  // namespace clearformer
