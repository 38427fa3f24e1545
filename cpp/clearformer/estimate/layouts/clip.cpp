// CLIP and SigLIP: an image tower and a text tower. CLIP projects both and multiplies by a learned scale; SigLIP pools the image by an
// attention head of its own and adds a bias to the scale. transformers: models/clip/modeling_clip.py, models/siglip/modeling_siglip.py.

#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {
namespace {

void add_text_tower(const Reader& text, Architecture& model, bool causal, bool pooled) {
    EncoderTraits t = read_clip_layers(text, causal ? ClipDefaults{512, 8} : ClipDefaults{768, 12});
    const Quantity words = text.count_or("vocab_size", causal ? 49408 : 32000, "the class's default");
    const Quantity positions = text.count_or("max_position_embeddings", causal ? 77 : 64, "the class's default");
    const char* const prefix = "text_model.";
    model.table(model.text({prefix, "embeddings.token_embedding.weight"}), Class::kEmbedding, words, t.width);
    model.table(model.text({prefix, "embeddings.position_embedding.weight"}), Class::kPosition, positions, t.width);
    t.stream = Stream::kText;
    t.rows = t.key_rows = positions;
    t.causal = causal;
    t.prefix = prefix;
    add_encoder(model, t);
    model.norm(model.text({prefix, "final_layer_norm"}), t.width, true, true, {}, Stream::kText);
    if (pooled)
        add_dense(model, model.text({prefix, "head"}), "text head", Class::kOther, t.width, t.width, true, Stream::kOnce);
    model.trained_context = positions;
}

/// One learned query attends to the patches, then a feed-forward: torch.nn.MultiheadAttention with biases.
void add_pooling_head(const Reader& vision, Architecture& model, Quantity width) {
    const char* const place = "vision_model.head.";
    model.vector(model.text({place, "probe"}), Class::kOther, {model.one(), width});
    add_dense(model, model.text({place, "attention.in_proj"}), "pooling projections", Class::kOther, width, 3 * width, true,
              Stream::kImage);
    add_dense(model, model.text({place, "attention.out_proj"}), "pooling output", Class::kOther, width, width, true,
              Stream::kOnce);
    const Quantity inner = vision.count_or("intermediate_size", 3072, "the class's default");
    add_dense(model, model.text({place, "mlp.fc1"}), "pooling feed-forward up", Class::kOther, width, inner, true,
              Stream::kOnce);
    add_dense(model, model.text({place, "mlp.fc2"}), "pooling feed-forward down", Class::kOther, inner, width, true,
              Stream::kOnce);
    model.norm(model.text({place, "layernorm"}), width, true, true, {}, Stream::kOnce);
}

void build(const Reader& config, Architecture& model) {
    const bool siglip = config.text_or("model_type", "") == "siglip";
    const Reader vision = config.within("vision_config"), text = config.within("text_config");
    for (const Reader* part : {&vision, &text}) part->skip("model_type");
    model.generates = false;
    Tower tower;
    tower.prefix = "vision_model.";
    tower.class_token = tower.pre_norm = !siglip;
    tower.patch_bias = siglip;
    const Quantity width = add_vision_tower(vision, model, tower);
    if (siglip) add_pooling_head(vision, model, width);
    add_text_tower(text, model, !siglip, siglip);
    if (!siglip) {
        const Quantity common = config.count_or("projection_dim", 512, "the class's default");
        add_dense(model, "visual_projection", "image projection", Class::kOther, width, common, false, Stream::kOnce);
        const Quantity words = text.count_or("hidden_size", 512, "the class's default");
        add_dense(model, "text_projection", "text projection", Class::kOther, words, common, false, Stream::kOnce);
    }
    model.vector("logit_scale", Class::kOther, {model.one()});
    if (siglip) model.vector("logit_bias", Class::kOther, {model.one()});
    model.width = width;
    config.skip("logit_scale_init_value");
}

}  // namespace

extern const Layout clip_layout{"clip siglip", &build};

}  // namespace clearformer::estimate
