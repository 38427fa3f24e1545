#pragma once

// What the functions with a trace write into it. Tensors are added in the order in which they are computed.

#include "clearformer/moe/routing.hpp"
#include "clearformer/ops/softmax_record.hpp"

namespace clearformer::moe {

/// A tensor that was given.
void record_input(Trace& trace, const Label& label, const Array<double>& values);

/// A computed tensor. The values are the kernel's own.
void record(Trace& trace, const Label& label, const Array<double>& values, Rule rule);

/// A router, from its logits to the weights of the chosen experts.
struct RouterRecord {
    const Array<double>* x = nullptr;       // null: the logits are given
    const Array<double>* weight = nullptr;  // goes with x
    const Array<double>* bias = nullptr;    // or null
    const Array<double>& logits;            // before the temperature
    const Array<double>& tempered;          // after it
    double temperature = 1;
    const Array<double>& probabilities;
    const Array<double>& indices;
    const Array<double>& weights;
    const std::string& norm;
};

/// Tensors: x, routerWeight, routerBias (as given), logits, tempered (with a temperature other than 1), rowMax,
/// exponentials, rowSum, probabilities, indices, load, and by norm: chosenLogits, chosenMax, chosenExponentials, chosenSum, weights
/// (softmax_after_topk); weights (softmax_before_topk); chosenProbabilities, chosenSum, weights
/// (softmax_before_topk_renormalised); chosenLogits, weights (sigmoid).
void record_router(Trace& trace, const RouterRecord& router);

/// Tensors: x, routerWeight, routerBias (as given), logits, rowMax, exponentials, rowSum, probabilities.
void record_probabilities(Trace& trace, const RouterInputs& inputs, const Array<double>& logits,
                          const Array<double>& probabilities);
/// The experts chosen [T, K] of the tensor `scores`, and how many chose each [E].
void record_choice(Trace& trace, const char* scores, const Array<double>& indices, const std::vector<int>& load);

}  // namespace clearformer::moe
