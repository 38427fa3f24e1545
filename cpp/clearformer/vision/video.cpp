#include "clearformer/vision/video.hpp"

#include <cmath>

#include "clearformer/attention/attention.hpp"
#include "clearformer/attention/rules.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/encoder_trace.hpp"
#include "clearformer/vision/grids.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer {
using namespace vision;
namespace {

/// x [N, T, C] attending to itself, each of the N on its own.
AttentionResult<double> attend(const Array<double>& x, double scale) {
    AttentionOptions<double> a;
    a.q = Array<double>({x.shape[0], x.shape[1], x.shape[2]}, x.data);
    a.k = a.v = a.q;
    a.scale = scale;
    return attention(a);
}

/// [A, B, C] as [B, A, C].
Array<double> swapped(const Array<double>& x) {
    const Size A = x.shape[0], B = x.shape[1], C = x.shape[2];
    Array<double> y({B, A, C});
    for (Size a = 0; a < A; ++a) {
        for (Size b = 0; b < B; ++b) std::copy_n(x.row(a * B + b), C, y.row(b * A + a));
    }
    return y;
}

/// One of the two attentions in a trace: rows x [N, T, C], scores, softmax, output; returns the output's name.
const char* add_mixing(Recorder& to, const char* source, const Array<double>& x, const AttentionResult<double>& run,
                       double scale, Size width, bool by_place) {
    const Size T = x.shape[1], C = x.shape[2];
    const char* rows = to.add({"rows", "X", "token entry", "residual", "N T C"}, regroup_rule(source, width, by_place), x);
    const char* scores =
        to.add({"scores", "S", "scaled score", "scores", "N T T"}, self_score_rule(rows, scale, C), run.logits);
    const char* weights = add_softmax(to, scores, run.weights);
    return to.add({"mixed", "A X", "mixed entry", "v", "N T C"}, weighted_sum_rule(weights, rows, T), run.output);
}

double windows(Size extent, Size window) { return static_cast<double>((extent + window - 1) / window); }

}  // namespace

FactorisedAttentionResult factorised_attention(const FactorisedAttentionOptions& o) {
    const Letters shape = check_shapes(o);
    const Size P = shape["H"] * shape["W"];
    require(o.x.size() > 0, "factorised_attention: x must have entries, got shape ", o.x.shape);
    const double scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(shape["C"])));
    const Array<double> frames({shape["F"], P, shape["C"]}, o.x.data);
    const auto spatial = attend(frames, scale);
    const Array<double> places = swapped(spatial.output);
    const auto temporal = attend(places, scale);
    FactorisedAttentionResult r{spatial.weights, Array<double>(o.x.shape, spatial.output.data), temporal.weights,
                                Array<double>(o.x.shape, swapped(temporal.output).data)};
    if (!o.trace) return r;
    const Size width = shape["W"];
    Recorder whole(r.trace.emplace()), space(*r.trace, 0), time(*r.trace, 1);
    const char* x = whole.given({"x", "X", "token entry", "residual", "F H W C"}, o.x,
                                "An entry of the video's tokens, as it was given.");
    const char* mixed = add_mixing(space, x, frames, spatial, scale, width, false);
    const char* after = whole.add({"afterSpatial", "X'", "entry after space", "residual", "F H W C"},
                                  regrouped_back_rule(mixed, width, false), r.after_spatial);
    const char* last = add_mixing(time, after, places, temporal, scale, width, true);
    whole.add({"y", "Y", "entry after time", "residual", "F H W C"}, regrouped_back_rule(last, width, true), r.y);
    return r;
}

VideoAttentionCostResult video_attention_cost(const VideoAttentionCostOptions& o) {
    constexpr const char* kName = "video_attention_cost";
    const Size F = extent_of(kName, "frames", o.frames, 1, kMostExtent),
               H = extent_of(kName, "height", o.height, 1, kMostExtent),
               W = extent_of(kName, "width", o.width, 1, kMostExtent);
    require(o.window.size() == 3, "video_attention_cost: window must be three extents, got ", o.window);
    Size window[3];
    for (Size i = 0; i < 3; ++i) window[i] = extent_of(kName, "window", o.window[i], 1, kMostExtent);
    const double frames = static_cast<double>(F), places = product({H, W}),
                 inside = product({window[0], window[1], window[2]});
    VideoAttentionCostResult r;
    r.tokens = frames * places;
    r.joint_pairs = r.tokens * r.tokens;
    r.factorised_pairs = frames * places * places + places * frames * frames;
    const double count = windows(F, window[0]) * windows(H, window[1]) * windows(W, window[2]);
    r.window_pairs = count * inside * inside;
    if (!o.trace) return r;
    Trace& trace = r.trace.emplace();
    const char* role = "scores";
    add_number(
        trace, {"tokens", "N", "tokens", role, ""}, r.tokens,
        recipe_rule(
            {"Frames times rows times columns.",
             "F\\, H\\, W",
             {},
             {{"F", "frames", frames}, {"H", "rows", static_cast<double>(H)}, {"W", "columns", static_cast<double>(W)}},
             {{"N", "tokens", "F * H * W"}}}));
    add_number(trace, {"jointPairs", "N²", "pairs", role, ""}, r.joint_pairs,
               recipe_rule({"Every token with every token.", "N^2", {{"N", "tokens", ""}}, {}, {{"y", "pairs", "N * N"}}}));
    add_number(trace, {"factorisedPairs", "n", "pairs", role, ""}, r.factorised_pairs,
               recipe_rule({"Within each frame, then each place through time.",
                            "F P^2 + P F^2",
                            {},
                            {{"F", "frames", frames}, {"P", "places of a frame", places}},
                            {{"y", "pairs", "F * P * P + P * F * F"}}}));
    add_number(trace, {"windowPairs", "n", "pairs", role, ""}, r.window_pairs,
               recipe_rule({"The windows that cover the video, times the pairs of each.",
                            "w\\, p^2",
                            {},
                            {{"w", "windows", count}, {"p", "tokens of a window", inside}},
                            {{"y", "pairs", "w * p * p"}}}));
    return r;
}

}  // namespace clearformer
