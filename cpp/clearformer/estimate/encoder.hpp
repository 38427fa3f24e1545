#pragma once

// Encoders of the BERT and ViT kind: what their layouts have in common.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {

/// A stack of layers, each attention and two feed-forward matrices with their norms.
struct EncoderTraits {
    const char *prefix = "", *layer = "encoder.layer.{i}.";
    const char *q = "attention.self.query", *k = "attention.self.key", *v = "attention.self.value", *qkv = "",
               *o = "attention.output.dense";
    const char *up = "intermediate.dense", *down = "output.dense";
    Names norms = "attention.output.LayerNorm|output.LayerNorm";
    bool qkv_bias = true, bias = true, norm_affine = true, causal = false;
    Stream stream = Stream::kTokens;
    Quantity width, layers, heads, feed_forward;
    Quantity rows;      // rows of one image, where the stream is of images
    Quantity key_rows;  // and what each attends to
};
void add_encoder(Architecture& model, const EncoderTraits& traits);

/// An image cut into patches: the projection of a patch (a convolution of kernel and stride `patch`), and how many patches there are.
struct Patches {
    Quantity image, patch, channels;
    Quantity count;       // patches of an image of the size asked for (Architecture::image_size), or else as configured
    Quantity configured;  // patches of an image as configured: what tables of positions hold
};
/// Reads image_size, patch_size and num_channels (names in `keys`: image, patch, channels). Throws DomainError for an image smaller than a
/// patch.
Patches read_patches(const Reader& config, const Architecture& model, Names image, Names patch, Names channels);
/// Completes patches whose configured image, patch and channels are known.
Patches count_patches(const Reader& config, const Architecture& model, Patches patches);
void add_patch_projection(Architecture& model, const char* name, const Patches& patches, Quantity width, bool bias);

/// A dense layer outside the layers: a pooler, a projection, a classifier.
void add_dense(Architecture& model, const char* name, const char* title, Class kind, Quantity in, Quantity out, bool bias,
               Stream stream);

/// The layers of either tower as CLIP and SigLIP name them, and the sizes that their classes have by default.
struct ClipDefaults {
    std::int64_t width, heads;
};
EncoderTraits read_clip_layers(const Reader& config, const ClipDefaults& otherwise);

/// The layers of a ViT as CLIP and SigLIP name them, from a vision_config: embeddings, layers, norms.
struct Tower {
    const char* prefix = "";
    bool class_token = false, pre_norm = false, patch_bias = true;
};
/// Adds a vision tower and returns its width; model.image_rows is set.
Quantity add_vision_tower(const Reader& config, Architecture& model, const Tower& tower);

}  // namespace clearformer::estimate
