#include "clearformer/vision/patches.hpp"

#include "clearformer/ops/linear.hpp"
#include "clearformer/vision/grids.hpp"
#include "clearformer/vision/recorder.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer {
using namespace vision;
namespace {

struct Box {
    Size frames, rows, columns;
};

/// video [Ch, F, H, W] as one row per box, [T, Ch Pt Ph Pw].
Array<double> boxes(const double* video, Size channels, const Box& whole, const Box& box) {
    const Box count{whole.frames / box.frames, whole.rows / box.rows, whole.columns / box.columns};
    Array<double> y({count.frames * count.rows * count.columns, channels * box.frames * box.rows * box.columns});
    double* out = y.data.data();
    for (Size t = 0; t < y.shape[0]; ++t) {
        const Size first_column = t % count.columns * box.columns, first_row = t / count.columns % count.rows * box.rows,
                   first_frame = t / count.columns / count.rows * box.frames;
        for (Size k = 0; k < y.shape[1] / box.columns; ++k) {
            const Size row = first_row + k % box.rows, frame = first_frame + k / box.rows % box.frames,
                       channel = k / box.rows / box.frames;
            const double* line = video + ((channel * whole.frames + frame) * whole.rows + row) * whole.columns;
            out = std::copy_n(line + first_column, box.columns, out);
        }
    }
    return y;
}

/// Each row of `patches` through the kernel as a matrix.
Array<double> embedded(const Array<double>& patches, const Array<double>& kernel, const std::optional<Array<double>>& bias) {
    return linear(LinearOptions<double>{patches, Array<double>({kernel.shape[0], patches.shape[1]}, kernel.data), bias}).y;
}

Trace trace_of(const PatchEmbedOptions& o, const PatchEmbedResult& r) {
    Trace trace;
    Recorder to(trace);
    const Size side = o.weight.shape[2], across = static_cast<Size>(r.grid[1]), pixels = r.patches.width();
    const char* image = to.given({"image", "X", "pixel", "input", "Ch H W"}, o.image, "A pixel of the image.");
    const char* weight = to.given({"weight", "W", "patch weight", "input", "N Ch P P"}, o.weight);
    const char* bias = to.given({"bias", "b", "patch bias", "input", "N"}, o.bias);
    const char* patches =
        to.add({"patches", "P", "patch pixel", "input", "T K"}, patch_pixel_rule(image, side, across), r.patches);
    to.add({"tokens", "Z", "patch token entry", "residual", "T N"}, patch_token_rule(patches, weight, bias, pixels, side),
           r.tokens);
    return trace;
}

/// video, weight, bias, patches, tokens
Trace trace_of(const TubeletEmbedOptions& o, const TubeletEmbedResult& r, const Array<double>& patches, const Box& whole,
               const Box& box) {
    const Size rows = whole.rows / box.rows, columns = whole.columns / box.columns, K = patches.width();
    Trace trace;
    Recorder to(trace);
    const char* video = to.given({"video", "X", "pixel", "input", "Ch F H W"}, o.video, "A pixel of the video.");
    const char* weight = to.given({"weight", "W", "tubelet weight", "input", "N Ch Pt Ph Pw"}, o.weight);
    const char* bias = to.given({"bias", "b", "tubelet bias", "input", "N"}, o.bias);
    /// Channel, frame, row and column of the k-th pixel of a tubelet.
    const auto inside = [box](Size k) {
        return Index{k / box.columns / box.rows / box.frames, k / box.columns / box.rows % box.frames,
                     k / box.columns % box.rows, k % box.columns};
    };
    const char* pixels = to.add(
        {"patches", "P", "tubelet pixel", "input", "T K"},
        [=](const Index& at, Pen& pen) {
            Index pixel = inside(at[1]);
            pixel[1] += at[0] / columns / rows * box.frames;
            pixel[2] += at[0] / columns % rows * box.rows;
            pixel[3] += at[0] % columns * box.columns;
            pen.rule("A pixel of the video, in the order channel, frame, row, column within its tubelet.", "X_{c,f,r,s}");
            pen.scalar("X", video, pixel);
            pen.step("p", "copied", "X");
        },
        patches);
    to.add(
        {"tokens", "Z", "tubelet token entry", "residual", "T N"},
        [=](const Index& at, Pen& pen) {
            pen.rule(bias ? "The tubelet's pixels times the feature's weights, summed, plus the bias."
                          : "The tubelet's pixels times the feature's weights, summed.",
                     bias ? "\\sum_k p_{t,k} W_{n,k} + b_n" : "\\sum_k p_{t,k} W_{n,k}");
            pen.vector("p", pixels, K, [&](Size k) { return Index{at[0], k}; });
            pen.vector("w", weight, K, [&](Size k) {
                const Index place = inside(k);
                return Index{at[1], place[0], place[1], place[2], place[3]};
            });
            if (bias) pen.scalar("b", bias, {at[1]});
            pen.step("m", "products", "p * w");
            pen.step("s", "sum", "sum(m)");
            if (bias) pen.step("z", "+ bias", "s + b");
        },
        r.tokens);
    return trace;
}

}  // namespace

PatchEmbedResult patch_embed(const PatchEmbedOptions& o) {
    const Letters shape = check_shapes(o);
    const Size H = shape["H"], W = shape["W"], P = shape["P"];
    require(o.image.size() > 0, "patch_embed: the image must have pixels, got shape ", o.image.shape);
    require(P > 0 && H % P == 0 && W % P == 0, "patch_embed: the patch must divide the image, got patches of ", P,
            " and an image of ", H, " by ", W);
    PatchEmbedResult r;
    r.grid = {to_int(H / P), to_int(W / P)};
    r.patches = boxes(o.image.data.data(), shape["Ch"], {1, H, W}, {1, P, P});
    r.tokens = embedded(r.patches, o.weight, o.bias);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

TubeletEmbedResult tubelet_embed(const TubeletEmbedOptions& o) {
    const Letters shape = check_shapes(o);
    const Box whole{shape["F"], shape["H"], shape["W"]}, box{shape["Pt"], shape["Ph"], shape["Pw"]};
    require(o.video.size() > 0, "tubelet_embed: the video must have pixels, got shape ", o.video.shape);
    require(box.frames > 0 && box.rows > 0 && box.columns > 0 && whole.frames % box.frames == 0 &&
                whole.rows % box.rows == 0 && whole.columns % box.columns == 0,
            "tubelet_embed: the tubelet must divide the video, got weights of shape ", o.weight.shape,
            " and a video of shape ", o.video.shape);
    TubeletEmbedResult r;
    r.grid = {to_int(whole.frames / box.frames), to_int(whole.rows / box.rows), to_int(whole.columns / box.columns)};
    const Array<double> patches = boxes(o.video.data.data(), shape["Ch"], whole, box);
    r.tokens = embedded(patches, o.weight, o.bias);
    if (o.trace) r.trace = trace_of(o, r, patches, whole, box);
    return r;
}

}  // namespace clearformer
