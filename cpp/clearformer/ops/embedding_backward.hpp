#pragma once

// Gradient of the embedding.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// tokens: T ids from 0 to V - 1; table [V, C]; positions [N, C], N at least T, or none; dy [T, C].
struct EmbeddingBackwardOptions {
    static constexpr const char* kFunction = "embedding_backward";
    std::vector<int> tokens;
    Array<double> table;
    std::optional<Array<double>> positions;
    Array<double> dy;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens, "T");
        field.required("table", table, "V C");
        field.optional("positions", positions, "N C");
        field.required("dy", dy, "T C");
        field.optional("trace", trace);
    }
};

struct EmbeddingBackwardResult {
    Array<double> y;                           // [T, C] what embedding gives
    Array<double> d_table;                     // [V, C]
    std::optional<Array<double>> d_positions;  // [N, C] where there are positions
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "T C");
        field.required("d_table", d_table, "V C");
        field.optional("d_positions", d_positions, "N C");
        field.optional("trace", trace);
    }
};

/// Row v of d_table is the sum of dy over the places where token v stands (zeros where it stands nowhere), row t of
/// d_positions is row t of dy (zeros from T on). Throws DomainError as embedding does.
EmbeddingBackwardResult embedding_backward(const EmbeddingBackwardOptions& options);

/// d_table [.., c] row tokens[t] += row t of dy [count, c].
template <class Real>
void embedding_rows_backward(const int* tokens, const Real* dy, Real* d_table, Size count, Size c);

}  // namespace clearformer
