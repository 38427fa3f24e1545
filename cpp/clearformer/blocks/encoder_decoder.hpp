#pragma once

// A whole encoder-decoder: what reads the source, what writes the target, and the attention between them.

#include "clearformer/blocks/block.hpp"
#include "clearformer/blocks/parameters.hpp"

namespace clearformer {

/// The source as tokens or as rows [S, C], the target as tokens or as rows [T, C]. parameters: for tokens, embedding [V, C], of both languages,
/// or source_embedding [U, C] and target_embedding [V, C]; positions [N, C] to be added to the rows of tokens, or none. For each layer n, as
/// encoder_block takes them, encoder.n.in_weight [3 C, C], encoder.n.in_bias, encoder.n.out_weight, encoder.n.out_bias, encoder.n.w1 [F, C],
/// encoder.n.b1, encoder.n.w2, encoder.n.b2, encoder.n.gamma1, .beta1, .gamma2, .beta2; as decoder_block takes them, decoder.n.self_in_weight,
/// .. decoder.n.beta3; layers are counted from 0 until one is missing. encoder_gamma, encoder_beta [C] and decoder_gamma, decoder_beta [C]: the
/// norms after the stacks, or none. head [V, C], or none: then the target's embedding is the head (tied); without one there are no logits.
struct EncoderDecoderOptions {
    static constexpr const char* kFunction = "encoder_decoder";
    std::vector<int> source_tokens, target_tokens;
    std::optional<Array<double>> source, target;
    std::vector<NamedTensor> parameters;
    int heads = 1;
    std::vector<int> source_valid;
    std::string placement = "post";
    std::string activation = "relu";
    double eps = 1e-5;
    double embedding_scale = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("source_tokens", source_tokens);
        field.optional("target_tokens", target_tokens);
        field.optional("source", source, "S C");
        field.optional("target", target, "T C");
        field.required("parameters", parameters);
        field.required("heads", heads);
        field.optional("source_valid", source_valid);
        field.optional("placement", placement);
        field.optional("activation", activation);
        field.optional("eps", eps);
        field.optional("embedding_scale", embedding_scale);
        field.optional("trace", trace);
    }
};
struct EncoderDecoderResult {
    Array<double> memory;                 // [S, C] what the encoder gives
    Array<double> output;                 // [T, C] what the decoder gives
    std::optional<Array<double>> logits;  // [T, V]
    Array<double> encoder_weights;        // [N, H, S, S] of N encoder layers
    Array<double> self_weights;           // [L, H, T, T] of L decoder layers
    Array<double> cross_weights;          // [L, H, T, S]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("memory", memory, "S C");
        field.required("output", output, "T C");
        field.optional("logits", logits, "T V");
        field.required("encoder_weights", encoder_weights, "N H S S");
        field.required("self_weights", self_weights, "L H T T");
        field.required("cross_weights", cross_weights, "L H T S");
        field.optional("trace", trace);
    }
};

/// Vaswani et al. 2017, figure 1: rows of tokens are the embedding's times embedding_scale (theirs: the root of C), plus positions. Self-attention
/// of the target is causal; nobody sees source tokens whose source_valid is 0.
/// Throws DomainError for tokens outside the vocabulary, more tokens than positions, a source or target that is empty or given twice, shapes that
/// do not fit, and as the blocks do; KindError for a parameter that is missing, given twice or unknown.
EncoderDecoderResult encoder_decoder(const EncoderDecoderOptions& options);

}  // namespace clearformer
