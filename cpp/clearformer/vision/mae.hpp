#pragma once

// Masked autoencoding of images (He et al. 2022, section 3).

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// tokens [T, C], noise [T]: one number per token, drawn by the caller; mask_ratio: the share of the tokens that is
/// removed, from 0 to below 1.
struct MaeMaskingOptions {
    static constexpr const char* kFunction = "mae_masking";
    Array<double> tokens, noise;
    double mask_ratio = 0.75;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens, "T C");
        field.required("noise", noise, "T");
        field.optional("mask_ratio", mask_ratio);
        field.optional("trace", trace);
    }
};

struct MaeMaskingResult {
    Array<double> kept;            // [K, C] the tokens that stay, by ascending noise
    std::vector<int> ids_keep;     // [K] where they stood
    Array<double> mask;            // [T] 1: removed, 0: kept
    std::vector<int> ids_restore;  // [T] where each token stands in the order by noise: undoes the shuffle
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("kept", kept, "K C");
        field.required("ids_keep", ids_keep);
        field.required("mask", mask, "T");
        field.required("ids_restore", ids_restore);
        field.optional("trace", trace);
    }
};

/// The K = floor(T (1 - mask_ratio)) tokens with the smallest noise stay; equal noise keeps the order of the tokens. The
/// product is taken in double, so 10 tokens at 0.9 keep none, as in Python.
/// Throws DomainError for a ratio outside 0 <= r < 1 and noise that is not one number per token.
MaeMaskingResult mae_masking(const MaeMaskingOptions& options);

/// image [Ch, H, W], pred [T, P P Ch], mask [T] of 0 and 1. norm_pix_loss: the target patches are normalised, each by its
/// own mean and variance.
struct MaeLossOptions {
    static constexpr const char* kFunction = "mae_loss";
    Array<double> image, pred, mask;
    int patch = 0;
    bool norm_pix_loss = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("image", image, "Ch H W");
        field.required("pred", pred, "T K");
        field.required("mask", mask, "T");
        field.required("patch", patch);
        field.optional("norm_pix_loss", norm_pix_loss);
        field.optional("trace", trace);
    }
};

struct MaeLossResult {
    Array<double> target;          // [T, P P Ch] what pred is compared with; a patch's pixels row by row, channels last
    Array<double> loss_per_patch;  // [T] mean squared error of each patch, masked or not
    double loss = 0;
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("target", target, "T K");
        field.required("loss_per_patch", loss_per_patch, "T");
        field.required("loss", loss);
        field.optional("trace", trace);
    }
};

/// The mean of the squared errors of the masked patches. With norm_pix_loss a target patch is (x - mean) / sqrt(variance +
/// 1e-6), the variance divided by K - 1 as in the authors' code.
/// Throws DomainError for patches that do not divide the image, a pred of another shape, a mask without a 1 or with other
/// numbers than 0 and 1, and norm_pix_loss on patches of one number.
MaeLossResult mae_loss(const MaeLossOptions& options);

}  // namespace clearformer
