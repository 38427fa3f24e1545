#include "clearformer/ops/embedding.hpp"

namespace clearformer {

template <class Real>
EmbeddingResult<Real> embedding(const EmbeddingOptions<Real>& o) {
    const Letters letter = check_shapes(o);
    const Size V = letter["V"], C = letter["C"], T = o.tokens.size();
    require(!o.positions || T <= letter["N"], "embedding: there are ", o.positions ? letter["N"] : 0, " positions, got ", T,
            " tokens");
    EmbeddingResult<Real> r{Array<Real>({T, C})};
    for (Size t = 0; t < T; ++t) {
        const int token = o.tokens[t];
        require(token >= 0 && static_cast<Size>(token) < V, "embedding: token ids must be at least 0 and below ", V,
                ", got ", token, " at position ", t);
        for (Size c = 0; c < C; ++c) {
            r.y.row(t)[c] = o.table.row(static_cast<Size>(token))[c] + (o.positions ? o.positions->row(t)[c] : Real(0));
        }
    }
    return r;
}

template EmbeddingResult<float> embedding(const EmbeddingOptions<float>&);
template EmbeddingResult<double> embedding(const EmbeddingOptions<double>&);

}  // namespace clearformer
