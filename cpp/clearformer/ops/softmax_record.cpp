#include "clearformer/ops/softmax_record.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"

namespace clearformer {

void record_softmax(Trace& trace, const char* x, const SoftmaxLabels& labels, std::optional<Array<double>> result) {
    const Array<double> from = trace.tensor(x);
    const Size N = from.width();
    const Shape row(from.shape.begin(), from.shape.end() - 1);
    Array<double> most(row, -kInfinity), sums(row), exponentials(from.shape), shares(from.shape);
    for (Size r = 0; r < from.rows(); ++r) {
        const double* values = from.row(r);
        for (Size i = 0; i < N; ++i) most.data[r] = std::max(most.data[r], values[i]);
        for (Size i = 0; i < N; ++i) {
            exponentials.row(r)[i] = values[i] == -kInfinity ? 0.0 : std::exp(values[i] - most.data[r]);
            sums.data[r] += exponentials.row(r)[i];
        }
        for (Size i = 0; i < N; ++i) shares.row(r)[i] = sums.data[r] == 0 ? 0.0 : exponentials.row(r)[i] / sums.data[r];
    }
    if (result) shares = std::move(*result);
    trace.add({labels.maximum, row, row_max_rule(x, N), std::move(most.data)});
    trace.add({labels.exponentials, from.shape, exponential_rule(x, labels.maximum.name), std::move(exponentials.data)});
    trace.add({labels.sum, row, row_sum_rule(labels.exponentials.name, N), std::move(sums.data)});
    trace.add(
        {labels.result, shares.shape, normalise_rule(labels.exponentials.name, labels.sum.name), std::move(shares.data)});
}

}  // namespace clearformer
