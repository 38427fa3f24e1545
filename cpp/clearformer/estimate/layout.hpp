#pragma once

// A layout turns the keys of one family of configurations into an Architecture. Each stands in a file of its own in layouts/ and is found
// by its name there: layouts/llama.cpp defines `extern const Layout llama_layout`. The build lists them (layout_list.hpp), so a new family
// is one file and one test.

#include "clearformer/estimate/architecture.hpp"
#include "clearformer/estimate/reader.hpp"

namespace clearformer::estimate {

struct Layout {
    const char* model_types;  // the values of model_type it reads, separated by spaces
    void (*build)(const Reader& config, Architecture& model);
};

/// The layout that reads a model_type, or null.
const Layout* find_layout(std::string_view model_type);
/// Every model_type that is known, sorted: for sentences.
std::vector<std::string> known_model_types();

/// The expert part of a layer: a router and `count` feed-forwards, `chosen` of which each token uses.
struct ExpertTraits {
    Quantity count, chosen, width, layers;
    bool gated = true;
    bool bias = false;  // in the experts
    const char* router = "mlp.gate";
    bool router_bias = false;
    bool correction_bias = false;  // DeepSeek-V3's bias of the choice
    const char* expert = "mlp.experts.{e}.";
    const char *gate = "gate_proj", *up = "up_proj", *gate_up = "", *down = "down_proj";
    Quantity shared_width;  // of all shared experts together; none: there are none
    const char* shared = "mlp.shared_experts.";
    const char* shared_gate = "";  // a gate one number wide before the shared expert; empty: none
};

/// What tells one decoder of the GPT and Llama kind from another.
struct DecoderTraits {
    // Names as in published files.
    const char *prefix = "model.", *embedding = "embed_tokens", *layer = "layers.{i}.";
    const char *q = "self_attn.q_proj", *k = "self_attn.k_proj", *v = "self_attn.v_proj", *qkv = "", *o = "self_attn.o_proj";
    const char *gate = "mlp.gate_proj", *up = "mlp.up_proj", *gate_up = "", *down = "mlp.down_proj";
    Names layer_norms = "input_layernorm|post_attention_layernorm";
    const char *final_norm = "norm", *head = "lm_head", *q_norm = "self_attn.q_norm", *k_norm = "self_attn.k_norm";
    // What there is.
    bool qkv_bias = false, o_bias = false, feed_forward_bias = false, gated = true, head_bias = false, tied = false;
    bool norm_scale = true, norm_bias = false;
    enum QkNorm { kNone, kPerHead, kWholeWidth } qk_norm = kNone;
    bool head_prefixed = false;  // the head's name stands under the prefix
    bool has_head = true;
    // Sizes.
    Quantity width, layers, heads, kv_heads, head_width, feed_forward, vocabulary;
    Quantity embedding_width;              // where it differs from the width (OPT-350M)
    Quantity window;                       // of the layers that have one
    std::optional<std::int64_t> windowed;  // how many have it; none: all, if there is a window
    bool chunked = false;
    ExpertTraits experts;  // experts.layers of the layers have them; none: all are dense
};

/// The number of layers: what is listed layer by layer must end. Throws DomainError beyond 65536.
Quantity read_layers(const Reader& config, Names names);
/// Reads the keys that nearly all decoders share: hidden_size, num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim,
/// intermediate_size, vocab_size, tie_word_embeddings (otherwise `tied`), max_position_embeddings.
DecoderTraits read_decoder(const Reader& config, Architecture& model, bool tied);
/// Notes that no key names the key and value heads, for families whose members may share them: each query head then has its own.
void note_own_keys(const Reader& config, const DecoderTraits& traits);
/// The names of BLOOM's files, which Falcon's have too; without a gate.
void name_like_bloom(DecoderTraits& traits);
/// How many layers a list such as layer_types names so, or nothing where there is no list; throws DomainError where its length is not the
/// number of layers.
std::optional<std::int64_t> layers_named(const Reader& config, const char* key, const char* type, Quantity layers);
/// Adds embedding, layers, final norm and head.
void add_decoder(Architecture& model, const DecoderTraits& traits);
/// The parts of add_decoder, for layouts that need others between them.
void add_embedding(Architecture& model, const DecoderTraits& traits);
void add_attention_projections(Architecture& model, const DecoderTraits& traits);
void add_attention(Architecture& model, const DecoderTraits& traits);
void add_feed_forward(Architecture& model, const DecoderTraits& traits);
void add_experts(Architecture& model, const DecoderTraits& traits);
void add_layer_norms(Architecture& model, const DecoderTraits& traits);
void add_end(Architecture& model, const DecoderTraits& traits);

}  // namespace clearformer::estimate
