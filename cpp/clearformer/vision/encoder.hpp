#pragma once

// The two halves of an encoder layer as vision models store their weights: one matrix for queries, keys and values.

#include "clearformer/fields.hpp"

namespace clearformer::vision {

/// qkv_weight [3 C, C] with the rows W_Q, W_K, W_V, qkv_bias [3 C], proj_weight [C, C], proj_bias [C]. Refers to them.
struct AttentionWeights {
    const Array<double>& qkv_weight;
    const std::optional<Array<double>>& qkv_bias;
    const Array<double>& proj_weight;
    const std::optional<Array<double>>& proj_bias;
};

/// fc1_weight [F, C], fc1_bias [F], fc2_weight [C, F], fc2_bias [C]. Refers to them.
struct FeedForwardWeights {
    const Array<double>& fc1_weight;
    const std::optional<Array<double>>& fc1_bias;
    const Array<double>& fc2_weight;
    const std::optional<Array<double>>& fc2_bias;
};

/// Those of any struct that has them by these names.
template <class Options>
AttentionWeights attention_weights(const Options& o) {
    return {o.qkv_weight, o.qkv_bias, o.proj_weight, o.proj_bias};
}
template <class Options>
FeedForwardWeights feed_forward_weights(const Options& o) {
    return {o.fc1_weight, o.fc1_bias, o.fc2_weight, o.fc2_bias};
}

/// Everything that one attention layer computes on x [T, C], D = C / heads.
struct SelfAttention {
    Array<double> q, k, v;  // [H, T, D]
    Array<double> scores;   // [H, T, T] q . k / sqrt(D)
    Array<double> weights;  // [H, T, T]
    Array<double> heads;    // [H, T, D]
    Array<double> joined;   // [T, C]
    Array<double> output;   // [T, C]
};

/// The shapes must have been checked.
SelfAttention self_attention(const Array<double>& x, const AttentionWeights& weights, Size heads);

/// Everything that one feed-forward layer computes on x [T, C].
struct FeedForward {
    Array<double> hidden;     // [T, F]
    Array<double> activated;  // [T, F]
    Array<double> output;     // [T, C]
};

FeedForward feed_forward(const Array<double>& x, const FeedForwardWeights& weights, const std::string& activation_name);

/// a + b, entry by entry.
Array<double> sum(Array<double> a, const Array<double>& b);

}  // namespace clearformer::vision
