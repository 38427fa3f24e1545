#pragma once

// Two variants of attention: with normalised queries and keys, and linear in the length of the sequence.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// q [H, T, D], k [G, S, D], v [G, S, Dv]. Each row of q and of k is normalised by RMS and multiplied by query_gamma, key_gamma [D], then
/// attended as in attention() (Dehghani et al. 2023; Qwen3, OLMo 2). scale defaults to 1 / sqrt(D); mask by name, causal or none.
struct QkNormAttentionOptions {
    static constexpr const char* kFunction = "qk_norm_attention";
    Array<double> q, k, v, query_gamma, key_gamma;
    double eps = 1e-6;
    std::optional<double> scale;
    std::string mask = "none";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", q, "H T D");
        field.required("k", k, "G S D");
        field.required("v", v, "G S Dv");
        field.required("query_gamma", query_gamma, "D");
        field.required("key_gamma", key_gamma, "D");
        field.optional("eps", eps);
        field.optional("scale", scale);
        field.optional("mask", mask);
        field.optional("trace", trace);
    }
};
struct QkNormAttentionResult {
    Array<double> q_normed;  // [H, T, D]
    Array<double> k_normed;  // [G, S, D]
    Array<double> weights;   // [H, T, S]
    Array<double> output;    // [H, T, Dv]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q_normed", q_normed, "H T D");
        field.required("k_normed", k_normed, "G S D");
        field.required("weights", weights, "H T S");
        field.required("output", output, "H T Dv");
        field.optional("trace", trace);
    }
};

/// Throws DomainError for shapes that do not fit, H not a multiple of G, eps < 0 and another mask than causal or none.
QkNormAttentionResult qk_norm_attention(const QkNormAttentionOptions& options);

/// q [H, T, D], k [H, T, D], v [H, T, Dv]. Weights are f(q) . f(k) divided by their sum over the visible keys; with the sums of f(k) v and of
/// f(k) carried along, one token costs the same however long the sequence (Katharopoulos et al. 2020, equations 4 to 12).
/// feature_map f: elu+1 (elu(x) + 1), relu, exp, identity, squared_relu.
struct LinearAttentionOptions {
    static constexpr const char* kFunction = "linear_attention";
    Array<double> q, k, v;
    std::string feature_map = "elu+1";
    bool causal = true;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", q, "H T D");
        field.required("k", k, "H T D");
        field.required("v", v, "H T Dv");
        field.optional("feature_map", feature_map);
        field.optional("causal", causal);
        field.optional("trace", trace);
    }
};
struct LinearAttentionResult {
    Array<double> weights;  // [H, T, T] as they would be written out; rows sum to 1
    Array<double> output;   // [H, T, Dv] from the running sums
    Array<double> state;    // [H, D, Dv] sum of f(k) v after the last token
    Array<double> norm;     // [H, D] sum of f(k)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weights", weights, "H T T");
        field.required("output", output, "H T Dv");
        field.required("state", state, "H D Dv");
        field.required("norm", norm, "H D");
        field.optional("trace", trace);
    }
};

/// A row whose weights sum to 0 gives zeros. Throws DomainError for an unknown feature_map, features that are not finite, and rows whose
/// weights sum to 0 without being 0 (identity).
LinearAttentionResult linear_attention(const LinearAttentionOptions& options);

}  // namespace clearformer
