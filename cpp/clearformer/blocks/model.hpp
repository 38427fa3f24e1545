#pragma once

// A whole decoder: embedding, Llama blocks, final norm and head, with every intermediate open and the logit lens.

#include "clearformer/blocks/block.hpp"
#include "clearformer/blocks/parameters.hpp"

namespace clearformer {

/// parameters: embedding [V, C]; for each layer n, as llama_block takes them, n.attention_gamma [C], n.wq [H D, C], n.wk and n.wv [G D, C],
/// n.wo [C, H D], n.ffn_gamma [C], n.gate and n.up [F, C], n.down [C, F]; final_gamma [C]; head [V, C], or none: then the embedding is the head
/// (tied). Layers are counted from 0 until one is missing.
struct DecoderModelOptions {
    static constexpr const char* kFunction = "decoder_model";
    std::vector<int> tokens;
    std::vector<NamedTensor> parameters;
    int heads = 1, kv_heads = 1;
    double theta = 10000;
    std::string pairing = "half_split";
    double eps = 1e-6;
    std::optional<int> window;
    bool logit_lens = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
        field.required("parameters", parameters);
        field.required("heads", heads);
        field.required("kv_heads", kv_heads);
        field.optional("theta", theta);
        field.optional("pairing", pairing);
        field.optional("eps", eps);
        field.optional("window", window);
        field.optional("logit_lens", logit_lens);
        field.optional("trace", trace);
    }
};
struct DecoderModelResult {
    Array<double> logits;               // [T, V]
    Array<double> residual;             // [N, T, C] the residual stream: the embedding, then after each of the N - 1 layers
    std::optional<Array<double>> lens;  // [N, T, V] the logits that the final norm and the head give for each of them
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T V");
        field.required("residual", residual, "N T C");
        field.optional("lens", lens, "N T V");
        field.optional("trace", trace);
    }
};

/// Touvron et al. 2023; the lens: nostalgebraist 2020. The last entry of the lens is the logits.
/// Throws DomainError for tokens outside the vocabulary, no token, shapes that do not fit and as llama_block; KindError for a parameter that
/// is missing, given twice or unknown.
DecoderModelResult decoder_model(const DecoderModelOptions& options);

}  // namespace clearformer
