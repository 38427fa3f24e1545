#include "clearformer/ops/matmul.hpp"

namespace clearformer {

template <class Real>
MatmulResult<Real> matmul(const MatmulOptions<Real>& o) {
    const Letters letter = check_shapes(o);
    const Size K = letter["K"], N = letter["N"];
    Shape shape = o.a.shape;
    shape.back() = N;
    MatmulResult<Real> result{Array<Real>(shape)};
    matmul(o.a.data.data(), o.b.data.data(), result.y.data.data(), result.y.rows(), K, N, K, N, N);
    return result;
}

template MatmulResult<float> matmul(const MatmulOptions<float>&);
template MatmulResult<double> matmul(const MatmulOptions<double>&);

}  // namespace clearformer
