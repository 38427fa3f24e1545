// Phi-1, 1.5 and 2: attention and feed-forward side by side behind one norm, biases everywhere, the head included.
// transformers: models/phi/modeling_phi.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, false);
    const Quantity inner = config.optional_count("intermediate_size|n_inner");
    t.feed_forward = inner ? inner : 4 * t.width;
    t.o = "self_attn.dense";
    t.up = "mlp.fc1";
    t.down = "mlp.fc2";
    t.layer_norms = "input_layernorm";
    t.final_norm = "final_layernorm";
    t.gated = false;
    t.qkv_bias = t.o_bias = t.feed_forward_bias = t.norm_bias = t.head_bias = true;
    require(!config.flag_or("qk_layernorm", false), "config: qk_layernorm must be false for this layout, got true");
    add_decoder(model, t);
}

}  // namespace

extern const Layout phi_layout{"phi phi-msft", &build};

}  // namespace clearformer::estimate
