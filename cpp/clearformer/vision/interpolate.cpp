#include "clearformer/vision/interpolate.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/vision/grids.hpp"
#include "clearformer/vision/recorder.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer {
using namespace vision;
namespace {

enum class Mode { kNearest, kNearestExact, kBilinear, kBicubic };

struct Method {
    Mode mode;
    bool align_corners, antialias;
};

/// What one output position reads.
struct Taps {
    std::vector<Size> positions;
    std::vector<double> weights;
};

double hat(double x) { return std::max(0.0, 1 - std::fabs(x)); }

/// Keys' cubic convolution kernel.
double keys(double x, double A) {
    const double d = std::fabs(x);
    if (d < 1) return ((A + 2) * d - (A + 3)) * d * d + 1;
    if (d < 2) return ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
    return 0;
}

double kernel(const Method& method, double x) {
    return method.mode == Mode::kBilinear ? hat(x) : keys(x, method.antialias ? -0.5 : -0.75);
}

/// Input positions per output position.
double step_of(const Method& method, Size in, Size out) {
    if (!method.align_corners) return static_cast<double>(in) / static_cast<double>(out);
    return out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0.0;
}

Taps nearest_tap(Mode mode, Size i, Size in, Size out) {
    const std::uint64_t twice = mode == Mode::kNearest ? 2 * i : 2 * i + 1;  // the products need more than 32 bits
    return {{static_cast<Size>(twice * in / (std::uint64_t{2} * out))}, {1.0}};
}

/// Two or four taps around a point, those outside taken at the border.
Taps plain_taps(const Method& method, Size i, Size in, Size out) {
    const double step = step_of(method, in, out), place = static_cast<double>(i);
    const double center = method.align_corners ? place * step : (place + 0.5) * step - 0.5;
    const double first = std::floor(center) - (method.mode == Mode::kBilinear ? 0 : 1);
    Taps taps;
    for (int k = 0; k < (method.mode == Mode::kBilinear ? 2 : 4); ++k) {
        const double at = std::min(std::max(first + k, 0.0), static_cast<double>(in - 1));
        taps.positions.push_back(static_cast<Size>(at));
        taps.weights.push_back(kernel(method, center - (first + k)));
    }
    return taps;
}

/// Every position under a kernel as wide as the step; the weights sum to 1.
Taps wide_taps(const Method& method, Size i, Size in, Size out) {
    const double step = step_of(method, in, out), center = step * (static_cast<double>(i) + 0.5);
    const double widening = std::max(step, 1.0), support = (method.mode == Mode::kBilinear ? 1 : 2) * widening;
    const auto begin = static_cast<Size>(std::max(center - support + 0.5, 0.0)),
               end = std::min(static_cast<Size>(center + support + 0.5), in);
    Taps taps;
    double total = 0;
    for (Size at = begin; at < end; ++at) {
        taps.positions.push_back(at);
        taps.weights.push_back(kernel(method, (static_cast<double>(at) - center + 0.5) / widening));
        total += taps.weights.back();
    }
    for (double& weight : taps.weights) weight /= total;
    return taps;
}

Taps taps_of(const Method& method, Size i, Size in, Size out) {
    if (method.mode == Mode::kNearest || method.mode == Mode::kNearestExact) return nearest_tap(method.mode, i, in, out);
    return method.antialias ? wide_taps(method, i, in, out) : plain_taps(method, i, in, out);
}

/// x [A, in, B] at `out` positions along the middle axis.
std::vector<double> resampled(const std::vector<double>& x, Size A, Size in, Size B, Size out, const Method& method) {
    std::vector<double> y(A * out * B);
    for (Size i = 0; i < out; ++i) {
        const Taps taps = taps_of(method, i, in, out);
        for (Size a = 0; a < A; ++a) {
            double* row = y.data() + (a * out + i) * B;
            for (Size k = 0; k < taps.positions.size(); ++k) {
                const double* from = x.data() + (a * in + taps.positions[k]) * B;
                for (Size b = 0; b < B; ++b) row[b] += taps.weights[k] * from[b];
            }
        }
    }
    return y;
}

Method method_of(const char* function, const std::string& name, bool align_corners, bool antialias) {
    const bool exact = name == "nearest_exact" || name == "nearest-exact", nearest = name == "nearest" || exact;
    require(nearest || name == "bilinear" || name == "bicubic", function,
            ": mode must be bilinear, bicubic, nearest or nearest_exact, got \"", name, "\"");
    require(!nearest || (!align_corners && !antialias), function,
            ": align_corners and antialias go with bilinear and bicubic only, got mode \"", name, "\"");
    const Mode mode = exact                ? Mode::kNearestExact
                      : nearest            ? Mode::kNearest
                      : name == "bilinear" ? Mode::kBilinear
                                           : Mode::kBicubic;
    return {mode, align_corners, antialias};
}

/// x [N, H, W] as [N, out[0], out[1]].
std::vector<double> resized(const std::vector<double>& x, Size N, const std::vector<Size>& in, const std::vector<Size>& out,
                            const Method& method) {
    check_bytes("interpolate", {N, in[0], out[1]}, sizeof(double));
    check_bytes("interpolate", {N, out[0], out[1]}, sizeof(double));
    return resampled(resampled(x, N * in[0], in[1], 1, out[1], method), N, in[0], out[1], out[0], method);
}

/// The taps of every output position as a matrix [out, in].
Array<double> tap_matrix(const Method& method, Size in, Size out) {
    Array<double> matrix({out, in});
    for (Size i = 0; i < out; ++i) {
        const Taps taps = taps_of(method, i, in, out);
        for (Size k = 0; k < taps.positions.size(); ++k) matrix.row(i)[taps.positions[k]] += taps.weights[k];
    }
    return matrix;
}

/// y = R (x C^T) of the tensor `x`: columns first, then rows.
const char* add_resized(Recorder& to, const char* x, const Array<double>& values, const Label& label, const Array<double>& y,
                        const std::vector<Size>& in, const std::vector<Size>& out, const Method& method) {
    const char* kernel = "How much of one position goes into another, by the kernel at their distance.";
    const char* columns =
        to.given({"columnWeights", "C", "kernel weight", "position", "W2 W"}, tap_matrix(method, in[1], out[1]), kernel);
    Array<double> across(values.shape);
    across.shape.back() = out[1];
    across.data = resampled(values.data, values.size() / in[1], in[1], 1, out[1], method);
    const char* resized = to.add({"across", "X C^T", "pixel of the new width", "input", ".. H W2"},
                                 linear_rule(x, columns, nullptr, in[1]), across);
    const char* rows =
        to.given({"rowWeights", "R", "kernel weight", "position", "H2 H"}, tap_matrix(method, in[0], out[0]), kernel);
    return to.add(label, rows_mixed_rule(resized, rows, in[0]), y);
}

Trace trace_of(const InterpolateOptions& o, const Array<double>& y, const std::vector<Size>& in,
               const std::vector<Size>& out, const Method& method) {
    Trace trace;
    Recorder to(trace);
    const char* x = to.given({"x", "X", "pixel", "input", ".. H W"}, o.x, "A pixel of the image.");
    add_resized(to, x, o.x, {"y", "Y", "pixel of the new size", "input", ".. H2 W2"}, y, in, out, method);
    return trace;
}

/// given, grid [C, H, W], columnWeights, across, rowWeights, resized [C, H2, W2], posEmbed
Trace trace_of(const PosEmbedInterpolateOptions& o, const PosEmbedInterpolateResult& r, const Array<double>& grid,
               const Array<double>& resized, const std::vector<Size>& in, const std::vector<Size>& out,
               const Method& method) {
    const Size first = o.cls_token ? 1 : 0, from = in[1], to_width = out[1];
    Trace trace;
    Recorder to(trace);
    const char* given = to.given({"given", "E", "entry of the table", "position", "T C"}, o.pos_embed);
    const char* features = to.add(
        {"grid", "G", "feature on the grid", "position", "C H W"},
        [=](const Index& at, Pen& pen) {
            pen.rule("The row of this place of the grid.", "E_{r W + c}");
            pen.scalar("E", given, {first + at[1] * from + at[2], at[0]});
            pen.step("y", "copied", "E");
        },
        grid);
    const char* scaled = add_resized(to, features, grid, {"resized", "G'", "feature on the new grid", "position", "C H2 W2"},
                                     resized, in, out, method);
    to.add(
        {"posEmbed", "E'", "entry of the new table", "position", "T2 C"},
        [=](const Index& at, Pen& pen) {
            const bool is_class = at[0] < first;
            const Size place = at[0] - (is_class ? 0 : first);
            pen.rule(is_class ? "The class token's row stays." : "The feature at this place of the new grid.",
                     is_class ? "E_0" : "G'_{r,c}");
            if (is_class) pen.scalar("x", given, at);
            else pen.scalar("x", scaled, {at[1], place / to_width, place % to_width});
            pen.step("y", "copied", "x");
        },
        r.pos_embed);
    return trace;
}

std::vector<Size> two_extents(const char* function, const char* option, const std::vector<int>& given) {
    require(given.size() == 2, function, ": ", option, " must be a height and a width, got ", given);
    return {extent_of(function, option, given[0], 1, kMostExtent), extent_of(function, option, given[1], 1, kMostExtent)};
}

}  // namespace

InterpolateResult interpolate(const InterpolateOptions& o) {
    const Letters shape = check_shapes(o);
    const Method method = method_of("interpolate", o.mode, o.align_corners, o.antialias);
    const std::vector<Size> in = {shape["H"], shape["W"]}, out = two_extents("interpolate", "out", o.out);
    require(in[0] >= 1 && in[1] >= 1 && in[0] <= kMostExtent && in[1] <= kMostExtent,
            "interpolate: an image must have from 1 to ", kMostExtent, " rows and columns, got shape ", o.x.shape);
    InterpolateResult r;
    r.y.data = resized(o.x.data, o.x.size() / (in[0] * in[1]), in, out, method);
    r.y.shape = o.x.shape;
    r.y.shape[o.x.rank() - 2] = out[0];
    r.y.shape[o.x.rank() - 1] = out[1];
    if (o.trace) r.trace = trace_of(o, r.y, in, out, method);
    return r;
}

PosEmbedInterpolateResult pos_embed_interpolate(const PosEmbedInterpolateOptions& o) {
    constexpr const char* kName = "pos_embed_interpolate";
    const Letters shape = check_shapes(o);
    const Method method = method_of(kName, o.mode, o.align_corners, o.antialias);
    const std::vector<Size> from = two_extents(kName, "from", o.from), to = two_extents(kName, "to", o.to);
    const Size T = shape["T"], C = shape["C"], first = o.cls_token ? 1 : 0, count = to[0] * to[1];
    require(T == first + from[0] * from[1], "pos_embed_interpolate: a grid ", o.from,
            o.cls_token ? " and a class token" : "", " need ", first + from[0] * from[1], " rows, got ", T);
    PosEmbedInterpolateResult r{Array<double>({first + count, C})};
    std::vector<double> features(C * (T - first));  // [C, h, w]
    for (Size t = first; t < T; ++t) {
        for (Size c = 0; c < C; ++c) features[c * (T - first) + t - first] = o.pos_embed.row(t)[c];
    }
    const std::vector<double> scaled = resized(features, C, from, to, method);
    std::copy_n(o.pos_embed.data.begin(), first * C, r.pos_embed.data.begin());
    for (Size t = 0; t < count; ++t) {
        for (Size c = 0; c < C; ++c) r.pos_embed.row(first + t)[c] = scaled[c * count + t];
    }
    if (o.trace) {
        r.trace = trace_of(o, r, {{C, from[0], from[1]}, features}, {{C, to[0], to[1]}, scaled}, from, to, method);
    }
    return r;
}

}  // namespace clearformer
