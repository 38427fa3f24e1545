#pragma once

// From the logits of a whole vocabulary to the few tokens that may be drawn.

#include <optional>
#include <vector>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// logits [V], minus infinity allowed. In this order: logits / temperature; the top_k largest (all by default); of their softmax the
/// fewest, largest first, whose probabilities reach top_p (Holtzman et al. 2020, section 3.1; the token that crosses top_p is kept);
/// softmax over what is left. Among equal logits the lower id comes first, and exactly top_k are kept, as llama.cpp has it.
template <class Real>
struct SampleTopOptions {
    static constexpr const char* kFunction = "sample_top";
    Array<Real> logits;
    double temperature = 1;
    std::optional<int> top_k;
    double top_p = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "V", kAnyNumber);
        field.optional("temperature", temperature);
        field.optional("top_k", top_k);
        field.optional("top_p", top_p);
        field.optional("trace", trace);
    }
};

template <class Real>
struct SampleTopResult {
    std::vector<int> ids;       // [K], the kept tokens
    Array<Real> probabilities;  // [K], descending; their sum is 1
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("ids", ids);
        field.required("probabilities", probabilities, "K");
        field.optional("trace", trace);
    }
};

/// The vocabulary is never sorted: one pass takes the maximum of every 64 logits. The k largest logits lie in the k blocks with the
/// largest maxima and reach the least of these, as few others do; only those few are sorted. Without top_k, k grows until the k largest
/// hold top_p of the whole.
///
/// A token of -inf is never kept; fewer than top_k may be left. Throws DomainError for temperature <= 0, top_k < 1, top_p outside (0, 1],
/// logits that are all -inf, none, +inf or NaN.
template <class Real>
SampleTopResult<Real> sample_top(const SampleTopOptions<Real>& options);

}  // namespace clearformer
