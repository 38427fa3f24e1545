#pragma once

// One attention layer, from token ids to W_O and the residual sum, recorded so that every number opens.

#include <cstdint>
#include <string>
#include <vector>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// An entry that the reader has set: everything after it is computed from the new value.
struct Override {
    std::string tensor;
    Index index;
    double value = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tensor", tensor);
        field.required("index", index);
        field.required("value", value);
    }
};

/// What the layer is made of. Token embeddings are standard normal, projections normal with variance 1 / d_model (Glorot and Bengio
/// 2010), so that q and k have entries of variance about 1. Both are drawn from `seed` and rounded to two decimals: the digits shown
/// are the digits used. Equal token ids share one embedding, whatever their place.
struct LayerModel {
    std::vector<int> tokens;  // T ids, 1 to 64, each at least 0
    int d_model = 16;         // C, 2 to 128
    int heads = 4;            // H, divides d_model
    std::uint32_t seed = 7;
    bool scaled = true;      // divide the scores by sqrt(d_k)
    double temperature = 1;  // and by this, 0.05 to 20
    bool rope = false;       // rotate q and k by position, half-split pairs; d_k must be even
    double theta = 10000;

    template <class Visitor>
    void model_fields(Visitor& field) {
        field.required("tokens", tokens);
        field.optional("d_model", d_model);
        field.optional("heads", heads);
        field.optional("seed", seed);
        field.optional("scaled", scaled);
        field.optional("temperature", temperature);
        field.optional("rope", rope);
        field.optional("theta", theta);
    }
};

struct AttentionLayerOptions : LayerModel {
    static constexpr const char* kFunction = "attention_layer";
    bool causal = true;
    std::vector<int> valid;  // one entry per token, 0 = padding: no query sees it; empty: all are valid
    std::vector<Override> overrides;

    template <class Visitor>
    void fields(Visitor& field) {
        model_fields(field);
        field.optional("causal", causal);
        field.optional("valid", valid);
        field.optional("overrides", overrides);
    }
};

/// Tensors of the trace, in order. [U C] token_embedding (one row per distinct token), [T C] x, [C C] w_q w_k w_v, [H T D] q k v,
/// with RoPE q_rotated k_rotated, [H T S] scores, scaled, [T S] mask, [H T S] masked, [H T] row_max, [H T S] exponentials, [H T] row_sum,
/// [H T S] weights, [H T] entropy, [H T D] head_outputs, [T C] concatenated, [C C] w_o, [T C] output, residual, [T S C] contributions,
/// [T C] contribution_sum, [T S] contribution_lengths.
/// Names are in camel case: tokenEmbedding, wQ.
struct AttentionLayerResult {
    Trace trace;
    int heads = 0;
    int d_head = 0;
    std::vector<int> embedding_rows;  // for each token, its row of token_embedding
    Array<double> entropy;            // [H, T], nats
    Array<double> effective_keys;     // [H, T], e^entropy
    Array<double> max_weight;         // [H, T]
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("trace", trace);
        field.required("heads", heads);
        field.required("d_head", d_head);
        field.required("embedding_rows", embedding_rows);
        field.required("entropy", entropy, "H T");
        field.required("effective_keys", effective_keys, "H T");
        field.required("max_weight", max_weight, "H T");
    }
};

/// A query that sees no key (its only visible keys are padding) has weights and output of zeros.
/// Throws DomainError for values outside the ranges above, heads that do not divide d_model, `valid` of another length than tokens,
/// and an override of a tensor or entry that does not exist.
AttentionLayerResult attention_layer(const AttentionLayerOptions& options);

struct CachedDecodeOptions : LayerModel {
    static constexpr const char* kFunction = "cached_decode";
    template <class Visitor>
    void fields(Visitor& field) {
        model_fields(field);
    }
};

/// Work is counted in multiply-adds of the projections, scores and weighted sums.
struct CachedStep {
    int token = 0;                    // position of the token that this step adds
    double multiply_adds_cached = 0;  // this step, with the keys and values of earlier tokens kept
    double multiply_adds_full = 0;    // this step, with everything before it computed again (all pairs of positions)
    int cache_floats = 0;             // keys and values held after this step
    double max_difference = 0;        // largest difference between this step's output row and the full pass
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("token", token);
        field.required("multiply_adds_cached", multiply_adds_cached);
        field.required("multiply_adds_full", multiply_adds_full);
        field.required("cache_floats", cache_floats);
        field.required("max_difference", max_difference);
    }
};

struct CachedDecodeResult {
    std::vector<CachedStep> steps;
    double max_difference = 0;
    Array<double> output;  // [T, C], row t from step t
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("steps", steps);
        field.required("max_difference", max_difference);
        field.required("output", output, "T C");
    }
};

/// Runs the same layer, causal, one token at a time with a key/value cache, and compares every output row with attention_layer's.
/// The same errors as attention_layer.
CachedDecodeResult cached_decode(const CachedDecodeOptions& options);

}  // namespace clearformer
