// DiT: a transformer over latent patches whose norms are set by the conditioning. facebookresearch/DiT models.py; Peebles and Xie 2023,
// tables 1 and 4. The head predicts the noise and, with learn_sigma, its variance.

#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    const Patches p = read_patches(config, model, "input_size|sample_size", "patch_size", "in_channels");
    const Quantity width = config.count("hidden_size"), layers = config.count("depth|num_layers");
    const Quantity heads = config.count("num_heads|num_attention_heads"),
                   classes = config.count_or("num_classes", 1000, "ImageNet");
    const double ratio = config.number_or("mlp_ratio", 4);
    const bool sigma = config.flag_or("learn_sigma", true);
    require(ratio > 0 && ratio * static_cast<double>(width.count()) < 9e15,
            "config: mlp_ratio must be above 0 and give a width below 2^53, got ", ratio);
    const Quantity inner =
        ratio == static_cast<double>(static_cast<std::int64_t>(ratio))
            ? static_cast<std::int64_t>(ratio) * width
            : model.ledger().leaf("mlp_width|Width of the feed-forward||int(hidden_size × mlp_ratio)",
                                  static_cast<std::int64_t>(ratio * static_cast<double>(width.count())), Origin::kConfig);
    model.generates = false;
    model.width = width;
    model.layers = layers;
    model.image_rows = p.count;
    add_patch_projection(model, "x_embedder.proj", p, width, true);
    const Quantity frequencies = config.given("frequency_embedding_size", 256, "DiT models.py, TimestepEmbedder");
    add_dense(model, "t_embedder.mlp.0", "timestep, first layer", Class::kOther, frequencies, width, true, Stream::kOnce);
    add_dense(model, "t_embedder.mlp.2", "timestep, second layer", Class::kOther, width, width, true, Stream::kOnce);
    model.table("y_embedder.embedding_table.weight", Class::kOther, classes + 1, width);
    model.table("pos_embed", Class::kPosition, p.configured, width, Stream::kImage);
    EncoderTraits t;
    t.width = width;
    t.layers = layers;
    t.heads = heads;
    t.feed_forward = inner;
    t.layer = "blocks.{i}.";
    t.qkv = "attn.qkv";
    t.o = "attn.proj";
    t.up = "mlp.fc1";
    t.down = "mlp.fc2";
    t.norms = "norm1|norm2";
    t.norm_affine = false;
    t.stream = Stream::kImage;
    t.rows = t.key_rows = p.count;
    add_encoder(model, t);
    Architecture::Linear modulation;
    modulation.name = "blocks.{i}.adaLN_modulation.1";
    modulation.title = "modulation by the condition";
    modulation.in = width;
    modulation.out = 6 * width;
    modulation.repeat = layers;
    modulation.bias = true;
    modulation.stream = Stream::kOnce;
    model.linear(modulation);
    add_dense(model, "final_layer.adaLN_modulation.1", "modulation of the last norm", Class::kOther, width, 2 * width, true,
              Stream::kOnce);
    model.norm("final_layer.norm_final", width, false, false, {}, Stream::kImage);
    Architecture::Linear head;
    head.name = "final_layer.linear";
    head.title = "rows to patches";
    head.kind = Class::kHead;
    head.in = width;
    head.out = p.patch * p.patch * (sigma ? 2 * p.channels : p.channels);
    head.bias = true;
    head.stream = Stream::kImage;
    head.rows = p.count;
    model.linear(head);
}

}  // namespace

extern const Layout dit_layout{"dit", &build};

}  // namespace clearformer::estimate
