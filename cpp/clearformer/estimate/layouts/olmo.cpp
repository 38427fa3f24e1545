// OLMo: norms without parameters. OLMo 2: norms after attention and feed-forward, and over the whole of q and k.
// transformers: models/olmo/modeling_olmo.py, models/olmo2/modeling_olmo2.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    const bool second = config.text_or("model_type", "") != "olmo";
    DecoderTraits t = read_decoder(config, model, false);
    note_own_keys(config, t);
    t.feed_forward = config.count("intermediate_size");
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", false);
    if (second) {
        t.layer_norms = "post_attention_layernorm|post_feedforward_layernorm";
        t.qk_norm = DecoderTraits::kWholeWidth;
        t.window = config.optional_count("sliding_window");
        t.windowed = layers_named(config, "layer_types", "sliding_attention", t.layers);
    } else {
        t.norm_scale = false;
    }
    config.skip("clip_qkv");
    add_decoder(model, t);
}

}  // namespace

extern const Layout olmo_layout{"olmo olmo2 olmo3", &build};

}  // namespace clearformer::estimate
