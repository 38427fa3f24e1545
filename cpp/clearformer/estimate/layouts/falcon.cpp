// Falcon in both layouts: the first shares one key and value head (7B) or none (RW), the second groups of them (40B, 180B) and may have two
// norms. transformers: models/falcon/modeling_falcon.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    const bool second = config.flag_or("new_decoder_architecture", false);
    const bool one_key_head = config.flag_or("multi_query", true);
    const bool parallel = config.flag_or("parallel_attn", true);
    config.skip("num_kv_heads|n_head_kv");
    DecoderTraits t = read_decoder(config, model, true);
    if (second) t.kv_heads = config.count_or("num_kv_heads|n_head_kv", t.heads);
    else
        t.kv_heads = one_key_head ? config.given("kv_heads", 1, "multi_query: all query heads share one key and value head")
                                  : t.heads;
    const Quantity inner = config.optional_count("ffn_hidden_size");
    t.feed_forward = inner ? inner : 4 * t.width;
    name_like_bloom(t);
    t.norm_bias = true;
    t.qkv_bias = t.o_bias = t.feed_forward_bias = config.flag_or("bias", false);
    const Quantity norms = config.optional_count("num_ln_in_parallel_attn");
    if (second && !(norms && norms.count() == 1)) t.layer_norms = "ln_attn|ln_mlp";
    else if (parallel) t.layer_norms = "input_layernorm";
    config.skip("alibi");
    add_decoder(model, t);
}

}  // namespace

extern const Layout falcon_layout{"falcon RefinedWebModel RefinedWeb", &build};

}  // namespace clearformer::estimate
