#include "clearformer/train/clip.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

/// For each gradient g: g.before; squares, totalNorm, coefficient; then for each g.
Trace trace_of(const ClipOptions& o, const ClipResult& r) {
    Trace trace;
    std::vector<const char*> before;
    Array<double> squares({o.gradients.size()});
    for (Size i = 0; i < o.gradients.size(); ++i) {
        before.push_back(trace.own(o.gradients[i].name + ".before"));
        add_given(trace, {before[i], "g", "gradient before clipping", "scores", ".."}, o.gradients[i].tensor);
        for (double g : o.gradients[i].tensor.data) squares.data[i] += g * g;
    }
    const char* role = "scores";
    add_made(trace, {"squares", "|g|²", "squared length of the gradient", role, "N"}, squares,
             [before](const Index& at, Pen& pen) {
                 write_recipe(pen, at,
                              {"The squares of one tensor's gradients, summed.",
                               "\\sum_i g_i^2",
                               {{"g", before[at[0]], "*"}},
                               {},
                               {{"s", "sum of squares", "sum(g * g)"}}});
             });
    add_number(trace, {"totalNorm", "|g|", "length of all gradients together", role, ""}, r.total_norm,
               recipe_rule({"The root of the sum of all squares.",
                            "\\sqrt{\\sum_k |g_k|^2}",
                            {{"s", "squares", "*"}},
                            {},
                            {{"n", "length", "sqrt(sum(s))"}}}));
    const bool clipped = r.total_norm + o.eps > o.max_norm;
    add_number(trace, {"coefficient", "c", "what every gradient is multiplied by", role, ""}, r.coefficient,
               recipe_rule({clipped ? "The length allowed over the length there is." : "Short enough: nothing is clipped.",
                            "\\min(1, \\tfrac{m}{|g| + \\varepsilon})",
                            {{"n", "totalNorm", ""}},
                            {{"m", "largest length allowed", o.max_norm}, {"eps", "epsilon", o.eps}},
                            {{"c", "coefficient", clipped ? "m / (n + eps)" : "1"}}}));
    for (Size i = 0; i < o.gradients.size(); ++i) {
        add_made(trace, {trace.own(o.gradients[i].name), "g'", "gradient after clipping", role, ".."}, r.gradients[i].tensor,
                 recipe_rule({"The gradient times the coefficient.",
                              "c\\,g",
                              {{"g", before[i]}, {"c", "coefficient", ""}},
                              {},
                              {{"y", "clipped", "g * c"}}}));
    }
    return trace;
}

}  // namespace

ClipResult clip_gradient_norm(const ClipOptions& o) {
    require(o.max_norm >= 0, "clip_gradient_norm: max_norm must be at least 0, got ", o.max_norm);
    require(o.eps >= 0, "clip_gradient_norm: eps must be at least 0, got ", o.eps);
    ClipResult r{0, 1, o.gradients};
    double square = 0;
    for (const NamedTensor& gradient : o.gradients) {
        for (double g : gradient.tensor.data) square += g * g;
    }
    require(std::isfinite(square), "clip_gradient_norm: the gradients are too large, their squares sum to ", square);
    r.total_norm = std::sqrt(square);
    if (r.total_norm + o.eps > o.max_norm) r.coefficient = o.max_norm / (r.total_norm + o.eps);
    for (NamedTensor& gradient : r.gradients) {
        for (double& g : gradient.tensor.data) g *= r.coefficient;
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
