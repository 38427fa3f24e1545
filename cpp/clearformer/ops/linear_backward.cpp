#include "clearformer/ops/linear_backward.hpp"

#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/gradient_traces.hpp"
#include "clearformer/ops/matmul.hpp"

namespace clearformer {

namespace {

/// The leading axes of a and b must be equal too, which the letters do not say.
void check_leading(const char* function, const Shape& dy, const Shape& x, Size width) {
    Shape expected = x;
    expected.back() = width;
    check_same_shape(function, "dy", dy, "y", expected);
}

}  // namespace

LinearBackwardResult linear_backward(const LinearBackwardOptions& o) {
    const Letters letter = check_shapes(o);
    const Size C = letter["C"], N = letter["N"];
    check_leading("linear_backward", o.dy.shape, o.x.shape, N);
    LinearBackwardResult r{o.dy, Array<double>(o.x.shape), Array<double>(o.weight.shape), std::nullopt};
    if (o.bias) r.d_bias = Array<double>({N});
    const Size rows = N > 0 ? o.dy.rows() : C > 0 ? o.x.rows() : 0;
    linear_rows(o.x.data.data(), o.weight.data.data(), o.bias ? o.bias->data.data() : nullptr, r.y.data.data(), rows, C, N);
    linear_rows_backward(o.x.data.data(), o.weight.data.data(), o.dy.data.data(), r.dx.data.data(), r.d_weight.data.data(),
                         o.bias ? r.d_bias->data.data() : nullptr, rows, C, N);
    check_finite("linear_backward", "y", r.y);
    check_finite("linear_backward", "dx", r.dx);
    check_finite("linear_backward", "d_weight", r.d_weight);
    if (r.d_bias) check_finite("linear_backward", "d_bias", *r.d_bias);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

MatmulBackwardResult matmul_backward(const MatmulBackwardOptions& o) {
    const Letters letter = check_shapes(o);
    const Size K = letter["K"], N = letter["N"];
    check_leading("matmul_backward", o.dy.shape, o.a.shape, N);
    MatmulBackwardResult r{o.dy, Array<double>(o.a.shape), Array<double>(o.b.shape)};
    const Size rows = N > 0 ? o.dy.rows() : K > 0 ? o.a.rows() : 0;
    matmul(o.a.data.data(), o.b.data.data(), r.y.data.data(), rows, K, N, K, N, N);
    matmul_transposed(o.dy.data.data(), o.b.data.data(), r.da.data.data(), rows, N, K, N, N, K);
    add_transposed_product(o.a.data.data(), o.dy.data.data(), r.db.data.data(), rows, K, N, K, N, N);
    check_finite("matmul_backward", "y", r.y);
    check_finite("matmul_backward", "da", r.da);
    check_finite("matmul_backward", "db", r.db);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
