#include "clearformer/moe/routing.hpp"

#include <cmath>
#include <numeric>

#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer::moe {

Array<double> router_logits(const char* function, const Array<double>& x, const Array<double>& weight,
                            const std::optional<Array<double>>& bias) {
    LinearOptions<double> o;
    o.x = x;
    o.weight = weight;
    o.bias = bias;
    Array<double> logits = linear(o).y;
    require(logits.width() > 0, function, ": there must be at least one expert, got 0");
    check_finite(function, "logits", logits.data);
    return logits;
}

Array<double> router_logits(const char* function, const RouterInputs& inputs) {
    require_kind(inputs.logits.has_value() != inputs.x.has_value(), function, ": needs either logits or x, got ",
                 inputs.x ? "both" : "neither");
    require_kind(inputs.x.has_value() == inputs.router_weight.has_value(), function,
                 ": x and router_weight go together, got only ", inputs.x ? "x" : "router_weight");
    require_kind(inputs.x || !inputs.router_bias, function, ": router_bias goes with x, got it with logits");
    if (inputs.x) return router_logits(function, *inputs.x, *inputs.router_weight, inputs.router_bias);
    require(inputs.logits->width() > 0, function, ": there must be at least one expert, got 0");
    return *inputs.logits;
}

std::vector<Size> largest(const double* scores, Size n, Size k) {
    std::vector<Size> order(n);
    std::iota(order.begin(), order.end(), Size(0));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
                      [&](Size a, Size b) { return scores[a] > scores[b] || (scores[a] == scores[b] && a < b); });
    order.resize(k);
    return order;
}

Size check_count(const char* function, const char* name, int k, Size most, const char* what) {
    require(k >= 1 && static_cast<Size>(k) <= most, function, ": ", name, " must be from 1 to the ", most, " ", what,
            ", got ", k);
    return static_cast<Size>(k);
}

void check_finite(const char* function, const char* what, const std::vector<double>& values) {
    for (double value : values)
        require(std::isfinite(value), function, ": the inputs are too large, ", what, " came to ", value);
}

Array<double> row_probabilities(const Array<double>& logits) {
    Array<double> probabilities = logits;
    for (Size t = 0; t < logits.rows(); ++t) softmax_row(logits.row(t), probabilities.row(t), logits.width());
    return probabilities;
}

std::vector<int> count_load(const std::vector<double>& indices, Size experts) {
    std::vector<int> load(experts, 0);
    for (double index : indices) ++load[static_cast<Size>(index)];
    return load;
}

}  // namespace clearformer::moe
