#pragma once

// Images and position tables at another resolution.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.., H, W], out the new height and width. Conventions are PyTorch's (torch.nn.functional.interpolate).
///
/// Output position i reads around (i + 1/2) H / H' - 1/2; with align_corners around i (H - 1) / (H' - 1), so that the
/// corners stay in place. Positions outside are those of the border. mode "bilinear": a hat of two taps. "bicubic": Keys'
/// kernel (1981) of four taps, A = -0.75. "nearest": floor(i H / H'). "nearest_exact" (also "nearest-exact"): floor((i +
/// 1/2) H / H'). antialias (bilinear and bicubic only): where the image shrinks, the kernel widens by H / H' and is
/// normalised to sum 1; bicubic then has A = -0.5.
struct InterpolateOptions {
    static constexpr const char* kFunction = "interpolate";
    Array<double> x;
    std::vector<int> out;
    std::string mode = "bilinear";
    bool align_corners = false;
    bool antialias = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. H W");
        field.required("out", out);
        field.optional("mode", mode);
        field.optional("align_corners", align_corners);
        field.optional("antialias", antialias);
        field.optional("trace", trace);
    }
};

struct InterpolateResult {
    Array<double> y;  // [.., H', W']
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. H2 W2");
        field.optional("trace", trace);
    }
};

/// Throws DomainError for an unknown mode, align_corners or antialias with a nearest mode, an image without pixels, and
/// out that is not two numbers from 1 to 65536.
InterpolateResult interpolate(const InterpolateOptions& options);

/// pos_embed [T, C]: one row per patch of a grid `from` (rows, columns), after one row for the class token where cls_token
/// is set.
struct PosEmbedInterpolateOptions {
    static constexpr const char* kFunction = "pos_embed_interpolate";
    Array<double> pos_embed;
    std::vector<int> from, to;
    std::string mode = "bicubic";
    bool cls_token = true;
    bool align_corners = false;
    bool antialias = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("pos_embed", pos_embed, "T C");
        field.required("from", from);
        field.required("to", to);
        field.optional("mode", mode);
        field.optional("cls_token", cls_token);
        field.optional("align_corners", align_corners);
        field.optional("antialias", antialias);
        field.optional("trace", trace);
    }
};

struct PosEmbedInterpolateResult {
    Array<double> pos_embed;  // [T', C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("pos_embed", pos_embed, "T2 C");
        field.optional("trace", trace);
    }
};

/// The table for another grid: each feature is an image on the grid and is interpolated; the class token's row stays
/// (Dosovitskiy et al. 2021, section 3.2). Grids of the same size leave the table as it is.
/// Throws DomainError where the rows are not those of `from`, and as interpolate does.
PosEmbedInterpolateResult pos_embed_interpolate(const PosEmbedInterpolateOptions& options);

}  // namespace clearformer
