#pragma once

// T5's relative positions: distances fall into buckets, exact when near, logarithmic when far, and each bucket has a learned bias.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// relative_position of any shape: key position minus query position, whole numbers.
struct RelativeBucketsOptions {
    static constexpr const char* kFunction = "relative_buckets";
    Array<double> relative_position;
    bool bidirectional = true;
    int num_buckets = 32;
    int max_distance = 128;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("relative_position", relative_position, "..");
        field.optional("bidirectional", bidirectional);
        field.optional("num_buckets", num_buckets);
        field.optional("max_distance", max_distance);
        field.optional("trace", trace);
    }
};
struct RelativeBucketsResult {
    Array<double> bucket;  // as relative_position: 0 .. num_buckets - 1
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("bucket", bucket, "..");
        field.optional("trace", trace);
    }
};

/// With n buckets for one direction (all of them, or half when bidirectional: the upper half is for keys after the query): distances below
/// n / 2 have a bucket each, the others share logarithmically up to max_distance, and everything beyond is in the last one (Raffel et al.
/// 2020, section 2.1; the arithmetic of Hugging Face's T5, in single precision as there). Causal: keys after the query are in bucket 0.
/// Throws DomainError for num_buckets below 2 (4 when bidirectional) or odd, a max_distance not above the exact half, and fractions.
RelativeBucketsResult relative_buckets(const RelativeBucketsOptions& options);

/// table [N, H]: one bias for each bucket and head. Query t stands at position t + query_offset (default S - T).
struct RelativeBiasOptions {
    static constexpr const char* kFunction = "relative_bias";
    Array<double> table;
    int queries = 0, keys = 0;
    bool bidirectional = true;
    int max_distance = 128;
    std::optional<int> query_offset;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("table", table, "N H");
        field.required("queries", queries);
        field.required("keys", keys);
        field.optional("bidirectional", bidirectional);
        field.optional("max_distance", max_distance);
        field.optional("query_offset", query_offset);
        field.optional("trace", trace);
    }
};
struct RelativeBiasResult {
    Array<double> bias;    // [H, T, S]: what attention() takes as bias
    Array<double> bucket;  // [T, S]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("bias", bias, "H T S");
        field.required("bucket", bucket, "T S");
        field.optional("trace", trace);
    }
};

/// Throws DomainError for negative sizes and as relative_buckets.
RelativeBiasResult relative_bias(const RelativeBiasOptions& options);

}  // namespace clearformer
