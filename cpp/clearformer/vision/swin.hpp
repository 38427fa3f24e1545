#pragma once

// The two layers that make Swin (Liu et al. 2021): attention inside windows, and the merging of 2 by 2 patches.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [H, W, C]; head h is the columns h C / heads onwards. qkv_weight [3 C, C] (rows Q, K, V) and qkv_bias [3 C]: the
/// projections; without a weight q = k = v = x. proj_weight [C, C] and proj_bias [C]: the output projection, none without
/// a weight. bias_table [(2 window - 1)^2, heads]: the learned bias per relative position. scale defaults to 1 / sqrt(C /
/// heads).
struct SwinAttentionOptions {
    static constexpr const char* kFunction = "swin_attention";
    Array<double> x;
    int window = 0;
    int shift = 0;
    int heads = 1;
    std::optional<double> scale = {};
    std::optional<Array<double>> bias_table = {}, qkv_weight = {}, qkv_bias = {}, proj_weight = {}, proj_bias = {};
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "H W C");
        field.required("window", window);
        field.optional("shift", shift);
        field.optional("heads", heads);
        field.optional("scale", scale);
        field.optional("bias_table", bias_table, "R heads");
        field.optional("qkv_weight", qkv_weight, "C3 C");
        field.optional("qkv_bias", qkv_bias, "C3");
        field.optional("proj_weight", proj_weight, "C C");
        field.optional("proj_bias", proj_bias, "C");
        field.optional("trace", trace);
    }
};

struct SwinAttentionResult {
    Array<double> y;        // [H, W, C], rolled back into place
    Array<double> weights;  // [N, heads, P, P]: window, head, query, key
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "H W C");
        field.required("weights", weights, "N heads P P");
        field.optional("trace", trace);
    }
};

/// In each window of the rolled grid: softmax(scale q . k + bias_table[index] + mask) v, the mask adding -100 between
/// tokens that only the roll made neighbours (equation 4 and figure 4). As -100 is not minus infinity, such weights are
/// about e^-100, not 0.
/// Throws DomainError for windows that do not divide the grid, shifts not from 0 to window - 1, heads that do not divide
/// C, windows above 64, a bias without its weight, and shapes that do not fit.
SwinAttentionResult swin_attention(const SwinAttentionOptions& options);

/// x [H, W, C]. gamma, beta [4 C]: the layer normalisation of the joined rows, eps its epsilon, none without gamma and
/// beta; weight [N, 4 C]: the reduction, N = 2 C in Swin.
struct PatchMergingOptions {
    static constexpr const char* kFunction = "patch_merging";
    Array<double> x;
    std::optional<Array<double>> gamma = {}, beta = {}, weight = {};
    double eps = 1e-5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "H W C");
        field.optional("gamma", gamma, "C4");
        field.optional("beta", beta, "C4");
        field.optional("weight", weight, "N C4");
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

struct PatchMergingResult {
    Array<double> y;        // [T, 4 C], or [T, N] with a weight; T = ceil(H / 2) ceil(W / 2)
    std::vector<int> grid;  // rows and columns of y
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "T N");
        field.required("grid", grid);
        field.optional("trace", trace);
    }
};

/// The four rows of each 2 by 2 block side by side: top left, bottom left, top right, bottom right (the order of the
/// published weights); then norm and reduction. Odd grids are padded with rows of zeros.
/// Throws DomainError for grids without tokens and shapes that do not fit.
PatchMergingResult patch_merging(const PatchMergingOptions& options);

}  // namespace clearformer
