#include "clearformer/vision/guidance.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {
namespace {

/// Of n entries, their squares divided by n - 1.
double deviation(const double* x, Size n) {
    double mean = 0, sum = 0;
    for (Size i = 0; i < n; ++i) mean += x[i] / static_cast<double>(n);
    for (Size i = 0; i < n; ++i) sum += (x[i] - mean) * (x[i] - mean);
    return std::sqrt(sum / static_cast<double>(n - 1));
}

/// epsCond, epsUncond, guided, condDeviation and guidedDeviation (with rescale), factor, eps
Trace trace_of(const ClassifierFreeGuidanceOptions& o, const ClassifierFreeGuidanceResult& r, Size n) {
    const Size samples = r.factor.size();
    const Shape shape = o.eps_cond.shape;
    const bool rescaled = o.rescale != 0;
    Trace trace;
    add_given(trace, {"epsCond", "ε_c", "prediction with the prompt", "input", ".."}, o.eps_cond);
    add_given(trace, {"epsUncond", "ε_u", "prediction without it", "input", ".."}, o.eps_uncond);
    trace.derive({"guided", "ε_g", "guided prediction", "residual", ".."}, shape,
                 recipe_rule({"Without the prompt, and the way from there to with it, stretched.",
                              "\\varepsilon_u + s (\\varepsilon_c - \\varepsilon_u)",
                              {{"c", "epsCond"}, {"u", "epsUncond"}},
                              {{"s", "scale", o.scale}},
                              {{"d", "the way", "c - u"}, {"g", "guided", "u + s * d"}}}));
    const auto add_deviation = [&](const char* name, const char* of) {
        trace.derive({name, "σ", "deviation of the sample", "scores", "N"}, {samples}, [=](const Index& at, Pen& pen) {
            pen.rule("The standard deviation of all entries of the sample.",
                     "\\sqrt{\\tfrac{1}{n-1} \\sum_i (x_i - \\mu)^2}");
            pen.vector("x", of, n, [&](Size i) {
                Index place = shape;
                Size rest = at[0] * n + i;
                for (Size axis = shape.size(); axis-- > 0; rest /= shape[axis]) place[axis] = rest % shape[axis];
                return place;
            });
            pen.constant("n", "entries", static_cast<double>(n));
            pen.step("d", "distances from the mean", "x - sum(x) / n");
            pen.step("y", "deviation", "sqrt(sum(d * d) / (n - 1))");
        });
    };
    if (rescaled) {
        add_deviation("condDeviation", "epsCond");
        add_deviation("guidedDeviation", "guided");
    }
    Recipe factor{"Part of the way back to the deviation with the prompt.",
                  "\\phi\\, \\sigma_c / \\sigma_g + 1 - \\phi",
                  {{"c", "condDeviation"}, {"g", "guidedDeviation"}},
                  {{"p", "rescale", o.rescale}},
                  {{"f", "factor", "p * c / g + (1 - p)"}}};
    if (!rescaled) factor = {"Not rescaled.", "1", {}, {}, {{"f", "factor", "1"}}};
    add_made(trace, {"factor", "f", "factor of the sample", "scores", "N"}, r.factor, recipe_rule(factor));
    add_made(trace, {"eps", "ε", "prediction", "residual", ".."}, r.eps, [](const Index& at, Pen& pen) {
        pen.rule("The guided prediction times the sample's factor.", "f\\, \\varepsilon_g");
        pen.scalar("g", "guided", at);
        pen.scalar("f", "factor", {at.empty() ? 0 : at[0]});
        pen.step("y", "product", "g * f");
    });
    return trace;
}

}  // namespace

ClassifierFreeGuidanceResult classifier_free_guidance(const ClassifierFreeGuidanceOptions& o) {
    const char* function = ClassifierFreeGuidanceOptions::kFunction;
    check_same_shape(function, "eps_cond", o.eps_cond, "eps_uncond", o.eps_uncond);
    require(o.rescale >= 0 && o.rescale <= 1, function, ": rescale must be from 0 to 1, got ", o.rescale);
    const Size samples = o.eps_cond.rank() == 0 ? 1 : o.eps_cond.shape[0];
    const Size n = samples == 0 ? 0 : o.eps_cond.size() / samples;
    ClassifierFreeGuidanceResult r{o.eps_uncond, Array<double>({samples}, 1.0)};
    for (Size i = 0; i < r.eps.size(); ++i) r.eps.data[i] += o.scale * (o.eps_cond.data[i] - o.eps_uncond.data[i]);
    check_result(function, "eps", r.eps);
    if (o.rescale == 0) {
        if (o.trace) r.trace = trace_of(o, r, n);
        return r;
    }
    require(o.eps_cond.rank() >= 2 && (samples == 0 || n >= 2), function,
            ": rescale needs a batch axis and at least two entries in each sample, got shape ", o.eps_cond.shape);
    for (Size sample = 0; sample < samples; ++sample) {
        double* guided = r.eps.data.data() + sample * n;
        const double spread = deviation(guided, n);
        require(spread > 0, function, ": rescale needs a guided prediction with some spread; sample ", sample, " has none");
        double& factor = r.factor.data[sample];
        factor = o.rescale * deviation(o.eps_cond.data.data() + sample * n, n) / spread + (1 - o.rescale);
        for (Size i = 0; i < n; ++i) guided[i] *= factor;
    }
    check_result(function, "eps", r.eps);
    if (o.trace) r.trace = trace_of(o, r, n);
    return r;
}

}  // namespace clearformer
