// GPT-J: one norm before attention and feed-forward side by side, biases in the feed-forward and the head but not in attention.
// transformers: models/gptj/modeling_gptj.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, false);
    const Quantity inner = config.optional_count("n_inner");
    t.feed_forward = inner ? inner : 4 * t.width;
    t.prefix = "transformer.";
    t.embedding = "wte";
    t.layer = "h.{i}.";
    t.q = "attn.q_proj";
    t.k = "attn.k_proj";
    t.v = "attn.v_proj";
    t.o = "attn.out_proj";
    t.up = "mlp.fc_in";
    t.down = "mlp.fc_out";
    t.layer_norms = "ln_1";
    t.final_norm = "ln_f";
    t.gated = false;
    t.feed_forward_bias = t.norm_bias = t.head_bias = true;
    config.skip("rotary|rotary_dim");
    add_decoder(model, t);
}

}  // namespace

extern const Layout gptj_layout{"gptj", &build};

}  // namespace clearformer::estimate
