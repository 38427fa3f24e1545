#pragma once

// Attention in tiles: a block of queries against one block of keys after the other, with the running maximum and sum of each row, never
// holding more than one tile of scores (Dao et al. 2022, FlashAttention, algorithm 1; Milakov and Gimelshein 2018).

#include "clearformer/attention/masks.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// q [H, T, D], k [G, S, D], v [G, S, Dv]. Queries come query_block at a time, keys key_block at a time. causal is aligned bottom-right.
/// `steps` also gives the running values after every block of keys.
struct StreamingAttentionOptions {
    static constexpr const char* kFunction = "streaming_attention";
    Array<double> q, k, v;
    int query_block = 64, key_block = 64;
    std::optional<double> scale;
    bool causal = false;
    bool steps = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", q, "H T D");
        field.required("k", k, "G S D");
        field.required("v", v, "G S Dv");
        field.optional("query_block", query_block);
        field.optional("key_block", key_block);
        field.optional("scale", scale);
        field.optional("causal", causal);
        field.optional("steps", steps);
        field.optional("trace", trace);
    }
};

/// One tile, the same for every head.
struct Tile {
    int first_query = 0, queries = 0, first_key = 0, keys = 0;
    std::string kind;  // full, partial (the mask cuts through it) or skipped (the mask hides all of it)
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("first_query", first_query);
        field.required("queries", queries);
        field.required("first_key", first_key);
        field.required("keys", keys);
        field.required("kind", kind);
    }
};

struct StreamingAttentionResult {
    Array<double> output;                 // [H, T, Dv]
    Array<double> logsumexp;              // [H, T] ln of the row's sum of exp(score); minus infinity where a row sees no key
    std::vector<Tile> tiles;              // in the order they are taken
    int scores_at_once = 0;               // numbers that one tile of scores needs, instead of T S
    std::optional<Array<double>> maxima;  // [H, T, N] running maximum after each of N blocks of keys
    std::optional<Array<double>> sums;    // [H, T, N] running sum of exp(score - maximum)
    std::optional<Array<double>> accumulators;  // [H, T, N, Dv] running sum of exp(score - maximum) v
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("output", output, "H T Dv");
        field.required("logsumexp", logsumexp, "H T");
        field.required("tiles", tiles);
        field.required("scores_at_once", scores_at_once);
        field.optional("maxima", maxima, "H T N");
        field.optional("sums", sums, "H T N");
        field.optional("accumulators", accumulators, "H T N Dv");
        field.optional("trace", trace);
    }
};

/// Equals attention() to rounding. A row that sees no key gives zeros.
/// Throws DomainError for shapes that do not fit, H not a multiple of G, blocks below 1, and more than 1,000,000 tiles.
StreamingAttentionResult streaming_attention(const StreamingAttentionOptions& options);

}  // namespace clearformer
