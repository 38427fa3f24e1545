// ViT and DeiT with their classifier: a class token, learned positions. transformers: models/vit/modeling_vit.py; Dosovitskiy et al. 2021,
// Touvron et al. 2021 (the plain model, without distillation token).

#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    const Patches p = read_patches(config, model, "image_size", "patch_size", "num_channels");
    const Quantity classes =
        config.count_or("num_labels|num_classes", 1000, "ImageNet's classes, as published counts have them");
    EncoderTraits t;
    t.width = config.count("hidden_size");
    t.layers = config.count("num_hidden_layers");
    t.heads = config.count("num_attention_heads");
    t.feed_forward = config.count("intermediate_size");
    t.qkv_bias = config.flag_or("qkv_bias", true);
    t.layer = "encoder.layer.{i}.";
    t.q = "attention.attention.query";
    t.k = "attention.attention.key";
    t.v = "attention.attention.value";
    t.norms = "layernorm_before|layernorm_after";
    t.stream = Stream::kImage;
    model.generates = false;
    model.width = t.width;
    model.layers = t.layers;
    model.image_rows = model.ledger().named(p.count + 1, "image_rows|Rows of an image: patches and the class token");
    t.rows = t.key_rows = model.image_rows;
    model.vector("embeddings.cls_token", Class::kPosition, {t.width}, {}, Stream::kImage);
    model.table("embeddings.position_embeddings", Class::kPosition, p.configured + 1, t.width, Stream::kImage);
    add_patch_projection(model, "embeddings.patch_embeddings.projection", p, t.width, true);
    add_encoder(model, t);
    model.norm("layernorm", t.width, true, true, {}, Stream::kImage);
    add_dense(model, "classifier", "classifier", Class::kHead, t.width, classes, true, Stream::kOnce);
}

}  // namespace

extern const Layout vit_layout{"vit deit", &build};

}  // namespace clearformer::estimate
