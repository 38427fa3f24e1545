// Mixtral and Phi-3.5-MoE: every layer has a router and so many equal experts. transformers: models/mixtral/modeling_mixtral.py,
// models/phimoe/modeling_phimoe.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    const bool phi = config.text_or("model_type", "") == "phimoe";
    DecoderTraits t = read_decoder(config, model, false);
    note_own_keys(config, t);
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", false);
    t.head_bias = config.flag_or("lm_head_bias", false);
    t.norm_bias = phi;
    t.window = config.optional_count("sliding_window");
    ExpertTraits& e = t.experts;
    e.layers = t.layers;
    e.count = config.count("num_local_experts");
    e.chosen = config.count("num_experts_per_tok");
    e.width = config.count("intermediate_size");
    e.router = "block_sparse_moe.gate";
    e.expert = "block_sparse_moe.experts.{e}.";
    e.gate = "w1";
    e.up = "w3";
    e.down = "w2";
    add_decoder(model, t);
}

}  // namespace

extern const Layout mixtral_layout{"mixtral phimoe", &build};

}  // namespace clearformer::estimate
