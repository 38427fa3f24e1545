// GPT-NeoX and Pythia: biases everywhere, two norms, a head of its own. transformers: models/gpt_neox/modeling_gpt_neox.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, false);
    t.feed_forward = config.count("intermediate_size");
    t.prefix = "gpt_neox.";
    t.embedding = "embed_in";
    t.qkv = "attention.query_key_value";
    t.o = "attention.dense";
    t.up = "mlp.dense_h_to_4h";
    t.down = "mlp.dense_4h_to_h";
    t.final_norm = "final_layer_norm";
    t.head = "embed_out";
    t.gated = false;
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", true);
    t.feed_forward_bias = t.norm_bias = true;
    config.skip("use_parallel_residual|rotary_pct|rotary_emb_base");
    add_decoder(model, t);
}

}  // namespace

extern const Layout gpt_neox_layout{"gpt_neox", &build};

}  // namespace clearformer::estimate
