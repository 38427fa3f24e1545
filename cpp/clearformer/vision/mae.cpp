#include "clearformer/vision/mae.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "clearformer/ops/rules.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/grids.hpp"
#include "clearformer/vision/recorder.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer {
using namespace vision;
namespace {

/// image [Ch, H, W] as [T, P P Ch], channels last.
Array<double> channel_last_patches(const Array<double>& image, Size P) {
    const Size channels = image.shape[0], H = image.shape[1], W = image.shape[2], across = W / P;
    Array<double> y({H / P * across, P * P * channels});
    for (Size t = 0; t < y.shape[0]; ++t) {
        for (Size k = 0; k < y.shape[1]; ++k) {
            const Size pixel = k / channels, row = t / across * P + pixel / P, column = t % across * P + pixel % P;
            y.row(t)[k] = image.data[(k % channels * H + row) * W + column];
        }
    }
    return y;
}

double mean_of(const double* x, Size n) { return std::accumulate(x, x + n, 0.0) / static_cast<double>(n); }

/// Divided by n - 1.
double variance_of(const double* x, Size n, double mean) {
    double squares = 0;
    for (Size i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
    require(std::isfinite(squares), "mae_loss: the pixels are too large, their squares sum to ", squares);
    return squares / static_cast<double>(n - 1);
}

/// Mean 0 and unbiased variance 1, but for the epsilon.
void normalise(double* x, Size n) {
    const double mean = mean_of(x, n), deviation = std::sqrt(variance_of(x, n, mean) + 1e-6);
    for (Size i = 0; i < n; ++i) x[i] = (x[i] - mean) / deviation;
}

Trace trace_of(const MaeLossOptions& o, const MaeLossResult& r, Size P) {
    const Size T = r.target.shape[0], K = r.target.width();
    Trace trace;
    Recorder to(trace);
    const char* image = to.given({"image", "X", "pixel", "input", "Ch H W"}, o.image, "A pixel of the image.");
    const char* pred = to.given({"pred", "P", "predicted number", "mlp", "T K"}, o.pred,
                                "A number that the model predicted, as it was given.");
    const char* mask =
        to.given({"mask", "m", "mask entry", "weights", "T"}, o.mask, "1: the patch was masked. 0: it was seen.");
    const Array<double> patches = channel_last_patches(o.image, P);
    const Rule pixel = target_pixel_rule(image, o.image.shape[0], P, o.image.shape[2] / P);
    const char* target = "target";
    if (o.norm_pix_loss) {
        Array<double> mean({T}), variance({T});
        for (Size t = 0; t < T; ++t) {
            mean.data[t] = mean_of(patches.row(t), K);
            variance.data[t] = variance_of(patches.row(t), K, mean.data[t]);
        }
        const char* raw = to.add({"patches", "X", "patch pixel", "input", "T K"}, pixel, patches);
        const char* center = to.add({"mean", "μ", "patch mean", "input", "T"}, mean_rule(raw, K), mean);
        const char* spread =
            to.add({"variance", "σ²", "patch variance", "input", "T"}, unbiased_variance_rule(raw, center, K), variance);
        to.add({target, "Y", "target number", "input", "T K"}, normalised_rule(raw, center, spread, 1e-6), r.target);
    } else {
        to.add({target, "Y", "target number", "input", "T K"}, pixel, r.target);
    }
    const char* errors =
        to.add({"lossPerPatch", "e", "patch error", "scores", "T"}, squared_error_rule(pred, target, K), r.loss_per_patch);
    to.add({"loss", "L", "loss", "scores", ""}, masked_mean_rule(errors, mask, T), Array<double>(Shape{}, r.loss));
    return trace;
}

}  // namespace

namespace {

/// tokens, noise, idsRestore, idsKeep, mask, kept
Trace trace_of(const MaeMaskingOptions& o, const MaeMaskingResult& r) {
    const double kept = static_cast<double>(r.ids_keep.size());
    Trace trace;
    Recorder to(trace);
    const char* tokens = to.given({"tokens", "X", "token entry", "residual", "T C"}, o.tokens, "A token's entry, as given.");
    const char* noise = to.given({"noise", "u", "noise of the token", "input", "T"}, o.noise, "A random number, as given.");
    const Array<double> restore = as_tensor(r.ids_restore), keep = as_tensor(r.ids_keep);
    to.add({"idsRestore", "k", "place in the order by noise", "scores", "T"},
           told_rule({"How many tokens have less noise, equal ones counted up to this one.",
                      "\\#\\{s : u_s < u_t\\}",
                      {{"u", noise}, {"a", noise, "*"}},
                      {},
                      {{"d", "how much less", "u - a"}}},
                     "k", "place", restore),
           restore);
    to.add({"idsKeep", "t", "number of a token that stays", "scores", "K"},
           told_rule({"The tokens with the least noise, by their noise.", "k^{-1}(i)", {}, {{"i", "place", 0, 0}}, {}}, "t",
                     "number of the token", keep),
           keep);
    to.add({"mask", "m", "1 where removed", "weights", "T"},
           recipe_rule({"1 where the token's place is not among the first, else 0.",
                        "[k \\ge K]",
                        {{"k", "idsRestore"}},
                        {{"K", "tokens that stay", kept}},
                        {{"d", "places beyond", "2 * (k - K) + 1"}, {"m", "removed", "(1 + d / abs(d)) / 2"}}}),
           r.mask);
    to.add(
        {"kept", "X'", "entry of a token that stays", "residual", "K C"},
        [=, ids = r.ids_keep](const Index& at, Pen& pen) {
            pen.rule("The token's entry, as it stands.", "x_t");
            pen.scalar("x", tokens, {static_cast<Size>(ids[at[0]]), at[1]});
            pen.step("y", "copied", "x");
        },
        r.kept);
    return trace;
}

}  // namespace

MaeMaskingResult mae_masking(const MaeMaskingOptions& o) {
    const Letters shape = check_shapes(o);
    const Size T = shape["T"], C = shape["C"];
    require(o.mask_ratio >= 0 && o.mask_ratio < 1, "mae_masking: mask_ratio must be at least 0 and below 1, got ",
            o.mask_ratio);
    const auto K = static_cast<Size>(static_cast<double>(T) * (1 - o.mask_ratio));
    std::vector<int> order(T);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return o.noise.data[static_cast<Size>(a)] < o.noise.data[static_cast<Size>(b)]; });
    MaeMaskingResult r{Array<double>({K, C}),
                       std::vector<int>(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(K)),
                       Array<double>({T}, 1.0), std::vector<int>(T)};
    for (Size place = 0; place < T; ++place) {
        const auto token = static_cast<Size>(order[place]);
        r.ids_restore[token] = to_int(place);
        if (place >= K) continue;
        r.mask.data[token] = 0;
        std::copy_n(o.tokens.row(token), C, r.kept.row(place));
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

MaeLossResult mae_loss(const MaeLossOptions& o) {
    const Letters shape = check_shapes(o);
    const Size H = shape["H"], W = shape["W"], P = extent_of("mae_loss", "patch", o.patch, 1, kMostExtent);
    require(o.image.size() > 0 && H % P == 0 && W % P == 0, "mae_loss: the patch must divide the image, got patches of ", P,
            " and an image of shape ", o.image.shape);
    MaeLossResult r;
    r.target = channel_last_patches(o.image, P);
    require(o.pred.shape == r.target.shape, "mae_loss: pred must have shape ", r.target.shape, ", got ", o.pred.shape);
    const Size T = shape["T"], K = shape["K"];
    if (o.norm_pix_loss) {
        require(K > 1, "mae_loss: norm_pix_loss needs patches of at least 2 numbers, got ", K);
        for (Size t = 0; t < T; ++t) normalise(r.target.row(t), K);
    }
    r.loss_per_patch = Array<double>({T});
    double masked = 0;
    for (Size t = 0; t < T; ++t) {
        const double mask = o.mask.data[t];
        require(mask == 0 || mask == 1, "mae_loss: mask must hold 0 and 1 only, got ", mask);
        double sum = 0;
        for (Size k = 0; k < K; ++k) {
            const double error = o.pred.row(t)[k] - r.target.row(t)[k];
            sum += error * error;
        }
        require(std::isfinite(sum), "mae_loss: pred and image are too far apart, the squared errors sum to ", sum);
        r.loss_per_patch.data[t] = sum / static_cast<double>(K);
        r.loss += mask * r.loss_per_patch.data[t];
        masked += mask;
    }
    require(masked > 0, "mae_loss: mask must mark at least one patch with 1");
    r.loss /= masked;
    require(std::isfinite(r.loss), "mae_loss: pred and image are too far apart, the loss is ", r.loss);
    if (o.trace) r.trace = trace_of(o, r, P);
    return r;
}

}  // namespace clearformer
