#pragma once

// What the chosen experts compute: gated feed-forward networks, each with its own weights.

#include "clearformer/ops/activation.hpp"

namespace clearformer::moe {

/// One gated feed-forward network: weights as PyTorch stores them, gate and up [F, C], down [C, F].
struct GatedWeights {
    const double* gate;
    const double* up;
    const double* down;
};

/// The steps of one network on one row; null pointers are not wanted.
struct GatedSteps {
    double* gate = nullptr;       // [F] x W_gate^T
    double* up = nullptr;         // [F] x W_up^T
    double* activated = nullptr;  // [F] activation(gate)
    double* hidden = nullptr;     // [F] activated * up
};

/// y [C] = (activation(x W_gate^T) * (x W_up^T)) W_down^T for one row x [C] (Shazeer 2020, equation 6).
void gated_feed_forward(const GatedWeights& weights, ActivationFunction function, const double* x, double* y, Size C, Size F,
                        const GatedSteps& steps = {});

}  // namespace clearformer::moe
