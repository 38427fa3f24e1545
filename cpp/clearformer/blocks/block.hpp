#pragma once

// Transformer blocks: the encoder's and the decoder's as torch.nn builds them, and Llama's.

#include "clearformer/blocks/feed_forward.hpp"

namespace clearformer {

/// x [T, C]. Weights [out, in], laid out as torch.nn.TransformerEncoderLayer has them: in_weight [3 C, C] holds the rows W_Q, W_K, W_V.
/// placement, with f for attention and for feed-forward: post norm(x + f(x)) (Vaswani et al. 2017); pre x + f(norm(x)) (Xiong et al. 2020);
/// sandwich x + norm(f(norm(x))), the inner norms from gamma1 and gamma2, the outer ones from gamma3 and gamma4 (Ding et al. 2021; Gemma 2);
/// parallel x + attention(norm(x)) + ff(norm(x)) with the one norm gamma1 (Wang and Komatsuzaki 2021).
/// qk_norm normalises each head's queries and keys by RMS, without weights. valid: for each of the T tokens 1, or 0 for padding, which
/// nobody sees; empty: all are valid.
struct EncoderBlockOptions {
    static constexpr const char* kFunction = "encoder_block";
    Array<double> x;
    int heads = 1;
    Array<double> in_weight, in_bias, out_weight, out_bias, w1, b1, w2, b2, gamma1, beta1;
    std::optional<Array<double>> gamma2, beta2, gamma3, beta3, gamma4, beta4;
    std::string placement = "post";
    std::string activation = "relu";
    double eps = 1e-5;
    bool causal = false;
    std::vector<int> valid;
    bool qk_norm = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("heads", heads);
        field.required("in_weight", in_weight, "C3 C");
        field.required("in_bias", in_bias, "C3");
        field.required("out_weight", out_weight, "C C");
        field.required("out_bias", out_bias, "C");
        field.required("w1", w1, "F C");
        field.required("b1", b1, "F");
        field.required("w2", w2, "C F");
        field.required("b2", b2, "C");
        field.required("gamma1", gamma1, "C");
        field.required("beta1", beta1, "C");
        field.optional("gamma2", gamma2, "C");
        field.optional("beta2", beta2, "C");
        field.optional("gamma3", gamma3, "C");
        field.optional("beta3", beta3, "C");
        field.optional("gamma4", gamma4, "C");
        field.optional("beta4", beta4, "C");
        field.optional("placement", placement);
        field.optional("activation", activation);
        field.optional("eps", eps);
        field.optional("causal", causal);
        field.optional("valid", valid);
        field.optional("qk_norm", qk_norm);
        field.optional("trace", trace);
    }
};
struct EncoderBlockResult {
    Array<double> weights;          // [H, T, T]
    Array<double> after_attention;  // [T, C] the residual stream after attention (parallel: after attention alone)
    Array<double> y;                // [T, C]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weights", weights, "H T T");
        field.required("after_attention", after_attention, "T C");
        field.required("y", y, "T C");
        field.optional("trace", trace);
    }
};

/// A query that sees no key gets no attention: its weights are 0.
/// Throws DomainError for shapes that do not fit, heads that do not divide C, an unknown placement or activation, eps < 0 and a valid that is
/// not T times 0 or 1; KindError where a norm is missing that the placement needs.
EncoderBlockResult encoder_block(const EncoderBlockOptions& options);

/// The same as steps of a flow, without x among the options: how a model stacks its blocks. `prefix` is before the names in the trace.
struct EncoderValues {
    Value weights, after_attention, y;
};
EncoderValues encoder_block(Flow& flow, const std::string& prefix, const Value& x, const EncoderBlockOptions& options);
void check_encoder_block(const char* function, const EncoderBlockOptions& options);

/// x [T, C], memory [S, C]: causal self-attention, attention to the encoder's output, feed-forward, each with its norm (Vaswani et al. 2017,
/// figure 1; torch.nn.TransformerDecoderLayer). placement is pre or post. memory_valid: for each of the S rows of memory 1, or 0 for padding.
struct DecoderBlockOptions {
    static constexpr const char* kFunction = "decoder_block";
    Array<double> x, memory;
    int heads = 1;
    Array<double> self_in_weight, self_in_bias, self_out_weight, self_out_bias;
    Array<double> cross_in_weight, cross_in_bias, cross_out_weight, cross_out_bias;
    Array<double> w1, b1, w2, b2, gamma1, beta1, gamma2, beta2, gamma3, beta3;
    std::string placement = "post";
    std::string activation = "relu";
    double eps = 1e-5;
    bool causal = true;
    std::vector<int> memory_valid;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("memory", memory, "S C");
        field.required("heads", heads);
        field.required("self_in_weight", self_in_weight, "C3 C");
        field.required("self_in_bias", self_in_bias, "C3");
        field.required("self_out_weight", self_out_weight, "C C");
        field.required("self_out_bias", self_out_bias, "C");
        field.required("cross_in_weight", cross_in_weight, "C3 C");
        field.required("cross_in_bias", cross_in_bias, "C3");
        field.required("cross_out_weight", cross_out_weight, "C C");
        field.required("cross_out_bias", cross_out_bias, "C");
        field.required("w1", w1, "F C");
        field.required("b1", b1, "F");
        field.required("w2", w2, "C F");
        field.required("b2", b2, "C");
        field.required("gamma1", gamma1, "C");
        field.required("beta1", beta1, "C");
        field.required("gamma2", gamma2, "C");
        field.required("beta2", beta2, "C");
        field.required("gamma3", gamma3, "C");
        field.required("beta3", beta3, "C");
        field.optional("placement", placement);
        field.optional("activation", activation);
        field.optional("eps", eps);
        field.optional("causal", causal);
        field.optional("memory_valid", memory_valid);
        field.optional("trace", trace);
    }
};
struct DecoderBlockResult {
    Array<double> self_weights;   // [H, T, T]
    Array<double> cross_weights;  // [H, T, S]
    Array<double> after_self;     // [T, C]
    Array<double> after_cross;    // [T, C]
    Array<double> y;              // [T, C]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("self_weights", self_weights, "H T T");
        field.required("cross_weights", cross_weights, "H T S");
        field.required("after_self", after_self, "T C");
        field.required("after_cross", after_cross, "T C");
        field.required("y", y, "T C");
        field.optional("trace", trace);
    }
};

/// Errors as encoder_block.
DecoderBlockResult decoder_block(const DecoderBlockOptions& options);

struct DecoderValues {
    Value self_weights, cross_weights, after_self, after_cross, y;
};
DecoderValues decoder_block(Flow& flow, const std::string& prefix, const Value& x, const Value& memory,
                            const DecoderBlockOptions& options);
void check_decoder_block(const char* function, const DecoderBlockOptions& options);

/// LayerNorm as these blocks have it: a step called `name`, its weights inputs named after it.
Value norm_step(Flow& flow, const std::string& name, const Value& x, const Array<double>& gamma, const Array<double>& beta,
                double eps);

/// x [T, C]: x + attention(rms(x)), then + swiglu(rms(x)), with RoPE on queries and keys and grouped heads (Touvron et al. 2023). Weights
/// [out, in], no biases. Positions are position_offset, position_offset + 1, ... query_gamma and key_gamma [D] normalise queries and keys before
/// the rotation (Qwen3).
struct LlamaBlockOptions {
    static constexpr const char* kFunction = "llama_block";
    Array<double> x, wq, wk, wv, wo, gate, up, down, attention_gamma, ffn_gamma;
    std::optional<Array<double>> query_gamma, key_gamma;
    int heads = 1, kv_heads = 1;
    double theta = 10000;
    std::string pairing = "half_split";
    double position_offset = 0;
    double eps = 1e-6;
    std::string mask = "causal";
    std::optional<int> window;
    std::string activation = "silu";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("wq", wq, "Nq C");
        field.required("wk", wk, "Nk C");
        field.required("wv", wv, "Nk C");
        field.required("wo", wo, "C Nq");
        field.required("gate", gate, "F C");
        field.required("up", up, "F C");
        field.required("down", down, "C F");
        field.required("attention_gamma", attention_gamma, "C");
        field.required("ffn_gamma", ffn_gamma, "C");
        field.optional("query_gamma", query_gamma, "D");
        field.optional("key_gamma", key_gamma, "D");
        field.required("heads", heads);
        field.required("kv_heads", kv_heads);
        field.optional("theta", theta);
        field.optional("pairing", pairing);
        field.optional("position_offset", position_offset);
        field.optional("eps", eps);
        field.optional("mask", mask);
        field.optional("window", window);
        field.optional("activation", activation);
        field.optional("trace", trace);
    }
};
struct LlamaBlockResult {
    Array<double> q_rotated;        // [H, T, D]
    Array<double> k_rotated;        // [G, T, D]
    Array<double> weights;          // [H, T, T]
    Array<double> after_attention;  // [T, C]
    Array<double> y;                // [T, C]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q_rotated", q_rotated, "H T Dh");
        field.required("k_rotated", k_rotated, "G T Dh");
        field.required("weights", weights, "H T T");
        field.required("after_attention", after_attention, "T C");
        field.required("y", y, "T C");
        field.optional("trace", trace);
    }
};

/// mask is none, causal or sliding_causal with `window`. Throws DomainError for shapes that do not fit, heads that are no multiple of kv_heads
/// or do not divide the projections, an odd head width, an unknown mask, pairing or activation.
LlamaBlockResult llama_block(const LlamaBlockOptions& options);

/// The same as steps of a flow, without x among the options: how a model stacks its blocks.
struct LlamaValues {
    Value q_rotated, k_rotated, weights, after_attention, y;
};
LlamaValues llama_block(Flow& flow, const Value& x, const LlamaBlockOptions& options);
void check_llama_block(const char* function, const LlamaBlockOptions& options);

}  // namespace clearformer
