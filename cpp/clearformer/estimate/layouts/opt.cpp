// OPT: learned positions with two rows before the first, and in the 350M model embeddings narrower than the layers, with projections to and
// from them. transformers: models/opt/modeling_opt.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, true);
    t.feed_forward = config.count("ffn_dim");
    const Quantity narrow = config.optional_count("word_embed_proj_dim");
    const bool before = config.flag_or("do_layer_norm_before", true);
    const bool bias = config.flag_or("enable_bias", true);
    t.prefix = "model.decoder.";
    t.o = "self_attn.out_proj";
    t.up = "fc1";
    t.down = "fc2";
    t.layer_norms = "self_attn_layer_norm|final_layer_norm";
    t.final_norm = before && !config.flag_or("_remove_final_layer_norm", false) ? "final_layer_norm" : "";
    t.gated = false;
    t.qkv_bias = t.o_bias = t.feed_forward_bias = bias;
    t.norm_scale = t.norm_bias = config.flag_or("layer_norm_elementwise_affine", true);
    const bool projected = narrow && narrow.count() != t.width.count();
    if (projected) t.embedding_width = narrow;
    const auto project = [&](const char* name, const char* title, Quantity in, Quantity out) {
        Architecture::Linear l;
        l.name = model.text({t.prefix, name});
        l.title = title;
        l.kind = Class::kOther;
        l.in = in;
        l.out = out;
        model.linear(l);
    };
    add_embedding(model, t);
    const Quantity positions = config.count("max_position_embeddings");
    model.table(model.text({t.prefix, "embed_positions.weight"}), Class::kPosition, positions + 2, t.width);
    if (projected) project("project_in", "embedding to layers", narrow, t.width);
    add_attention_projections(model, t);
    add_attention(model, t);
    add_feed_forward(model, t);
    add_layer_norms(model, t);
    if (projected) project("project_out", "layers to embedding", t.width, narrow);
    add_end(model, t);
}

}  // namespace

extern const Layout opt_layout{"opt", &build};

}  // namespace clearformer::estimate
