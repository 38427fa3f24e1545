#include "clearformer/vision/resolution.hpp"

#include <algorithm>
#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

void check_sides(const char* function, const Array<double>& sizes) {
    for (double side : sizes.data) {
        require(side == std::floor(side) && side >= 1 && side <= 1e6, function,
                ": sides must be whole numbers from 1 to 1000000, got ", side);
    }
}

/// Rounded to a whole number, halves to the even one.
double half_to_even(double x) {
    const double below = std::floor(x), rest = x - below;
    return rest > 0.5 || (rest == 0.5 && std::fmod(below, 2) != 0) ? below + 1 : below;
}

void add_sizes(Trace& trace, const Array<double>& sizes) {
    add_given(trace, {"sizes", "s", "height and width", "input", "N 2"}, sizes);
}

/// sizes, rounded, pixels, resized
Trace trace_of(const SmartResizeOptions& o, const SmartResizeResult& r) {
    const double factor = o.factor, least = o.min_pixels, most = o.max_pixels;
    Array<double> rounded = o.sizes;
    for (double& side : rounded.data) side = half_to_even(side / factor);
    Trace trace;
    add_sizes(trace, o.sizes);
    add_made(trace, {"multiples", "k", "multiple of the factor", "scores", "N 2"}, rounded,
             told_rule({"The side over the factor, rounded to a whole number, halves to the even one.",
                        "\\operatorname{round}(s / f)",
                        {{"s", "sizes"}},
                        {{"f", "factor", factor}},
                        {{"q", "exactly", "s / f"}}},
                       "k", "rounded", rounded));
    trace.derive({"pixels", "n", "pixels of the rounded size", "scores", "N"}, {o.sizes.shape[0]},
                 recipe_rule({"Height times width.",
                              "k_0 f \\cdot k_1 f",
                              {{"a", "multiples", "0z", 0, 0}, {"b", "multiples", "0z", 0, 1}},
                              {{"f", "factor", factor}},
                              {{"n", "pixels", "a * f * (b * f)"}}}));
    add_made(trace, {"resized", "s'", "height and width to read at", "scores", "N 2"}, r.resized,
             [=](const Index& at, Pen& pen) {
                 const double pixels = pen.value("pixels", {at[0]});
                 const bool shrinks = pixels > most, grows = pixels < least;
                 pen.rule(shrinks ? "Too many pixels: both sides shrink, and are rounded down to multiples, at least one."
                          : grows ? "Too few pixels: both sides grow, and are rounded up to multiples."
                                  : "The multiple of the factor.",
                          shrinks ? "\\max(1, \\lfloor s / (f \\sqrt{h w / m}) \\rfloor)\\, f"
                          : grows ? "\\lceil s \\sqrt{l / (h w)} / f \\rceil\\, f"
                                  : "k f");
                 pen.constant("f", "factor", factor);
                 if (!shrinks && !grows) {
                     pen.scalar("k", "multiples", at);
                     pen.step("y", "side", "k * f");
                     return;
                 }
                 pen.scalar("s", "sizes", at);
                 pen.scalar("h", "sizes", {at[0], 0});
                 pen.scalar("w", "sizes", {at[0], 1});
                 pen.constant("m", shrinks ? "most pixels" : "least pixels", shrinks ? most : least);
                 if (shrinks) {
                     pen.step("q", "by how much it shrinks", "sqrt(h * w / m)");
                     pen.step("k", "multiple", "floor(s / q / f)");
                     pen.step("y", "at least one", "(k * f + f + abs(k * f - f)) / 2");
                 } else {
                     pen.step("q", "by how much it grows", "sqrt(m / (h * w))");
                     pen.step("y", "rounded up", "-floor(-(s * q / f)) * f");
                 }
             });
    return trace;
}

/// sizes, pinpoints, effectivePixels, wastedPixels [N K], choice, best, effective, wasted
Trace trace_of(const AnyresOptions& o, const AnyresResult& r) {
    const Size N = o.sizes.shape[0], K = o.pinpoints.shape[0];
    const char* role = "scores";
    Trace trace;
    add_sizes(trace, o.sizes);
    add_given(trace, {"pinpoints", "p", "height and width of a pinpoint", "input", "K 2"}, o.pinpoints);
    trace.derive({"effectivePixels", "e", "pixels of the image that it keeps", role, "N K"}, {N, K},
                 [](const Index& at, Pen& pen) {
                     const auto side = [&](const char* of, Size row, Size column) { return pen.value(of, {row, column}); };
                     const bool by_width = side("pinpoints", at[1], 1) / side("sizes", at[0], 1) <
                                           side("pinpoints", at[1], 0) / side("sizes", at[0], 0);
                     pen.rule("The image, scaled to fit into the pinpoint; never more pixels than it has.",
                              "\\min(\\lfloor w q \\rfloor \\lfloor h q \\rfloor, w h)");
                     pen.scalar("h", "sizes", {at[0], 0});
                     pen.scalar("w", "sizes", {at[0], 1});
                     pen.scalar("a", "pinpoints", {at[1], 0});
                     pen.scalar("b", "pinpoints", {at[1], 1});
                     pen.step("q", "scale that fits", by_width ? "b / w" : "a / h");
                     pen.step("n", "pixels when scaled", "floor(w * q) * floor(h * q)");
                     pen.step("e", "at most its own", "(n + w * h - abs(n - w * h)) / 2");
                 });
    trace.derive({"wastedPixels", "v", "pixels of the pinpoint that stay empty", role, "N K"}, {N, K},
                 recipe_rule({"The pinpoint's pixels less those that the image fills.",
                              "a b - e",
                              {{"a", "pinpoints", "1z", 0, 0}, {"b", "pinpoints", "1z", 0, 1}, {"e", "effectivePixels"}},
                              {},
                              {{"v", "empty", "a * b - e"}}}));
    Array<double> choice({N});
    for (Size n = 0; n < N; ++n) {
        for (Size k = K; k-- > 0;) {
            if (trace.value("effectivePixels", {n, k}) == r.effective.data[n] &&
                trace.value("wastedPixels", {n, k}) == r.wasted.data[n]) {
                choice.data[n] = static_cast<double>(k);
            }
        }
    }
    add_made(
        trace, {"choice", "k", "number of the pinpoint", role, "N"}, choice,
        told_rule({"The pinpoint that keeps the most pixels; among equals the one that wastes the fewest, then the first.",
                   "\\operatorname{arg\\,max}_k\\, e_{n,k}",
                   {{"e", "effectivePixels", "0n"}, {"v", "wastedPixels", "0n"}},
                   {},
                   {{"m", "most", "max(e)"}}},
                  "k", "number of the pinpoint", choice));
    const auto chosen = [choice](const char* of, bool side) {
        return Rule([=](const Index& at, Pen& pen) {
            const Size k = static_cast<Size>(choice.data[at[0]]);
            pen.rule("That of the chosen pinpoint.", "x_k");
            pen.scalar("x", of, side ? Index{k, at[1]} : Index{at[0], k});
            pen.step("y", "looked up", "x");
        });
    };
    add_made(trace, {"best", "p", "height and width chosen", role, "N 2"}, r.best, chosen("pinpoints", true));
    add_made(trace, {"effective", "e", "pixels kept", role, "N"}, r.effective, chosen("effectivePixels", false));
    add_made(trace, {"wasted", "v", "pixels empty", role, "N"}, r.wasted, chosen("wastedPixels", false));
    return trace;
}

}  // namespace

SmartResizeResult smart_resize(const SmartResizeOptions& o) {
    check_shapes(o);
    check_sides("smart_resize", o.sizes);
    require(o.factor >= 1, "smart_resize: factor must be at least 1, got ", o.factor);
    require(o.min_pixels >= 0 && o.max_pixels >= o.min_pixels, "smart_resize: 0 <= min_pixels <= max_pixels must hold, got ",
            o.min_pixels, " and ", o.max_pixels);
    const double factor = o.factor, least = o.min_pixels, most = o.max_pixels;
    SmartResizeResult r{o.sizes};
    for (Size n = 0; n < o.sizes.rows(); ++n) {
        const double height = o.sizes.row(n)[0], width = o.sizes.row(n)[1];
        require(std::max(height, width) / std::min(height, width) <= 200,
                "smart_resize: one side may be at most 200 times the other, got ", height, " by ", width);
        double* to = r.resized.row(n);
        for (Size side = 0; side < 2; ++side) to[side] = half_to_even(o.sizes.row(n)[side] / factor) * factor;
        const double pixels = to[0] * to[1];
        for (Size side = 0; side < 2; ++side) {
            const double given = o.sizes.row(n)[side];
            if (pixels > most) {
                const double shrink = std::sqrt(height * width / most);
                to[side] = std::max(factor, std::floor(given / shrink / factor) * factor);
            } else if (pixels < least) {
                to[side] = std::ceil(given * std::sqrt(least / (height * width)) / factor) * factor;
            }
            require(to[side] >= 1, "smart_resize: a side must not be rounded to 0, got ", height, " by ", width,
                    " at factor ", o.factor);
        }
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

AnyresResult anyres(const AnyresOptions& o) {
    const Letters shape = check_shapes(o);
    check_sides("anyres", o.sizes);
    check_sides("anyres", o.pinpoints);
    const Size N = shape["N"], K = shape["K"];
    require(K > 0, "anyres: there must be at least one pinpoint");
    AnyresResult r{o.sizes, Array<double>({N}), Array<double>({N})};
    for (Size n = 0; n < N; ++n) {
        const double height = o.sizes.row(n)[0], width = o.sizes.row(n)[1];
        double most = -1, least_waste = kInfinity;
        for (Size k = 0; k < K; ++k) {
            const double* pinpoint = o.pinpoints.row(k);
            const double scale = std::min(pinpoint[1] / width, pinpoint[0] / height);
            const double effective = std::min(std::floor(width * scale) * std::floor(height * scale), width * height);
            const double wasted = pinpoint[0] * pinpoint[1] - effective;
            if (effective < most || (effective == most && wasted >= least_waste)) continue;
            most = effective;
            least_waste = wasted;
            std::copy_n(pinpoint, 2, r.best.row(n));
        }
        r.effective.data[n] = most;
        r.wasted.data[n] = least_waste;
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
