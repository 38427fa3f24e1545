#pragma once

// Token ids become rows of a table, with a learned position added where there is one.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// tokens: T ids from 0 to V - 1; table [V, C]; positions [N, C], N at least T, or none.
template <class Real>
struct EmbeddingOptions {
    static constexpr const char* kFunction = "embedding";
    std::vector<int> tokens;
    Array<Real> table;
    std::optional<Array<Real>> positions;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
        field.required("table", table, "V C");
        field.optional("positions", positions, "N C");
        field.optional("trace", trace);
    }
};

template <class Real>
struct EmbeddingResult {
    Array<Real> y;  // [T, C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "T C");
        field.optional("trace", trace);
    }
};

/// y[t] = table[tokens[t]] + positions[t]; no token gives no row.
/// Throws DomainError for an id outside the table and for more tokens than positions.
template <class Real>
EmbeddingResult<Real> embedding(const EmbeddingOptions<Real>& options);

}  // namespace clearformer
