#include "clearformer/moe/clamped_experts.hpp"

#include <cmath>

#include "clearformer/moe/router.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/matmul.hpp"

namespace clearformer {

using namespace moe;

ClampedExpertsResult clamped_experts(const ClampedExpertsOptions& o) {
    const Letters letters = check_shapes(o);
    const Size T = letters["T"], C = letters["C"], F = letters["F"], width = letters["F2"];
    require(width == 2 * F, "clamped_experts: gate_up must have twice as many columns as down has rows, ", 2 * F, ", got ",
            width);
    require(o.limit > 0, "clamped_experts: limit must be above 0, got ", o.limit);
    const ActivationFunction sigmoid = find_activation("sigmoid");
    ClampedExpertsResult r;
    r.logits = router_logits(o.kFunction, o.x, o.router_weight, o.router_bias);
    const Size K = choose_experts(o.kFunction, o.k, "softmax_after_topk", r.logits, r.logits, r.indices, r.weights);
    r.load = count_load(r.indices.data, letters["E"]);
    r.hidden = Array<double>({T, K, F});
    r.y = Array<double>({T, C});
    std::vector<double> both(width), output(C);
    for (Size t = 0; t < T; ++t) {
        for (Size i = 0; i < K; ++i) {
            const Size expert = static_cast<Size>(r.indices.row(t)[i]);
            matmul(o.x.row(t), o.gate_up.row(expert * C), both.data(), Size(1), C, width, C, width, width);
            double* hidden = r.hidden.row(t * K + i);
            for (Size f = 0; f < F; ++f) {
                const double* bias = o.gate_up_bias.row(expert);
                const double gate = std::min(both[2 * f] + bias[2 * f], o.limit);
                const double up = std::clamp(both[2 * f + 1] + bias[2 * f + 1], -o.limit, o.limit);
                hidden[f] = (up + 1) * gate * sigmoid(o.alpha * gate).y;
            }
            matmul(hidden, o.down.row(expert * F), output.data(), Size(1), F, C, F, C, C);
            for (Size c = 0; c < C; ++c) r.y.row(t)[c] += r.weights.row(t)[i] * (output[c] + o.down_bias.row(expert)[c]);
        }
    }
    check_finite(o.kFunction, "the hidden layer", r.hidden.data);
    check_finite(o.kFunction, "the output", r.y.data);
    return r;
}

}  // namespace clearformer
