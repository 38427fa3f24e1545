// Llama 1 to 3 and those built like it: Mistral, SmolLM3, TinyLlama, Yi. transformers: models/llama/modeling_llama.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, false);
    note_own_keys(config, t);
    t.feed_forward = config.count("intermediate_size");
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", false);
    t.feed_forward_bias = config.flag_or("mlp_bias", false);
    config.skip("no_rope_layers|no_rope_layer_interval|pretraining_tp");
    if (config.flag_or("use_sliding_window", true)) {
        t.window = config.optional_count("sliding_window");
        t.windowed = layers_named(config, "layer_types", "sliding_attention", t.layers);
    }
    add_decoder(model, t);
}

}  // namespace

extern const Layout llama_layout{"llama mistral smollm3", &build};

}  // namespace clearformer::estimate
