#include "clearformer/vision/diffusion_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

constexpr int kMostSteps = 1000000;
/// 1 - beta must be distinguishable from 1, or the signal to noise ratio would be infinite.
constexpr double kLeastBeta = 1e-15;

/// Place i of n numbers from a to b in equal steps; a where there is but one.
double spaced(double a, double b, int i, int n) { return n == 1 ? a : a + (b - a) * i / (n - 1); }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double squared(double x) { return x * x; }

double cosine_alpha_bar(double place, double s) { return squared(std::cos((place + s) / (1 + s) * std::numbers::pi / 2)); }

void check_constants(const char* function, const NoiseSchedule& o) {
    require(o.steps >= 1 && o.steps <= kMostSteps, function, ": steps must be from 1 to ", kMostSteps, ", got ", o.steps);
    for (const auto& [name, beta] : {std::pair("beta_start", o.beta_start), std::pair("beta_end", o.beta_end)}) {
        if (beta) require(*beta > 0 && *beta <= 1, function, ": ", name, " must be above 0 and at most 1, got ", *beta);
    }
    require(o.s >= 0 && o.s <= 1e6, function, ": s must be from 0 to 1000000, got ", o.s);
    require(o.max_beta > 0 && o.max_beta <= 1, function, ": max_beta must be above 0 and at most 1, got ", o.max_beta);
}

double beta_at(const char* function, const NoiseSchedule& o, int t) {
    const bool scaled = o.schedule == "scaled_linear";
    const double start = o.beta_start.value_or(scaled ? 0.00085 : 0.0001), end = o.beta_end.value_or(scaled ? 0.012 : 0.02);
    const int T = o.steps;
    if (o.schedule == "linear") return spaced(start, end, t, T);
    if (scaled) return squared(spaced(std::sqrt(start), std::sqrt(end), t, T));
    if (o.schedule == "sigmoid") return start + (end - start) * sigmoid(spaced(-6, 6, t, T));
    if (o.schedule == "constant") return end;
    if (o.schedule == "jsd") return 1.0 / (T - t);
    if (o.schedule == "cosine") {
        const double here = cosine_alpha_bar(static_cast<double>(t) / T, o.s);
        return std::min(1 - cosine_alpha_bar(static_cast<double>(t + 1) / T, o.s) / here, o.max_beta);
    }
    fail({function, ": schedule must be one of linear, scaled_linear, sigmoid, constant, jsd, cosine, got \"", o.schedule,
          "\""});
}

}  // namespace

namespace {

/// beta of timestep t, the entry's index.
Recipe beta_recipe(const NoiseSchedule& o) {
    const bool scaled = o.schedule == "scaled_linear", one = o.steps == 1;
    const double start = o.beta_start.value_or(scaled ? 0.00085 : 0.0001), end = o.beta_end.value_or(scaled ? 0.012 : 0.02);
    Recipe r{"", "", {}, {{"t", "timestep", 0, 0}}, {}};
    const auto from_to = [&] {
        r.constants.push_back({"a", "first beta", start});
        r.constants.push_back({"b", "last beta", end});
        r.constants.push_back({"n", "steps between them", one ? 1.0 : o.steps - 1});
    };
    if (o.schedule == "constant") {
        r.words = "The same at every step.";
        r.formula = "\\beta";
        r.constants.push_back({"b", "beta", end});
        r.lines = {{"y", "beta", "b"}};
    } else if (o.schedule == "jsd") {
        r.words = "One over the steps that are left.";
        r.formula = "1 / (T - t)";
        r.constants.push_back({"T", "steps", static_cast<double>(o.steps)});
        r.lines = {{"y", "beta", "1 / (T - t)"}};
    } else if (o.schedule == "cosine") {
        r.words = "What turns the signal's share at t into that at t + 1, where that share falls like a squared cosine.";
        r.formula = "\\min(1 - f(t+1) / f(t), \\beta_{max})";
        r.constants.push_back({"T", "steps", static_cast<double>(o.steps)});
        r.constants.push_back({"s", "offset", o.s});
        r.constants.push_back({"m", "largest beta", o.max_beta});
        r.lines = {{"p", "cosine at t", "cos((t / T + s) / (1 + s) * 3.141592653589793 / 2)"},
                   {"q", "cosine at t + 1", "cos(((t + 1) / T + s) / (1 + s) * 3.141592653589793 / 2)"},
                   {"b", "beta", "1 - q * q / (p * p)"},
                   {"y", "at most the largest", "(b + m - abs(b - m)) / 2"}};
    } else if (o.schedule == "sigmoid") {
        r.words = "From the first to the last along a sigmoid from -6 to 6.";
        r.formula = "a + (b - a)\\, \\sigma(x_t)";
        from_to();
        r.lines = {{"x", "place on the sigmoid", one ? "-6" : "-6 + 12 * t / n"},
                   {"y", "beta", "a + (b - a) / (1 + exp(-x))"}};
    } else if (scaled) {
        r.words = "The square of what goes from root to root in equal steps.";
        r.formula = "\\bigl(\\sqrt a + \\tfrac{t}{n} (\\sqrt b - \\sqrt a)\\bigr)^2";
        from_to();
        r.lines = {{"q", "root of beta", one ? "sqrt(a)" : "sqrt(a) + (sqrt(b) - sqrt(a)) * t / n"}, {"y", "beta", "q * q"}};
    } else {
        r.words = "From the first to the last in equal steps.";
        r.formula = "a + \\tfrac{t}{n} (b - a)";
        from_to();
        r.lines = {{"y", "beta", one ? "a" : "a + (b - a) * t / n"}};
    }
    return r;
}

/// allBetas, alphaBars [T]; betas, alphasCumprod, alphasCumprodBefore, .. posteriorCoefficientXt [N]
Trace trace_of(const DiffusionScheduleOptions& o, const DiffusionScheduleResult& r, const std::vector<NoiseLevel>& levels,
               const std::vector<int>& timesteps) {
    const Size T = levels.size(), N = timesteps.size();
    const char* role = "scores";
    Array<double> betas({T}), bars({T}), before({N});
    for (Size t = 0; t < T; ++t) {
        betas.data[t] = levels[t].beta;
        bars.data[t] = levels[t].alpha_bar;
    }
    for (Size i = 0; i < N; ++i) before.data[i] = levels[static_cast<Size>(timesteps[i])].alpha_bar_previous;
    Trace trace;
    add_made(trace, {"allBetas", "β", "variance that the step adds", role, "T"}, betas, recipe_rule(beta_recipe(o)));
    add_made(trace, {"alphaBars", "ᾱ", "share of the signal's variance left", role, "T"}, bars,
             [](const Index& at, Pen& pen) {
                 pen.rule("What was left after the step before, times what this step leaves.",
                          "\\bar\\alpha_{t-1} (1 - \\beta_t)");
                 if (at[0] > 0) pen.scalar("a", "alphaBars", {at[0] - 1});
                 pen.scalar("b", "allBetas", at);
                 pen.step("y", "left", at[0] > 0 ? "a * (1 - b)" : "1 - b");
             });
    const auto add_looked_up = [&](const Label& label, const Array<double>& values, const char* from, Size back) {
        add_made(trace, label, values, [=](const Index& at, Pen& pen) {
            const Size t = static_cast<Size>(timesteps[at[0]]);
            const bool clean = t < back;
            pen.rule(clean ? "Before the first step the data are clean." : "That of the timestep.", clean ? "1" : "x_t");
            pen.constant("t", "timestep", static_cast<double>(t));
            if (!clean) pen.scalar("x", from, {t - back});
            pen.step("y", "looked up", clean ? "1" : "x");
        });
    };
    add_looked_up({"betas", "β", "variance that the step adds", role, "N"}, r.betas, "allBetas", 0);
    add_looked_up({"alphasCumprod", "ᾱ", "share of the signal's variance left", role, "N"}, r.alphas_cumprod, "alphaBars",
                  0);
    add_looked_up({"alphasCumprodBefore", "ᾱ₋", "the same of the step before", role, "N"}, before, "alphaBars", 1);
    const auto add = [&](const char* name, const char* symbol, const char* words, const char* formula,
                         const Array<double>& values, const char* expression) {
        add_made(trace, {name, symbol, words, role, "N"}, values,
                 recipe_rule({words,
                              formula,
                              {{"a", "alphasCumprod"}, {"p", "alphasCumprodBefore"}, {"b", "betas"}},
                              {},
                              {{"y", "value", expression}}}));
    };
    add("sqrtAlphasCumprod", "√ᾱ", "factor of the data", "\\sqrt{\\bar\\alpha}", r.sqrt_alphas_cumprod, "sqrt(a)");
    add("sqrtOneMinusAlphasCumprod", "√(1-ᾱ)", "factor of the noise", "\\sqrt{1 - \\bar\\alpha}",
        r.sqrt_one_minus_alphas_cumprod, "sqrt(1 - a)");
    add("snr", "SNR", "signal to noise", "\\frac{\\bar\\alpha}{1 - \\bar\\alpha}", r.snr, "a / (1 - a)");
    add("posteriorVariance", "β̃", "variance of the step back", "\\beta \\frac{1 - \\bar\\alpha_-}{1 - \\bar\\alpha}",
        r.posterior_variance, "b * (1 - p) / (1 - a)");
    add("posteriorCoefficientX0", "c_0", "factor of the data in the step back",
        "\\frac{\\sqrt{\\bar\\alpha_-}\\, \\beta}{1 - \\bar\\alpha}", r.posterior_coefficient_x0, "sqrt(p) * b / (1 - a)");
    add("posteriorCoefficientXt", "c_t", "factor of the noisy data in the step back",
        "\\frac{\\sqrt{1 - \\beta}\\, (1 - \\bar\\alpha_-)}{1 - \\bar\\alpha}", r.posterior_coefficient_xt,
        "sqrt(1 - b) * (1 - p) / (1 - a)");
    return trace;
}

}  // namespace

double NoiseLevel::signal() const { return std::sqrt(alpha_bar); }
double NoiseLevel::noise() const { return std::sqrt(1 - alpha_bar); }
double NoiseLevel::posterior_variance() const { return beta * (1 - alpha_bar_previous) / (1 - alpha_bar); }

std::vector<NoiseLevel> noise_levels(const char* function, const NoiseSchedule& o) {
    check_constants(function, o);
    std::vector<NoiseLevel> levels(static_cast<Size>(o.steps));
    double alpha_bar = 1;
    for (int t = 0; t < o.steps; ++t) {
        NoiseLevel& level = levels[static_cast<Size>(t)];
        level.beta = beta_at(function, o, t);
        require(level.beta >= kLeastBeta && level.beta <= 1, function, ": every beta must be from ", kLeastBeta,
                " to 1, got ", level.beta, " at timestep ", t);
        level.alpha_bar_previous = alpha_bar;
        level.alpha_bar = alpha_bar *= 1 - level.beta;
    }
    return levels;
}

NoiseLevel noise_level(const char* function, const char* name, const std::vector<NoiseLevel>& levels, int timestep) {
    require(timestep >= -1 && timestep < static_cast<int>(levels.size()), function, ": ", name, " must be below the ",
            levels.size(), " steps of the schedule, and at least 0 (-1 for the clean data), got ", timestep);
    return timestep == -1 ? NoiseLevel{} : levels[static_cast<Size>(timestep)];
}

DiffusionScheduleResult diffusion_schedule(const DiffusionScheduleOptions& o) {
    const char* function = DiffusionScheduleOptions::kFunction;
    const std::vector<NoiseLevel> levels = noise_levels(function, o);
    std::vector<int> timesteps = o.timesteps;
    if (timesteps.empty()) {
        for (int t = 0; t < o.steps; ++t) timesteps.push_back(t);
    }
    const Array<double> empty({timesteps.size()});
    DiffusionScheduleResult r{empty, empty, empty, empty, empty, empty, empty, empty};
    for (Size i = 0; i < timesteps.size(); ++i) {
        const int t = timesteps[i];
        require(t >= 0 && t < o.steps, function, ": timesteps must be from 0 to ", o.steps - 1, ", got ", t);
        const NoiseLevel& level = levels[static_cast<Size>(t)];
        r.betas.data[i] = level.beta;
        r.alphas_cumprod.data[i] = level.alpha_bar;
        r.sqrt_alphas_cumprod.data[i] = level.signal();
        r.sqrt_one_minus_alphas_cumprod.data[i] = level.noise();
        r.snr.data[i] = level.alpha_bar / (1 - level.alpha_bar);
        r.posterior_variance.data[i] = level.posterior_variance();
        r.posterior_coefficient_x0.data[i] = std::sqrt(level.alpha_bar_previous) * level.beta / (1 - level.alpha_bar);
        r.posterior_coefficient_xt.data[i] =
            std::sqrt(1 - level.beta) * (1 - level.alpha_bar_previous) / (1 - level.alpha_bar);
    }
    if (o.trace) r.trace = trace_of(o, r, levels, timesteps);
    return r;
}

}  // namespace clearformer
