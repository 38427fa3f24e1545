#include "clearformer/position/rope_axes.hpp"

#include <cmath>

#include "clearformer/position/rope.hpp"

namespace clearformer {
namespace {

/// Turns every row of x by its angles.
RopeAxesResult turned(const Array<double>& x, Array<double> angles, Pairing pairing) {
    std::vector<double> cos(angles.size()), sin(angles.size());
    for (Size i = 0; i < angles.size(); ++i) {
        require(std::isfinite(angles.data[i]), "rope: an angle is not finite; theta is too small or a position too large");
        cos[i] = std::cos(angles.data[i]);
        sin[i] = std::sin(angles.data[i]);
    }
    const Size T = angles.shape[0], pairs = angles.shape[1];
    RopeAxesResult r{x, std::move(angles)};
    rotate_rows(x.data.data(), r.y.data.data(), cos.data(), sin.data(), x.rows(), T, x.width(), pairs, pairing, pairing);
    return r;
}

struct Place {
    double row, column;
};

/// The places of the grid in the order of the rows of x.
std::vector<Place> places(Size height, Size width, Size merge) {
    std::vector<Place> list;
    for (Size block_row = 0; block_row < height; block_row += merge) {
        for (Size block_column = 0; block_column < width; block_column += merge) {
            for (Size i = 0; i < merge * merge; ++i) {
                list.push_back({static_cast<double>(block_row + i / merge), static_cast<double>(block_column + i % merge)});
            }
        }
    }
    return list;
}

std::vector<Place> row_by_row(Size height, Size width) {
    std::vector<Place> list;
    for (Size i = 0; i < height * width; ++i)
        list.push_back({static_cast<double>(i / width), static_cast<double>(i % width)});
    return list;
}

/// Every n-th frequency from `first` on.
std::vector<double> every(const std::vector<double>& frequencies, Size first, Size step) {
    std::vector<double> chosen;
    for (Size i = first; i < frequencies.size(); i += step) chosen.push_back(frequencies[i]);
    return chosen;
}

}  // namespace

RopeAxesResult rope_2d(const Rope2dOptions& o) {
    const Letters letter = check_shapes(o);
    const Size T = letter["T"], D = letter["D"];
    require(D >= 4 && D % 4 == 0, "rope_2d: the width of x must be a multiple of 4, got ", D);
    require(o.theta > 0, "rope_2d: theta must be above 0, got ", o.theta);
    require(o.grid_height >= 1 && o.grid_width >= 1 &&
                static_cast<double>(o.grid_height) * o.grid_width == static_cast<double>(T),
            "rope_2d: grid_height x grid_width must be the number of rows ", T, ", got ", o.grid_height, " x ",
            o.grid_width);
    const bool pixtral = o.scheme == "pixtral", qwen = o.scheme == "qwen2vl";
    require(pixtral || qwen || o.scheme == "split_halves",
            "rope_2d: scheme must be pixtral, qwen2vl or split_halves, got \"", o.scheme, "\"");
    const int merge = o.spatial_merge_size;
    require(merge == 1 || (qwen && merge >= 1 && o.grid_height % merge == 0 && o.grid_width % merge == 0),
            "rope_2d: spatial_merge_size must divide the grid, and be 1 for another scheme than qwen2vl, got ", merge);

    const Size height = static_cast<Size>(o.grid_height), width = static_cast<Size>(o.grid_width);
    const std::vector<Place> at = merge == 1 ? row_by_row(height, width) : places(height, width, static_cast<Size>(merge));
    const std::vector<double> half = inverse_frequencies(o.theta, D / 2), whole = inverse_frequencies(o.theta, D);
    const std::vector<double> by_row = pixtral ? every(whole, 0, 2) : half, by_column = pixtral ? every(whole, 1, 2) : half;
    Array<double> angles({T, D / 2});
    for (Size t = 0; t < T; ++t) {
        for (Size i = 0; i < D / 4; ++i) {
            angles.row(t)[i] = at[t].row * by_row[i];
            angles.row(t)[D / 4 + i] = at[t].column * by_column[i];
        }
    }
    return turned(o.x, std::move(angles), o.scheme == "split_halves" ? Pairing::kInterleaved : Pairing::kHalfSplit);
}

RopeAxesResult rope_multimodal(const RopeMultimodalOptions& o) {
    const Letters letter = check_shapes(o);
    const Size T = letter["T"], D = letter["D"], pairs = D / 2;
    require(D >= 2 && D % 2 == 0, "rope_multimodal: the width of x must be even and at least 2, got ", D);
    require(o.theta > 0, "rope_multimodal: theta must be above 0, got ", o.theta);
    double sum = 0;
    for (int size : o.sections) sum += size >= 0 ? size : -kInfinity;
    require(o.sections.size() == 3 && sum == static_cast<double>(pairs),
            "rope_multimodal: sections needs three sizes, at least 0, that sum to the ", pairs, " pairs, got ", o.sections);
    for (double position : o.positions.data) {
        require(position >= 0, "rope_multimodal: positions must be at least 0, got ", position);
    }
    // 1. Which axis turns each pair.
    std::vector<Size> axis(pairs, 0);
    if (o.interleaved) {
        for (Size a : {Size(1), Size(2)}) {
            for (Size n = 0; n < static_cast<Size>(o.sections[a]); ++n) {
                require(a + 3 * n < pairs,
                        "rope_multimodal: interleaved sections need height and width to fit into every third of the ", pairs,
                        " pairs, got ", o.sections);
                axis[a + 3 * n] = a;
            }
        }
    } else {
        for (Size i = 0; i < pairs; ++i) {
            const Size time = static_cast<Size>(o.sections[0]), height = static_cast<Size>(o.sections[1]);
            axis[i] = i < time ? 0 : i < time + height ? 1 : 2;
        }
    }
    // 2. Its angle.
    const std::vector<double> frequencies = inverse_frequencies(o.theta, D);
    Array<double> angles({T, pairs});
    for (Size t = 0; t < T; ++t) {
        for (Size i = 0; i < pairs; ++i) angles.row(t)[i] = o.positions.row(axis[i])[t] * frequencies[i];
    }
    return turned(o.x, std::move(angles), Pairing::kHalfSplit);
}

}  // namespace clearformer
