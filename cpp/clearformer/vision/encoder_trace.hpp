#pragma once

// The tensors of an encoder layer in a trace. Each function adds those of one part and returns the name of its result.

#include "clearformer/vision/encoder.hpp"
#include "clearformer/vision/recorder.hpp"

namespace clearformer::vision {

/// What the tensors of one layer norm are called.
struct NormLabels {
    const char *gamma, *beta, *mean, *variance, *standard, *output;
};

/// The norm of `values`, which are called x: mean, variance, normalised entries. Scale, shift and `output` only where they
/// are given.
const char* add_norm(Recorder& to, const NormLabels& labels, const char* x, const Array<double>& values,
                     const std::optional<Array<double>>& gamma, const std::optional<Array<double>>& beta, double eps,
                     const Array<double>* output);

/// The softmax of the tensor `scores` [H, T, S] in its four tensors, down to `weights`.
const char* add_softmax(Recorder& to, const char* scores, const Array<double>& weights);

/// Attention on the tensor x: its parameters, q, k, v, scores, softmax, headOutputs, concatenated, attentionOutput.
const char* add_attention(Recorder& to, const AttentionWeights& weights, const char* x, const SelfAttention& run);

/// The feed-forward layer on the tensor x: its parameters, hidden, activated, mlpOutput.
const char* add_feed_forward(Recorder& to, const FeedForwardWeights& weights, const char* x, const FeedForward& run,
                             const std::string& activation_name);

}  // namespace clearformer::vision
