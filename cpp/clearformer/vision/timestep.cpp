#include "clearformer/vision/timestep.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {

TimestepEmbeddingResult timestep_embedding(const TimestepEmbeddingOptions& o) {
    const char* function = TimestepEmbeddingOptions::kFunction;
    require(o.dim >= 2 && o.dim <= 65536, function, ": dim must be from 2 to 65536, got ", o.dim);
    const bool interleaved = o.layout == "interleaved", cosine_first = o.layout == "cos_sin";
    require(interleaved || cosine_first || o.layout == "sin_cos", function,
            ": layout must be sin_cos, cos_sin or interleaved, got \"", o.layout, "\"");
    require(o.max_period > 0, function, ": max_period must be above 0, got ", o.max_period);
    const Size D = static_cast<Size>(o.dim), F = D / 2, N = o.timesteps.size();
    const double span = static_cast<double>(F) - o.frequency_shift;
    require(o.frequency_shift >= 0 && o.frequency_shift <= 1 && span > 0, function,
            ": frequency_shift must be from 0 to 1 and below the number of frequencies, got ", o.frequency_shift, " and ", F,
            " frequencies");
    TimestepEmbeddingResult r{Array<double>({N, D}), Array<double>({F})};
    for (Size i = 0; i < F; ++i) {
        const double frequency = std::exp(-std::log(o.max_period) * static_cast<double>(i) / span);
        r.frequencies.data[i] = frequency;
        const Size sine = interleaved ? 2 * i : cosine_first ? F + i : i;
        const Size cosine = interleaved ? 2 * i + 1 : cosine_first ? i : F + i;
        for (Size n = 0; n < N; ++n) {
            const double angle = o.timesteps[n] * frequency;
            check_result(function, "an angle", angle);
            r.embedding.row(n)[sine] = std::sin(angle);
            r.embedding.row(n)[cosine] = std::cos(angle);
        }
    }
    check_result(function, "a frequency", r.frequencies);
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        add_given(trace, {"timesteps", "t", "timestep", "input", "N"}, Array<double>({N}, o.timesteps));
        add_made(trace, {"frequencies", "ω", "radians per timestep", "position", "F"}, r.frequencies,
                 recipe_rule(
                     {"From 1 down, each frequency by the same factor slower.",
                      "P^{-i / (F - s)}",
                      {},
                      {{"i", "number of the frequency", 0, 0}, {"P", "longest period", o.max_period}, {"n", "F - s", span}},
                      {{"f", "frequency", "exp(-log(P) * i / n)"}}}));
        add_made(trace, {"embedding", "e", "entry of the embedding", "position", "N D"}, r.embedding,
                 [=](const Index& at, Pen& pen) {
                     const Size c = at[1], pair = interleaved ? c / 2 : c % F;
                     if (c >= 2 * F) {
                         pen.rule("An odd number of columns leaves one over.", "0");
                         pen.step("y", "nothing", "0");
                         return;
                     }
                     const bool is_sine = interleaved ? c % 2 == 0 : (c >= F) == cosine_first;
                     pen.rule("The sine or the cosine of the timestep at one frequency.",
                              is_sine ? "\\sin(\\omega_i t)" : "\\cos(\\omega_i t)");
                     pen.scalar("t", "timesteps", {at[0]});
                     pen.scalar("w", "frequencies", {pair});
                     pen.step("a", "angle", "t * w");
                     pen.step("y", is_sine ? "sine" : "cosine", is_sine ? "sin(a)" : "cos(a)");
                 });
    }
    return r;
}

}  // namespace clearformer
