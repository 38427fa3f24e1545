#pragma once

// The block of the diffusion transformer (Peebles and Xie 2023, section 3.2, "adaLN-Zero").

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [T, C] tokens, c [K] the condition (the embedding of time step and class). modulation_weight [6 C, K] and
/// modulation_bias [6 C] make shift, scale and gate of the attention, then shift, scale and gate of the feed-forward
/// layer. qkv_weight [3 C, C] has the rows W_Q, W_K, W_V. Biases may be left out. eps: of the layer norms, which have no
/// weights of their own. activation: of the feed-forward layer, by the names of `activation`.
struct DitBlockOptions {
    static constexpr const char* kFunction = "dit_block";
    Array<double> x, c, modulation_weight;
    std::optional<Array<double>> modulation_bias = {};
    Array<double> qkv_weight;
    std::optional<Array<double>> qkv_bias = {};
    Array<double> proj_weight;
    std::optional<Array<double>> proj_bias = {};
    Array<double> fc1_weight;
    std::optional<Array<double>> fc1_bias = {};
    Array<double> fc2_weight;
    std::optional<Array<double>> fc2_bias = {};
    int heads = 1;
    double eps = 1e-6;
    std::string activation = "gelu_tanh";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("c", c, "K");
        field.required("modulation_weight", modulation_weight, "C6 K");
        field.optional("modulation_bias", modulation_bias, "C6");
        field.required("qkv_weight", qkv_weight, "C3 C");
        field.optional("qkv_bias", qkv_bias, "C3");
        field.required("proj_weight", proj_weight, "C C");
        field.optional("proj_bias", proj_bias, "C");
        field.required("fc1_weight", fc1_weight, "F C");
        field.optional("fc1_bias", fc1_bias, "F");
        field.required("fc2_weight", fc2_weight, "C F");
        field.optional("fc2_bias", fc2_bias, "C");
        field.optional("heads", heads);
        field.optional("eps", eps);
        field.optional("activation", activation);
        field.optional("trace", trace);
    }
};

struct DitBlockResult {
    Array<double> y;                // [T, C]
    Array<double> modulation;       // [6 C]: shift, scale, gate; shift, scale, gate
    Array<double> weights;          // [H, T, T]
    Array<double> after_attention;  // [T, C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "T C");
        field.required("modulation", modulation, "C6");
        field.required("weights", weights, "H T T");
        field.required("after_attention", after_attention, "T C");
        field.optional("trace", trace);
    }
};

/// modulation = W silu(c) + b. after_attention = x + gate attention(norm(x) (1 + scale) + shift); y = after_attention +
/// gate' feed_forward(norm(after_attention) (1 + scale') + shift'). With W and b of zeros the gates are closed and y = x.
/// Throws DomainError where heads does not divide C, an unknown activation, eps < 0, rows without entries, and shapes that
/// do not fit.
DitBlockResult dit_block(const DitBlockOptions& options);

}  // namespace clearformer
