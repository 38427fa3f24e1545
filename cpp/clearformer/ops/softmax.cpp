#include "clearformer/ops/softmax.hpp"

#include <cmath>

namespace clearformer {

template <class Real>
SoftmaxResult<Real> softmax(const SoftmaxOptions<Real>& o) {
    check_shapes(o);
    const int rank = static_cast<int>(o.x.rank());
    require(rank >= 1, "softmax: x must have at least one axis, got a single number");
    require(o.axis >= -rank && o.axis < rank, "softmax: axis must be from ", -rank, " to ", rank - 1, ", got ", o.axis);
    require(std::isfinite(o.temperature) && o.temperature > 0, "softmax: temperature must be above 0, got ", o.temperature);
    const Size axis = static_cast<Size>(o.axis < 0 ? o.axis + rank : o.axis);
    Shape reduced = o.x.shape;
    reduced.erase(reduced.begin() + static_cast<std::ptrdiff_t>(axis));
    SoftmaxResult<Real> r{o.x, o.x, Array<Real>(reduced)};
    const Size length = o.x.shape[axis];
    Size stride = 1;
    for (Size i = axis + 1; i < o.x.rank(); ++i) stride *= o.x.shape[i];
    std::vector<Real> x(length), y(length);
    for (Size row = 0; row < r.logsumexp.size(); ++row) {
        const Size first = row / stride * stride * length + row % stride;
        for (Size i = 0; i < length; ++i) {
            x[i] = static_cast<Real>(o.x.data[first + i * stride] / o.temperature);
            require(x[i] < std::numeric_limits<Real>::infinity(),
                    "softmax: logits / temperature must be numbers below +inf, got ", x[i]);
        }
        const RowSums<Real> sums = softmax_row(x.data(), y.data(), length);
        const Real log_sum = std::log(sums.sum);
        r.logsumexp.data[row] = sums.logsumexp();
        for (Size i = 0; i < length; ++i) {
            r.y.data[first + i * stride] = y[i];
            r.log_softmax.data[first + i * stride] =
                sums.sum > 0 ? x[i] - sums.maximum - log_sum : -std::numeric_limits<Real>::infinity();
        }
    }
    return r;
}

template SoftmaxResult<float> softmax(const SoftmaxOptions<float>&);
template SoftmaxResult<double> softmax(const SoftmaxOptions<double>&);

}  // namespace clearformer
