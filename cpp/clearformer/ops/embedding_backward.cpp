#include "clearformer/ops/embedding_backward.hpp"

#include "clearformer/ops/embedding.hpp"
#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/gradient_traces.hpp"

namespace clearformer {

template <class Real>
void embedding_rows_backward(const int* tokens, const Real* dy, Real* d_table, Size count, Size c) {
    for (Size t = 0; t < count; ++t) {
        Real* row = d_table + static_cast<Size>(tokens[t]) * c;
        for (Size i = 0; i < c; ++i) row[i] += dy[t * c + i];
    }
}
template void embedding_rows_backward(const int*, const float*, float*, Size, Size);
template void embedding_rows_backward(const int*, const double*, double*, Size, Size);

EmbeddingBackwardResult embedding_backward(const EmbeddingBackwardOptions& o) {
    check_shapes(o);
    EmbeddingOptions<double> forward;
    forward.tokens = o.tokens;
    forward.table = o.table;
    forward.positions = o.positions;
    EmbeddingBackwardResult r{embedding(forward).y, Array<double>(o.table.shape), std::nullopt};
    embedding_rows_backward(o.tokens.data(), o.dy.data.data(), r.d_table.data.data(), o.tokens.size(), o.table.width());
    if (o.positions) {
        r.d_positions = Array<double>(o.positions->shape);
        std::copy(o.dy.data.begin(), o.dy.data.end(), r.d_positions->data.begin());
    }
    check_finite("embedding_backward", "y", r.y);
    check_finite("embedding_backward", "d_table", r.d_table);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
