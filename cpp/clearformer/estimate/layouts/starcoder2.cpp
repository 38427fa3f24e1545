// StarCoder2: two matrices in the feed-forward, norms and linear layers with biases, a window in every layer, a tied head.
// transformers: models/starcoder2/modeling_starcoder2.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, true);
    note_own_keys(config, t);
    t.feed_forward = config.count("intermediate_size");
    t.up = "mlp.c_fc";
    t.down = "mlp.c_proj";
    t.gated = false;
    t.norm_bias = true;
    t.qkv_bias = t.o_bias = t.feed_forward_bias = config.flag_or("use_bias", true);
    t.window = config.optional_count("sliding_window");
    add_decoder(model, t);
}

}  // namespace

extern const Layout starcoder2_layout{"starcoder2", &build};

}  // namespace clearformer::estimate
