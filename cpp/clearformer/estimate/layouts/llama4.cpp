// Llama 4, the text model alone or with its image tower: one routed expert beside a shared one in every interleave_moe_layer_step-th layer,
// attention in chunks where the layer has rotary positions. transformers: models/llama4/modeling_llama4.py.

#include <algorithm>

#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {
namespace {

void add_text(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, false);
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", false);
    t.feed_forward = config.count("intermediate_size_mlp|intermediate_size");
    config.skip("use_qk_norm|for_llm_compression|model_type|attn_temperature_tuning|floor_scale|attn_scale");
    t.window = config.optional_count("attention_chunk_size");
    t.chunked = true;
    t.windowed = layers_named(config, "layer_types", "chunked_attention", t.layers);
    const std::vector<double> rotary = config.numbers("no_rope_layers");
    if (!t.windowed && !rotary.empty()) {
        require(static_cast<std::int64_t>(rotary.size()) == t.layers.count(), "config: no_rope_layers must name ",
                t.layers.count(), " layers, got ", rotary.size());
        t.windowed = t.layers.count() - std::count(rotary.begin(), rotary.end(), 0.0);
    }
    if (!t.windowed) {
        config.assume("no_rope_layers", "every fourth layer has no rotary positions and sees everything",
                      "the default of Llama4TextConfig");
        t.windowed = t.layers.count() - t.layers.count() / 4;
    }
    ExpertTraits& e = t.experts;
    e.count = config.count("num_local_experts");
    e.chosen = config.count("num_experts_per_tok");
    e.width = e.shared_width = config.count("intermediate_size");
    e.router = "feed_forward.router";
    e.expert = "feed_forward.experts.";
    e.gate_up = "gate_up_proj";
    e.shared = "feed_forward.shared_expert.";
    t.gate = "feed_forward.gate_proj";
    t.up = "feed_forward.up_proj";
    t.down = "feed_forward.down_proj";
    const std::vector<double> listed = config.numbers("moe_layers");
    const std::int64_t step = config.count_or("interleave_moe_layer_step", 1, "the default of Llama4TextConfig").count();
    const std::int64_t sparse = listed.empty() ? t.layers.count() / step : static_cast<std::int64_t>(listed.size());
    require(sparse <= t.layers.count(), "config: moe_layers names ", sparse, " layers of ", t.layers.count());
    e.layers =
        sparse == t.layers.count()
            ? t.layers
            : model.ledger().leaf("sparse_layers|Layers with experts||interleave_moe_layer_step", sparse, Origin::kConfig);
    add_decoder(model, t);
}

/// The image tower, its pixel shuffle and the projection into the text model.
void add_image_tower(const Reader& config, Architecture& model) {
    const Patches p = read_patches(config, model, "image_size", "patch_size", "num_channels");
    EncoderTraits t;
    t.width = config.count("hidden_size");
    t.layers = config.count("num_hidden_layers");
    t.heads = config.count("num_attention_heads");
    t.feed_forward = config.count("intermediate_size");
    const char* const prefix = "vision_model.";
    add_patch_projection(model, model.text({prefix, "patch_embedding.linear"}), p, t.width, false);
    model.image_rows = config.ledger().named(p.count + 1, "image_rows|Rows of an image: patches and the class token");
    model.vector(model.text({prefix, "class_embedding"}), Class::kEmbedding, {t.width}, {}, Stream::kImage);
    model.table(model.text({prefix, "positional_embedding_vlm"}), Class::kPosition, p.configured + 1, t.width,
                Stream::kImage);
    t.stream = Stream::kImage;
    t.rows = t.key_rows = model.image_rows;
    t.prefix = prefix;
    t.layer = "model.layers.{i}.";
    t.q = "self_attn.q_proj";
    t.k = "self_attn.k_proj";
    t.v = "self_attn.v_proj";
    t.o = "self_attn.o_proj";
    t.up = "mlp.fc1";
    t.down = "mlp.fc2";
    t.norms = "input_layernorm|post_attention_layernorm";
    model.norm(model.text({prefix, "layernorm_pre"}), t.width, true, true, {}, Stream::kImage);
    add_encoder(model, t);
    model.norm(model.text({prefix, "layernorm_post"}), t.width, true, true, {}, Stream::kImage);
    const Quantity in = config.count("projector_input_dim"), out = config.count("projector_output_dim");
    const Quantity to = config.count_or("vision_output_dim", out);
    Architecture::Linear l;
    l.stream = Stream::kImage;
    const double ratio = config.number_or("pixel_shuffle_ratio", 0.5);
    require(ratio > 0 && ratio <= 1, "config: pixel_shuffle_ratio must be in (0, 1], got ", ratio);
    const std::int64_t joined = static_cast<std::int64_t>(1 / (ratio * ratio) + 0.5);
    l.rows = floor_divide(p.count, joined);
    l.name = model.text({prefix, "vision_adapter.mlp.fc1"});
    l.title = "adapter, first layer";
    l.in = t.feed_forward;
    l.out = in;
    model.linear(l);
    l.name = model.text({prefix, "vision_adapter.mlp.fc2"});
    l.title = "adapter, second layer";
    l.in = in;
    l.out = out;
    model.linear(l);
    l.name = "multi_modal_projector.linear_1";
    l.title = "image to text";
    l.in = to;
    l.out = model.width;
    model.linear(l);
    config.skip("model_type|vision_feature_layer|vision_feature_select_strategy|multi_modal_projector_bias|rope_theta");
}

void build(const Reader& config, Architecture& model) {
    if (!config.has_object("text_config")) return add_text(config, model);
    add_text(config.within("text_config"), model);
    if (config.has_object("vision_config")) add_image_tower(config.within("vision_config"), model);
}

}  // namespace

extern const Layout llama4_layout{"llama4 llama4_text", &build};

}  // namespace clearformer::estimate
