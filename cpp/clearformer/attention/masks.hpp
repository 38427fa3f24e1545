#pragma once

// Who may see whom. A mask is a matrix allow [T, S]: 1 where query t may see key s, 0 where it may not.

#include <optional>
#include <string>
#include <vector>

#include "clearformer/fields.hpp"
#include "clearformer/ops/packed.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// What a mask's name may refer to. Names are joined with & (both must allow) and + (one must allow, binds tighter):
///
///     none                 everything is visible
///     causal               keys at or before the query
///     key_padding          keys that `valid` marks 1
///     sliding_causal       the query's own position and the window - 1 before it (Mistral; window counts the token itself)
///     sliding              as sliding_causal, without the causal side: |i - j| <= half_window
///     local(w)             |i - j| <= w (Beltagy et al. 2020, Longformer); local alone takes w from half_window
///     global(a,b,...)      the tokens a, b, ... see everything and are seen by all (Longformer)
///     chunked              keys in the query's own chunk of `chunk` positions
///     chunked_causal       the same, at or before the query (Llama 4)
///     same_document        keys of the query's own document, by `documents`
///     prefix               causal, and the first `prefix` keys are visible to all (Raffel et al. 2020, prefix LM)
///
/// Other names in use: bidirectional, full, all, no_mask (none) · prefix_lm, prefix_causal (prefix) · sliding_window, causal_sliding
/// (sliding_causal) · sliding_bidirectional, sliding_symmetric, symmetric_window (sliding) · same_chunk (chunked) · block_causal
/// (chunked_causal) · document, block_diagonal, packed (same_document) · padding (key_padding).
///
/// Query t stands at absolute position t + query_offset. The default S - T aligns the last query with the last key, as a KV cache
/// needs; 0 is PyTorch's is_causal (top-left).
struct MaskOptions {
    static constexpr const char* kFunction = "attention_mask";
    int queries = 0;
    int keys = 0;
    std::string mask = "none";
    std::vector<int> valid;
    std::optional<int> window;
    std::optional<int> half_window;
    std::optional<int> chunk;
    std::optional<int> prefix;
    std::vector<int> documents;
    std::optional<int> query_offset;
    bool trace = false;

    template <class Visitor>
    void fields(Visitor& field) {
        field.required("queries", queries);
        field.required("keys", keys);
        rule_fields(field);
        field.optional("trace", trace);
    }
    /// The fields that attention() takes over.
    template <class Visitor>
    void rule_fields(Visitor& field) {
        field.optional("mask", mask);
        field.optional("valid", valid);
        field.optional("window", window);
        field.optional("half_window", half_window);
        field.optional("chunk", chunk);
        field.optional("prefix", prefix);
        field.optional("documents", documents);
        field.optional("query_offset", query_offset);
    }
};

struct MaskResult {
    Array<double> allow;  // [T, S], 0 or 1
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("allow", allow, "T S");
        field.optional("trace", trace);
    }
};

/// Builds the mask from its name. Throws DomainError for an unknown name, a parameter the name needs and does not have
/// (window for sliding_causal, valid for key_padding, ...), and lists whose length is not the number of keys.
MaskResult attention_mask(const MaskOptions& options);

/// One mask of the options: as it is written, and its one name.
struct NamedMask {
    std::string text, name;
};
/// All masks by name: in each list one must allow, and every list must.
std::vector<std::vector<NamedMask>> named_masks(const MaskOptions& options);

/// The same mask as one range of keys for each query, where it is one: none, causal, sliding, sliding_causal, local, chunked,
/// chunked_causal and prefix, joined by &. Nothing for other masks. Throws as attention_mask does.
std::optional<std::vector<Range>> mask_ranges(const MaskOptions& options);

}  // namespace clearformer
