#pragma once

// The vision transformer (Dosovitskiy et al. 2021), whole.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// One encoder layer. Weights are [out, in]; qkv_weight has the rows W_Q, W_K, W_V.
struct VitLayer {
    Array<double> norm1_gamma, norm1_beta;  // [C]
    Array<double> qkv_weight;               // [3 C, C]
    std::optional<Array<double>> qkv_bias;  // [3 C]
    Array<double> proj_weight;              // [C, C]
    std::optional<Array<double>> proj_bias;
    Array<double> norm2_gamma, norm2_beta;
    Array<double> fc1_weight;  // [F, C]
    std::optional<Array<double>> fc1_bias;
    Array<double> fc2_weight;  // [C, F]
    std::optional<Array<double>> fc2_bias;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("norm1_gamma", norm1_gamma, "C");
        field.required("norm1_beta", norm1_beta, "C");
        field.required("qkv_weight", qkv_weight, "C3 C");
        field.optional("qkv_bias", qkv_bias, "C3");
        field.required("proj_weight", proj_weight, "C C");
        field.optional("proj_bias", proj_bias, "C");
        field.required("norm2_gamma", norm2_gamma, "C");
        field.required("norm2_beta", norm2_beta, "C");
        field.required("fc1_weight", fc1_weight, "F C");
        field.optional("fc1_bias", fc1_bias, "F");
        field.required("fc2_weight", fc2_weight, "C F");
        field.optional("fc2_bias", fc2_bias, "C");
    }
};

/// image [Ch, H, W]; patch_weight [C, Ch, P, P] and patch_bias [C] as in patch_embed. cls_token [C]: the class token's
/// row, before those of the patches; without it the head reads the mean of all rows. pos_embed [T, C], T counting the
/// class token. layers: any number up to 64. norm "pre" normalises before each half of a layer (ViT), "post" after its
/// residual sum (Vaswani et al. 2017). norm_gamma and norm_beta [C]: the last layer norm, none without them. head_weight
/// [N, C], head_bias [N]: the classifier, none without its weight. activation: by the names of `activation`.
struct VisionTransformerOptions {
    static constexpr const char* kFunction = "vision_transformer";
    Array<double> image, patch_weight;
    std::optional<Array<double>> patch_bias, cls_token, pos_embed;
    std::vector<VitLayer> layers;
    std::optional<Array<double>> norm_gamma, norm_beta, head_weight, head_bias;
    int heads = 1;
    double eps = 1e-6;
    std::string activation = "gelu_exact";
    std::string norm = "pre";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("image", image, "Ch H W");
        field.required("patch_weight", patch_weight, "C Ch P P");
        field.optional("patch_bias", patch_bias, "C");
        field.optional("cls_token", cls_token, "C");
        field.optional("pos_embed", pos_embed, "T C");
        field.required("layers", layers);
        field.optional("norm_gamma", norm_gamma, "C");
        field.optional("norm_beta", norm_beta, "C");
        field.optional("head_weight", head_weight, "N C");
        field.optional("head_bias", head_bias, "N");
        field.optional("heads", heads);
        field.optional("eps", eps);
        field.optional("activation", activation);
        field.optional("norm", norm);
        field.optional("trace", trace);
    }
};

struct VisionTransformerResult {
    Array<double> embeddings;             // [T, C] what enters the first layer
    Array<double> weights;                // [L, heads, T, T]
    Array<double> hidden;                 // [L, T, C] what leaves each layer
    Array<double> features;               // [T, C] after the last layer norm
    Array<double> pooled;                 // [C] what the head reads
    std::optional<Array<double>> logits;  // [N] with a head
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("embeddings", embeddings, "T C");
        field.required("weights", weights, "L heads T T");
        field.required("hidden", hidden, "L T C");
        field.required("features", features, "T C");
        field.required("pooled", pooled, "C");
        field.optional("logits", logits, "N");
        field.optional("trace", trace);
    }
};

/// Patches to tokens, class token and positions, L encoder layers, layer norm, classifier on the class token (equations 1
/// to 4).
/// Throws DomainError for patches that do not divide the image, heads that do not divide C, positions that are not one per
/// token, an unknown activation or norm, eps < 0, more than 64 layers, and shapes that do not fit.
VisionTransformerResult vision_transformer(const VisionTransformerOptions& options);

/// weights [L, H, T, T]: the attention weights of each layer, from the first. fuse: "mean", "max" or "min" over the heads.
/// residual: the share of the identity, 0 to 1.
struct AttentionRolloutOptions {
    static constexpr const char* kFunction = "attention_rollout";
    Array<double> weights;
    std::string fuse = "mean";
    double residual = 0.5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weights", weights, "L H T T");
        field.optional("fuse", fuse);
        field.optional("residual", residual);
        field.optional("trace", trace);
    }
};

struct AttentionRolloutResult {
    Array<double> rollout;         // [T, T] how much each token of the input is mixed into each token of the output
    Array<double> cls_to_patches;  // [T - 1] the first row without its first entry
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("rollout", rollout, "T T");
        field.required("cls_to_patches", cls_to_patches, "P");
        field.optional("trace", trace);
    }
};

/// A_L ... A_1 with A_l = (1 - residual) fused weights + residual I, each row divided by its sum (Abnar and Zuidema 2020,
/// section 3). Without layers the identity.
/// Throws DomainError for negative weights, rows that sum to 0, an unknown fuse, a residual outside 0 .. 1, and no tokens
/// or heads.
AttentionRolloutResult attention_rollout(const AttentionRolloutOptions& options);

}  // namespace clearformer
