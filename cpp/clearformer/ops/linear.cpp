#include "clearformer/ops/linear.hpp"

#include "clearformer/ops/matmul.hpp"

namespace clearformer {

template <class Real>
LinearResult<Real> linear(const LinearOptions<Real>& o) {
    const Letters letter = check_shapes(o);
    const Size C = letter["C"], N = letter["N"];
    Shape shape = o.x.shape;
    shape.back() = N;
    LinearResult<Real> result{Array<Real>(shape)};
    const Size rows = result.y.rows();
    matmul_transposed(o.x.data.data(), o.weight.data.data(), result.y.data.data(), rows, C, N, C, C, N);
    for (Size r = 0; o.bias && r < rows; ++r) {
        for (Size n = 0; n < N; ++n) result.y.row(r)[n] += o.bias->data[n];
    }
    return result;
}

template LinearResult<float> linear(const LinearOptions<float>&);
template LinearResult<double> linear(const LinearOptions<double>&);

}  // namespace clearformer
