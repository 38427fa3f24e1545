#pragma once

// Scaled dot-product attention (Vaswani et al. 2017, equation 1), for any number of query heads and of key/value heads.

#include <optional>
#include <string>
#include <vector>

#include "clearformer/attention/masks.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// q [H, T, D], k [G, S, D], v [G, S, Dv]; query head h reads key/value head h / (H / G) (Ainslie et al. 2023; G = 1 is multi-query).
/// A leading batch axis on all three is allowed and kept on the results.
///
/// In this order: logits = scale * q . k (scale defaults to 1 / sqrt(D)), softcap * tanh(logits / softcap) (Gemma 2), + bias
/// ([T, S] or [H, T, S]), - alibi_slopes[h] * (i - j) (Press et al. 2022), mask, softmax over the keys.
/// `allow` ([T, S] or [H, T, S], 1 = visible) and the mask by name are combined: a key must be visible in both.
/// `sinks` [H] add one logit per head to the denominator, so that rows sum to less than 1 (Xiao et al. 2024; gpt-oss).
/// A row that sees no key gives zeros, uniform weights 1 / S, or NaN, as `masked_row` says; with a sink it gives zeros.
template <class Real>
struct AttentionOptions {
    static constexpr const char* kFunction = "attention";
    Array<Real> q, k, v;
    std::optional<double> scale;
    std::optional<double> softcap;
    std::optional<Array<Real>> bias;
    std::vector<double> alibi_slopes;
    std::optional<Array<Real>> sinks;
    std::optional<Array<Real>> allow;
    MaskOptions mask;
    std::string masked_row = "zeros";
    bool keep_logits = true;   // without them only what the mask leaves is computed
    bool keep_weights = true;  // without them no T x S matrix is ever held, in float
    bool trace = false;

    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", q, "B? H T D");
        field.required("k", k, "B? G S D");
        field.required("v", v, "B? G S Dv");
        field.optional("scale", scale);
        field.optional("softcap", softcap);
        field.optional("bias", bias, ".. T S", kAnyNumber);
        field.optional("alibi_slopes", alibi_slopes);
        field.optional("sinks", sinks, "H");
        field.optional("allow", allow, ".. T S");
        mask.rule_fields(field);
        field.optional("masked_row", masked_row);
        field.optional("keep_logits", keep_logits);
        field.optional("keep_weights", keep_weights);
        field.optional("trace", trace);
    }
};

/// What is not kept has the shape [0].
template <class Real>
struct AttentionResult {
    Array<Real> logits;   // [H, T, S] before the mask
    Array<Real> weights;  // [H, T, S]
    Array<Real> output;   // [H, T, Dv]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "B? H T S");
        field.required("weights", weights, "B? H T S");
        field.required("output", output, "B? H T Dv");
        field.optional("trace", trace);
    }
};

/// Throws DomainError for shapes that do not fit, H not a multiple of G, softcap <= 0, a bias that is NaN, or +inf among the logits that
/// are computed: all in double, in float those that the mask leaves and, where they are kept, the others. In double the plain loops, in
/// float the kernels of attention_kernels.hpp.
template <class Real>
AttentionResult<Real> attention(const AttentionOptions<Real>& options);

/// q [1, 1, D] against k, v [1, S, D], `block` keys at a time, never holding more than one block of scores
/// (Milakov and Gimelshein 2018; Dao et al. 2022, algorithm 1).
template <class Real>
struct OnlineSoftmaxOptions {
    static constexpr const char* kFunction = "online_softmax";
    Array<Real> q, k, v;
    int block = 1;
    std::optional<double> scale;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", q, "1 1 D");
        field.required("k", k, "1 S D");
        field.required("v", v, "1 S Dv");
        field.required("block", block);
        field.optional("scale", scale);
        field.optional("trace", trace);
    }
};

/// One row per block of keys: the running maximum m, the running sum l of exp(x - m), and the accumulator, not yet divided by l.
template <class Real>
struct OnlineSoftmaxResult {
    Array<Real> maxima;        // [N]
    Array<Real> sums;          // [N]
    Array<Real> accumulators;  // [N, Dv]
    Array<Real> output;        // [1, 1, Dv]
    double logsumexp = 0;
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("maxima", maxima, "N");
        field.required("sums", sums, "N");
        field.required("accumulators", accumulators, "N Dv");
        field.required("output", output, "1 1 Dv");
        field.required("logsumexp", logsumexp);
        field.optional("trace", trace);
    }
};

/// Throws DomainError for block < 1 or no keys.
template <class Real>
OnlineSoftmaxResult<Real> online_softmax(const OnlineSoftmaxOptions<Real>& options);

/// Entropy of each row of weights, of given `weights`, or of the softmax of given `logits` (exactly one of them).
/// -sum w ln w in nats (log2 in bits), with 0 ln 0 = 0. effective_keys = e^entropy: over how many keys the row is spread.
struct EntropyOptions {
    static constexpr const char* kFunction = "attention_entropy";
    std::optional<Array<double>> weights;
    std::optional<Array<double>> logits;
    std::string unit = "nats";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("weights", weights, ".. S");
        field.optional("logits", logits, ".. S", kAnyNumber);
        field.optional("unit", unit);
        field.optional("trace", trace);
    }
};

struct EntropyResult {
    Array<double> entropy;         // [..]
    Array<double> effective_keys;  // [..]
    Array<double> max;             // [..] the largest weight of the row
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("entropy", entropy, "..");
        field.required("effective_keys", effective_keys, "..");
        field.required("max", max, "..");
        field.optional("trace", trace);
    }
};

/// Throws DomainError for negative weights, an unknown unit, both or neither input.
EntropyResult attention_entropy(const EntropyOptions& options);

/// Entropy of one row in nats, with 0 ln 0 = 0.
double row_entropy(const double* weights, Size count);

}  // namespace clearformer
