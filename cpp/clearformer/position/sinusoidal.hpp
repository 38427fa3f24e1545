#pragma once

// The fixed position table of the first transformer (Vaswani et al. 2017, section 3.5).

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// `length` positions of `dim` features, dim even. Feature pair i of position p is the sine and the cosine of p
/// 10000^(-2 i / dim). layout "interleaved": features 2 i and 2 i + 1 are the pair (the paper). "concatenated" (also
/// "half", "half_split"): all sines, then all cosines (GPT-J, Fairseq).
struct SinusoidalOptions {
    static constexpr const char* kFunction = "sinusoidal_positions";
    int length = 0;
    int dim = 0;
    std::string layout = "interleaved";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("length", length);
        field.required("dim", dim);
        field.optional("layout", layout);
        field.optional("trace", trace);
    }
};

struct SinusoidalResult {
    Array<double> table;  // [T, C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("table", table, "T C");
        field.optional("trace", trace);
    }
};

/// Throws DomainError for length < 0, dim < 2 or odd, an unknown layout, and tables above the memory limit.
SinusoidalResult sinusoidal_positions(const SinusoidalOptions& options);

}  // namespace clearformer
