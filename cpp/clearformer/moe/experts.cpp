#include "clearformer/moe/experts.hpp"

#include "clearformer/ops/matmul.hpp"

namespace clearformer::moe {

void gated_feed_forward(const GatedWeights& weights, ActivationFunction function, const double* x, double* y, Size C, Size F,
                        const GatedSteps& steps) {
    std::vector<double> gate(F), up(F), activated(F), hidden(F);
    matmul_transposed(x, weights.gate, gate.data(), Size(1), C, F, C, C, F);
    matmul_transposed(x, weights.up, up.data(), Size(1), C, F, C, C, F);
    for (Size f = 0; f < F; ++f) {
        activated[f] = function(gate[f]).y;
        hidden[f] = activated[f] * up[f];
    }
    matmul_transposed(hidden.data(), weights.down, y, Size(1), F, C, F, F, C);
    if (steps.gate) std::copy(gate.begin(), gate.end(), steps.gate);
    if (steps.up) std::copy(up.begin(), up.end(), steps.up);
    if (steps.activated) std::copy(activated.begin(), activated.end(), steps.activated);
    if (steps.hidden) std::copy(hidden.begin(), hidden.end(), steps.hidden);
}

}  // namespace clearformer::moe
