// Swin: four stages of attention in windows, each a quarter of the rows and twice the width of the one before. transformers:
// models/swin/modeling_swin.py; Liu et al. 2021, section 3.

#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    const Patches p = read_patches(config, model, "image_size", "patch_size", "num_channels");
    const Quantity first = config.count("embed_dim"), window = config.count("window_size");
    const Quantity classes =
        config.count_or("num_labels|num_classes", 1000, "ImageNet's classes, as published counts have them");
    const double ratio = config.number_or("mlp_ratio", 4);
    require(ratio == static_cast<double>(static_cast<std::int64_t>(ratio)) && ratio >= 1 && ratio <= 64,
            "config: mlp_ratio must be a whole number from 1 to 64, got ", ratio);
    const std::size_t stages = config.length("depths");
    require(config.length("num_heads") == stages && stages <= 8,
            "config: num_heads must have as many entries as depths, at most 8, got ", config.length("num_heads"), " and ",
            stages);
    config.skip("hidden_size|num_layers|use_absolute_embeddings|encoder_stride|out_features");
    model.generates = false;
    model.layers = {};
    add_patch_projection(model, "embeddings.patch_embeddings.projection", p, first, true);
    model.norm("embeddings.norm", first, true, true, {}, Stream::kImage);
    const Quantity seen = window * window;
    Quantity width = first, side = floor_divide(p.image, p.patch);
    model.image_rows = p.count;
    for (std::size_t stage = 0; stage < stages; ++stage) {
        const Quantity depth = config.entry("depths", stage), heads = config.entry("num_heads", stage);
        require(side.count() >= 1, "config: an image of ", p.image.count(), " has no rows left at stage ", stage + 1);
        EncoderTraits t;
        const char* const place = model.text({"encoder.layers.", stage, ".blocks.{i}."});
        t.layer = place;
        t.width = width;
        t.layers = depth;
        t.heads = heads;
        t.feed_forward = static_cast<std::int64_t>(ratio) * width;
        t.qkv_bias = config.flag_or("qkv_bias", true);
        t.norms = "layernorm_before|layernorm_after";
        t.stream = Stream::kImage;
        // Windows are filled up at the border: attention runs over whole windows. An image smaller than a window is one window.
        const Quantity windows = ceil_divide(side, window);
        t.rows = side * side;
        t.key_rows = seen;
        add_encoder(model, t);
        model.attentions.back().rows = windows * windows * seen;
        const Quantity offsets = 2 * window - 1;
        model.vector(model.text({place, "attention.self.relative_position_bias_table"}), Class::kPosition,
                     {offsets * offsets, heads}, depth, Stream::kImage);
        model.layers = model.layers + depth;
        if (stage + 1 == stages) break;
        const char* const merge = model.text({"encoder.layers.", stage, ".downsample."});
        side = ceil_divide(side, model.ledger().constant(std::int64_t{2}));
        model.norm(model.text({merge, "norm"}), 4 * width, true, true, {}, Stream::kImage);
        model.norms.back().rows = side * side;
        Architecture::Linear reduction;
        reduction.name = model.text({merge, "reduction"});
        reduction.title = "four rows to one";
        reduction.in = 4 * width;
        reduction.out = 2 * width;
        reduction.stream = Stream::kImage;
        reduction.rows = side * side;
        model.linear(reduction);
        width = 2 * width;
    }
    model.width = width;
    model.norm("layernorm", width, true, true, {}, Stream::kImage);
    model.norms.back().rows = side * side;
    add_dense(model, "classifier", "classifier", Class::kHead, width, classes, true, Stream::kOnce);
}

}  // namespace

extern const Layout swin_layout{"swin", &build};

}  // namespace clearformer::estimate
