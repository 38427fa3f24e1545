#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {

namespace {

void add_encoder_norm(Architecture& model, const EncoderTraits& t, std::string_view name) {
    model.norm(model.text({t.prefix, t.layer, name}), t.width, t.norm_affine, t.norm_affine, t.layers, t.stream);
    model.norms.back().rows = t.rows;
}

}  // namespace

void add_encoder(Architecture& model, const EncoderTraits& t) {
    require(t.width.count() % t.heads.count() == 0, "config: hidden_size ", t.width.count(), " is not divisible by ",
            t.heads.count(), " heads");
    const auto linear = [&](std::string_view name, const char* title, Class kind, Quantity in, Quantity out, bool bias) {
        Architecture::Linear l;
        l.name = model.text({t.prefix, t.layer, name});
        l.title = title;
        l.kind = kind;
        l.in = in;
        l.out = out;
        l.repeat = t.layers;
        l.bias = bias;
        l.stream = t.stream;
        l.rows = t.rows;
        model.linear(l);
    };
    if (*t.qkv != 0) {
        linear(t.qkv, "queries, keys and values", Class::kAttention, t.width, 3 * t.width, t.qkv_bias);
    } else {
        linear(t.q, "queries", Class::kAttention, t.width, t.width, t.qkv_bias);
        linear(t.k, "keys", Class::kAttention, t.width, t.width, t.qkv_bias);
        linear(t.v, "values", Class::kAttention, t.width, t.width, t.qkv_bias);
    }
    linear(t.o, "attention output", Class::kAttention, t.width, t.width, t.bias);
    Attention core;
    core.name = model.text({t.prefix, t.layer, "attention"});
    core.title = "attention";
    core.stream = core.keys = t.stream;
    core.causal = t.causal;
    core.repeat = t.layers;
    core.heads = core.kv_heads = t.heads;
    core.width = core.v_width = floor_divide(t.width, t.heads);
    core.rows = t.rows;
    core.key_rows = t.key_rows;
    model.attend(core);
    linear(t.up, "feed-forward up", Class::kFeedForward, t.width, t.feed_forward, t.bias);
    linear(t.down, "feed-forward down", Class::kFeedForward, t.feed_forward, t.width, t.bias);
    std::string_view name;
    for (Names names = t.norms; next_name(names, name);) add_encoder_norm(model, t, name);
}

Patches count_patches(const Reader& config, const Architecture& model, Patches p) {
    const Quantity configured = floor_divide(p.image, p.patch);
    p.configured = config.ledger().named(configured * configured, {config.path("patches"), "|Patches of an image"});
    p.count = p.configured;
    if (!model.image_size) return p;
    p.image = model.image_size;
    require(p.image.count() >= p.patch.count(), "plan: image_size ", p.image.count(), " is smaller than a patch of ",
            p.patch.count());
    const Quantity side = floor_divide(p.image, p.patch);
    p.count = config.ledger().named(side * side, "patches_of_image|Patches of an image of that size");
    return p;
}

Patches read_patches(const Reader& config, const Architecture& model, Names image, Names patch, Names channels) {
    Patches p;
    p.image = config.count(image);
    p.patch = config.count(patch);
    p.channels = config.count_or(channels, 3, "red, green, blue");
    require(p.image.count() >= p.patch.count(), "config: ", config.path(first_name(image)), " ", p.image.count(),
            " is smaller than a patch of ", p.patch.count());
    return count_patches(config, model, p);
}

void add_patch_projection(Architecture& model, const char* name, const Patches& p, Quantity width, bool bias) {
    Architecture::Linear l;
    l.name = name;
    l.title = "patches to rows";
    l.kind = Class::kEmbedding;
    l.in = p.channels * p.patch * p.patch;
    l.out = width;
    l.bias = bias;
    l.stream = Stream::kImage;
    l.rows = p.count;
    model.linear(l);
}

void add_dense(Architecture& model, const char* name, const char* title, Class kind, Quantity in, Quantity out, bool bias,
               Stream stream) {
    Architecture::Linear l;
    l.name = name;
    l.title = title;
    l.kind = kind;
    l.in = in;
    l.out = out;
    l.bias = bias;
    l.stream = stream;
    model.linear(l);
}

EncoderTraits read_clip_layers(const Reader& config, const ClipDefaults& otherwise) {
    const char* const why = "the class's default";
    EncoderTraits t;
    t.width = config.count_or("hidden_size", otherwise.width, why);
    t.layers = config.count_or("num_hidden_layers", 12, why);
    t.heads = config.count_or("num_attention_heads", otherwise.heads, why);
    t.feed_forward = config.count_or("intermediate_size", 4 * otherwise.width, why);
    t.layer = "encoder.layers.{i}.";
    t.q = "self_attn.q_proj";
    t.k = "self_attn.k_proj";
    t.v = "self_attn.v_proj";
    t.o = "self_attn.out_proj";
    t.up = "mlp.fc1";
    t.down = "mlp.fc2";
    t.norms = "layer_norm1|layer_norm2";
    return t;
}

Quantity add_vision_tower(const Reader& config, Architecture& model, const Tower& tower) {
    EncoderTraits t = read_clip_layers(config, {768, 12});
    Patches p;
    p.image = config.count_or("image_size", 224, "the class's default");
    p.patch = config.count_or("patch_size", tower.class_token ? 32 : 16, "the class's default");
    p.channels = config.count_or("num_channels", 3, "red, green, blue");
    p = count_patches(config, model, p);
    add_patch_projection(model, model.text({tower.prefix, "embeddings.patch_embedding"}), p, t.width, tower.patch_bias);
    if (tower.class_token)
        model.vector(model.text({tower.prefix, "embeddings.class_embedding"}), Class::kEmbedding, {t.width}, {},
                     Stream::kImage);
    const auto with_class = [&](Quantity patches) { return tower.class_token ? patches + 1 : patches; };
    const Quantity rows = with_class(p.count);
    model.table(model.text({tower.prefix, "embeddings.position_embedding.weight"}), Class::kPosition,
                with_class(p.configured), t.width, Stream::kImage);
    model.image_rows = config.ledger().named(rows, "image_rows|Rows of an image");
    t.stream = Stream::kImage;
    t.rows = t.key_rows = model.image_rows;
    t.prefix = tower.prefix;
    if (tower.pre_norm) model.norm(model.text({tower.prefix, "pre_layrnorm"}), t.width, true, true, {}, Stream::kImage);
    add_encoder(model, t);
    model.norm(model.text({tower.prefix, "post_layernorm"}), t.width, true, true, {}, Stream::kImage);
    return t.width;
}

}  // namespace clearformer::estimate
