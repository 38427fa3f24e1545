#include "clearformer/position/rope_axes.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/position/rules.hpp"

namespace clearformer {
namespace {

/// How the pairs turn: pair p of row t by positions[t, p] times the frequency number numbers[p] of a rotation of `dim` features.
struct Turns {
    Array<double> positions;
    std::vector<Size> numbers;
    Size dim;
    double theta;
    bool interleaved;
};

Trace trace_of(const Array<double>& x, const Turns& turns, const std::vector<double>& frequencies, const RopeAxesResult& r) {
    Trace trace;
    add_given(trace, {"x", "x", "entry before", "q", ".. T D"}, x);
    add_made(trace, {"positions", "p", "position along the pair's axis", "position", "T P"}, turns.positions,
             given_rule("Given: where the row stands along the axis that turns this pair."));
    add_made(trace, {"frequencies", "θ", "frequency of the pair", "position", "P"}, {{frequencies.size()}, frequencies},
             frequency_rule(turns.theta, turns.dim, turns.numbers));
    add_made(trace, {"angles", "α", "angle of the pair", "position", "T P"}, r.angles, [](const Index& at, Pen& pen) {
        pen.rule("Position times frequency, in radians.", "p\\,\\theta_i");
        pen.scalar("p", "positions", at);
        pen.scalar("f", "frequencies", {at[1]});
        pen.step("a", "angle", "p * f");
    });
    const Size pairs = frequencies.size();
    const bool interleaved = turns.interleaved;
    add_made(trace, {"y", "y", "turned entry", "position", ".. T D"}, r.y, [=](const Index& at, Pen& pen) {
        const Size pair = interleaved ? at.back() / 2 : at.back() % pairs;
        const bool is_first = interleaved ? at.back() % 2 == 0 : at.back() < pairs;
        Index a = at, b = at;
        a.back() = interleaved ? 2 * pair : pair;
        b.back() = interleaved ? 2 * pair + 1 : pair + pairs;
        pen.rule("The two entries of a pair, turned by its angle.",
                 is_first ? "a \\cos\\alpha - b \\sin\\alpha" : "a \\sin\\alpha + b \\cos\\alpha");
        pen.scalar("a", "x", a);
        pen.scalar("b", "x", b);
        pen.scalar("t", "angles", {at[at.size() - 2], pair});
        pen.step("y", "turned", is_first ? "a * cos(t) - b * sin(t)" : "a * sin(t) + b * cos(t)");
    });
    return trace;
}

/// Turns every row of x.
RopeAxesResult turned(const Array<double>& x, const Turns& turns, bool trace) {
    const Size T = turns.positions.shape[0], pairs = turns.positions.shape[1];
    const std::vector<double> all = inverse_frequencies(turns.theta, turns.dim);
    std::vector<double> frequencies(pairs);
    for (Size i = 0; i < pairs; ++i) frequencies[i] = all[turns.numbers[i]];
    RopeAxesResult r{x, turns.positions};
    std::vector<double> cos(r.angles.size()), sin(r.angles.size());
    for (Size i = 0; i < r.angles.size(); ++i) {
        r.angles.data[i] *= frequencies[i % pairs];
        require(std::isfinite(r.angles.data[i]), "rope: an angle is not finite; theta is too small or a position too large");
        cos[i] = std::cos(r.angles.data[i]);
        sin[i] = std::sin(r.angles.data[i]);
    }
    const Pairing pairing = turns.interleaved ? Pairing::kInterleaved : Pairing::kHalfSplit;
    rotate_rows(x.data.data(), r.y.data.data(), cos.data(), sin.data(), x.rows(), T, x.width(), pairs, pairing, pairing);
    if (trace) r.trace = trace_of(x, turns, frequencies, r);
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
    const Size quarter = D / 4;
    Turns turns{Array<double>({T, D / 2}), std::vector<Size>(D / 2), pixtral ? D : D / 2, o.theta,
                o.scheme == "split_halves"};
    for (Size i = 0; i < quarter; ++i) {
        turns.numbers[i] = pixtral ? 2 * i : i;
        turns.numbers[quarter + i] = pixtral ? 2 * i + 1 : i;
        for (Size t = 0; t < T; ++t) {
            turns.positions.row(t)[i] = at[t].row;
            turns.positions.row(t)[quarter + i] = at[t].column;
        }
    }
    return turned(o.x, turns, o.trace);
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
    // 2. Its position along it.
    Turns turns{Array<double>({T, pairs}), std::vector<Size>(pairs), D, o.theta, false};
    for (Size i = 0; i < pairs; ++i) {
        turns.numbers[i] = i;
        for (Size t = 0; t < T; ++t) turns.positions.row(t)[i] = o.positions.row(axis[i])[t];
    }
    return turned(o.x, turns, o.trace);
}

}  // namespace clearformer
