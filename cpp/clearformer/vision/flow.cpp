#include "clearformer/vision/flow.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {

FlowMatchingResult flow_matching(const FlowMatchingOptions& o) {
    const char* function = FlowMatchingOptions::kFunction;
    check_same_shape(function, "x0", o.x0, "eps", o.eps);
    require(o.x0.rank() < Shape::kMost, function, ": x0 must have fewer than ", Shape::kMost, " axes, got shape ",
            o.x0.shape);
    require(o.shift > 0, function, ": shift must be above 0, got ", o.shift);
    for (double t : o.t) require(t >= 0 && t <= 1, function, ": every t must be from 0 to 1, got ", t);
    Shape stacked = o.x0.shape;
    stacked.insert(stacked.begin(), o.t.size());
    check_bytes("flow_matching: x_t", stacked, sizeof(double));
    FlowMatchingResult r{Array<double>(stacked), o.x0, Array<double>({o.t.size()})};
    const Size n = o.x0.size();
    for (Size i = 0; i < n; ++i) r.velocity.data[i] = o.eps.data[i] - o.x0.data[i];
    for (Size k = 0; k < o.t.size(); ++k) {
        const double t = o.t[k];
        r.shifted_t.data[k] = t == 1 ? 1 : o.shift * t / (1 + (o.shift - 1) * t);
        for (Size i = 0; i < n; ++i) r.x_t.data[k * n + i] = (1 - t) * o.x0.data[i] + t * o.eps.data[i];
    }
    check_result(function, "the velocity", r.velocity);
    check_result(function, "a shifted time", r.shifted_t);
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        add_given(trace, {"x0", "x_0", "entry of the data", "input", ".."}, o.x0);
        add_given(trace, {"eps", "ε", "entry of the noise", "input", ".."}, o.eps);
        add_given(trace, {"t", "t", "time", "input", "N"}, Array<double>({o.t.size()}, o.t));
        add_made(trace, {"velocity", "v", "entry of the velocity", "v", ".."}, r.velocity,
                 recipe_rule({"The straight way from the data to the noise.",
                              "\\varepsilon - x_0",
                              {{"x", "x0"}, {"n", "eps"}},
                              {},
                              {{"v", "difference", "n - x"}}}));
        add_made(trace, {"xT", "x_t", "entry on the way", "residual", "N .."}, r.x_t, [](const Index& at, Pen& pen) {
            const Index place(at.begin() + 1, at.end());
            pen.rule("A share of the data and a share of the noise.", "(1 - t)\\, x_0 + t\\, \\varepsilon");
            pen.scalar("t", "t", {at[0]});
            pen.scalar("x", "x0", place);
            pen.scalar("n", "eps", place);
            pen.step("y", "sum", "(1 - t) * x + t * n");
        });
        add_made(trace, {"shiftedT", "t'", "shifted time", "scores", "N"}, r.shifted_t,
                 recipe_rule({"Later, for a shift above 1: large images need more noise.",
                              "\\frac{s t}{1 + (s - 1) t}",
                              {{"t", "t"}},
                              {{"s", "shift", o.shift}},
                              {{"y", "shifted", "s * t / (1 + (s - 1) * t)"}}}));
    }
    return r;
}

KarrasSigmasResult karras_sigmas(const KarrasSigmasOptions& o) {
    const char* function = KarrasSigmasOptions::kFunction;
    require(o.n >= 1 && o.n <= 1000000, function, ": n must be from 1 to 1000000, got ", o.n);
    require(o.sigma_min >= 0 && o.sigma_max >= o.sigma_min, function,
            ": sigma_min must be at least 0 and sigma_max at least sigma_min, got ", o.sigma_min, " and ", o.sigma_max);
    require(o.rho >= 0.01 && o.rho <= 1000, function, ": rho must be from 0.01 to 1000, got ", o.rho);
    const double first = std::pow(o.sigma_max, 1 / o.rho), last = std::pow(o.sigma_min, 1 / o.rho);
    KarrasSigmasResult r{Array<double>({static_cast<Size>(o.n)})};
    for (int i = 0; i < o.n; ++i) {
        const double place = o.n == 1 ? 0 : static_cast<double>(i) / (o.n - 1);
        r.sigmas.data[static_cast<Size>(i)] = std::pow(first + place * (last - first), o.rho);
    }
    check_result(function, "a sigma", r.sigmas);
    if (o.trace) {
        add_made(r.trace.emplace(), {"sigmas", "σ", "deviation of the noise", "scores", "N"}, r.sigmas,
                 recipe_rule({"From the largest down to the smallest, in equal steps of their roots.",
                              "\\bigl(\\sigma_{max}^{1/\\rho} + \\tfrac{i}{n-1} (\\sigma_{min}^{1/\\rho} - "
                              "\\sigma_{max}^{1/\\rho})\\bigr)^\\rho",
                              {},
                              {{"i", "place", 0, 0},
                               {"n", "steps", o.n == 1 ? 1.0 : o.n - 1},
                               {"h", "largest sigma", o.sigma_max},
                               {"l", "smallest sigma", o.sigma_min},
                               {"r", "rho", o.rho}},
                              {{"a", "root of the largest", "exp(log(h) / r)"},
                               {"b", "root of the smallest", "exp(log(l) / r)"},
                               {"q", "between them", "a + i / n * (b - a)"},
                               {"s", "sigma", "exp(r * log(q))"}}}));
    }
    return r;
}

}  // namespace clearformer
