// GPT-1 and GPT-2: learned positions, fused q, k and v, biases everywhere, a tied head. transformers: models/gpt2/modeling_gpt2.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    const bool first = config.text_or("model_type", "") == "openai-gpt";
    DecoderTraits t = read_decoder(config, model, true);
    const Quantity inner = config.optional_count("n_inner");
    t.feed_forward = inner ? inner : 4 * t.width;
    t.prefix = "transformer.";
    t.embedding = first ? "tokens_embed" : "wte";
    t.layer = "h.{i}.";
    t.qkv = "attn.c_attn";
    t.o = "attn.c_proj";
    t.up = "mlp.c_fc";
    t.down = "mlp.c_proj";
    t.layer_norms = "ln_1|ln_2";
    t.final_norm = first ? "" : "ln_f";
    t.gated = false;
    t.qkv_bias = t.o_bias = t.feed_forward_bias = t.norm_bias = true;
    add_embedding(model, t);
    model.table(model.text({t.prefix, first ? "positions_embed.weight" : "wpe.weight"}), Class::kPosition,
                config.count("n_positions|n_ctx|max_position_embeddings"), t.width);
    add_attention_projections(model, t);
    add_attention(model, t);
    add_feed_forward(model, t);
    add_layer_norms(model, t);
    add_end(model, t);
}

}  // namespace

extern const Layout gpt2_layout{"gpt2 openai-gpt", &build};

}  // namespace clearformer::estimate
