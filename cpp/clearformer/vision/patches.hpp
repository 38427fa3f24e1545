#pragma once

// Images and videos cut into patches: the first layer of a vision transformer.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// image [Ch, H, W] in any unit, weight [N, Ch, P, P], bias [N] or none; N is the width of a token and P the side of a
/// patch in pixels.
struct PatchEmbedOptions {
    static constexpr const char* kFunction = "patch_embed";
    Array<double> image, weight;
    std::optional<Array<double>> bias;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("image", image, "Ch H W");
        field.required("weight", weight, "N Ch P P");
        field.optional("bias", bias, "N");
        field.optional("trace", trace);
    }
};

struct PatchEmbedResult {
    Array<double> tokens;   // [T, N], T = (H / P)(W / P), row by row from the top left
    Array<double> patches;  // [T, Ch P P]: a patch's pixels channel by channel, then row by row
    std::vector<int> grid;  // patches down, patches across
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens, "T N");
        field.required("patches", patches, "T K");
        field.required("grid", grid);
        field.optional("trace", trace);
    }
};

/// tokens[t, n] = sum over k of patches[t, k] weight[n, k] + bias[n]: the linear map of each flattened patch (Dosovitskiy
/// et al. 2021, equation 1), which is the convolution with kernel and stride P.
/// Throws DomainError where P does not divide H and W, or an extent is 0.
PatchEmbedResult patch_embed(const PatchEmbedOptions& options);

/// video [Ch, F, H, W] with F frames, weight [N, Ch, Pt, Ph, Pw], bias [N] or none.
struct TubeletEmbedOptions {
    static constexpr const char* kFunction = "tubelet_embed";
    Array<double> video, weight;
    std::optional<Array<double>> bias;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("video", video, "Ch F H W");
        field.required("weight", weight, "N Ch Pt Ph Pw");
        field.optional("bias", bias, "N");
        field.optional("trace", trace);
    }
};

struct TubeletEmbedResult {
    Array<double> tokens;   // [T, N], by time, then row, then column
    std::vector<int> grid;  // tubelets in time, down, across
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens, "T N");
        field.required("grid", grid);
        field.optional("trace", trace);
    }
};

/// The same with boxes of Pt frames by Ph by Pw pixels, "tubelets" (Arnab et al. 2021, section 3.2): a three-dimensional
/// convolution whose stride is its kernel.
/// Throws DomainError where a tubelet does not divide the video, or an extent is 0.
TubeletEmbedResult tubelet_embed(const TubeletEmbedOptions& options);

}  // namespace clearformer
