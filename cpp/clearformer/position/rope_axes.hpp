#pragma once

// RoPE over more than one axis: images (row, column) and video with text (time, height, width).

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. T D], one row for each of the grid_height x grid_width places of an image, row by row. D must be a multiple of 4. scheme:
///
///     pixtral       of the D / 2 frequencies theta^(-2 i / D) the even-numbered turn by the row, the odd-numbered by the column; the angles
///                   stand rows first, then columns; pairs (i, i + D/2) (Pixtral)
///     qwen2vl       the same D / 4 frequencies theta^(-4 i / D) for row and column; rows first, then columns; pairs (i, i + D/2). With
///                   spatial_merge_size m the places come m x m block by block, as Qwen2-VL's vision tower orders them
///     split_halves  the first half of the features is an ordinary interleaved RoPE of width D/2 by the row, the second by the column
///                   (EVA; Heo et al. 2024, axial)
struct Rope2dOptions {
    static constexpr const char* kFunction = "rope_2d";
    Array<double> x;
    int grid_height = 0, grid_width = 0;
    std::string scheme;
    double theta = 10000;
    int spatial_merge_size = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. T D");
        field.required("grid_height", grid_height);
        field.required("grid_width", grid_width);
        field.required("scheme", scheme);
        field.optional("theta", theta);
        field.optional("spatial_merge_size", spatial_merge_size);
        field.optional("trace", trace);
    }
};

/// What both functions give back.
struct RopeAxesResult {
    Array<double> y;       // as x
    Array<double> angles;  // [T P] of each pair, P = D / 2
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. T D");
        field.required("angles", angles, "T P");
        field.optional("trace", trace);
    }
};

/// Throws DomainError for a D that is no multiple of 4, T other than grid_height x grid_width, an unknown scheme, theta <= 0, and a
/// spatial_merge_size that does not divide the grid or is not 1 for another scheme than qwen2vl.
RopeAxesResult rope_2d(const Rope2dOptions& options);

/// x [.. T D] and positions [3, T]: time, height and width of each token (all three equal for text). The D / 2 frequencies fall into
/// sections of the sizes `sections` [3], which turn by time, height and width; pairs (i, i + D/2) (Wang et al. 2024, Qwen2-VL, M-RoPE).
/// `interleaved` deals the height and width frequencies out in turn, t h w t h w ..., and gives the rest to time (Qwen3-VL).
struct RopeMultimodalOptions {
    static constexpr const char* kFunction = "rope_multimodal";
    Array<double> x, positions;
    std::vector<int> sections;
    double theta = 10000;
    bool interleaved = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. T D");
        field.required("positions", positions, "3 T");
        field.required("sections", sections);
        field.optional("theta", theta);
        field.optional("interleaved", interleaved);
        field.optional("trace", trace);
    }
};

/// Throws DomainError unless there are three sections, at least 0, that sum to D / 2; for an odd D, theta <= 0 and negative positions.
RopeAxesResult rope_multimodal(const RopeMultimodalOptions& options);

}  // namespace clearformer
