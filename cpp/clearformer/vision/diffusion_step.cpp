#include "clearformer/vision/diffusion_step.hpp"

#include <algorithm>
#include <cmath>

#include "clearformer/recipe.hpp"
#include "clearformer/vision/diffusion_rules.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {
namespace {

/// a x + b y, entry by entry.
Array<double> mixed(double a, const Array<double>& x, double b, const Array<double>& y) {
    Array<double> sum = x;
    for (Size i = 0; i < sum.size(); ++i) sum.data[i] = a * x.data[i] + b * y.data[i];
    return sum;
}

NoiseLevel level_with_signal(const char* function, const std::vector<NoiseLevel>& levels, int t) {
    require(t >= 0, function, ": t must be at least 0, got ", t);
    const NoiseLevel level = noise_level(function, "t", levels, t);
    require(level.signal() > 0, function, ": nothing of the signal is left at t = ", t,
            ", so that no data can be recovered");
    return level;
}

/// Fresh noise where the step needs it.
void check_noise(const char* function, const Array<double>& x_t, const std::optional<Array<double>>& noise, bool needed) {
    if (noise) check_same_shape(function, "x_t", x_t, "noise", *noise);
    require(noise || !needed, function, ": noise must be given for a step with variance");
}

void record_given(Trace& trace, const Label& label, const Array<double>& values, const char* words) {
    trace.add({label, values.shape, given_rule(words), values.data});
}

/// A number of the timestep from its alpha bar, the product of 1 - beta so far.
Rule root_rule(double alpha_bar, const char* expression) {
    return recipe_rule({"The share of the variance at this timestep, as a factor.",
                        "\\sqrt{\\bar\\alpha_t}",
                        {},
                        {{"a", "alpha bar, the product of 1 - beta so far", alpha_bar}},
                        {{"y", "root", expression}}});
}

Trace q_sample_trace(const QSampleOptions& o, const QSampleResult& r, double alpha_bar) {
    Trace trace;
    record_given(trace, {"x0", "x_0", "entry of the data", "input", ".."}, o.x0, "The data, as it was given.");
    record_given(trace, {"eps", "\\epsilon", "entry of the noise", "input", ".."}, o.eps, "The noise, as it was given.");
    const char* signal = "share of the signal, root of alpha bar";
    const char* noise = "share of the noise, root of 1 - alpha bar";
    const auto record = [&](const Label& label, const Array<double>& values, Rule rule) {
        trace.add({label, values.shape, std::move(rule), values.data});
    };
    record(
        {"xT", "x_t", "entry of the noisy data", "residual", ".."}, r.x_t,
        weighted_sum_rule("The data shrunk and the noise scaled, so that the variance stays 1 where that of the data is 1.",
                          "\\sqrt{\\bar\\alpha_t}\\, x_0 + \\sqrt{1 - \\bar\\alpha_t}\\, \\epsilon",
                          {{"x0", r.signal, signal}, {"eps", r.noise, noise}}));
    record({"v", "v", "entry of the velocity", "v", ".."}, r.v,
           weighted_sum_rule("The direction in which x turns as noise replaces data: the same two shares, exchanged.",
                             "\\sqrt{\\bar\\alpha_t}\\, \\epsilon - \\sqrt{1 - \\bar\\alpha_t}\\, x_0",
                             {{"eps", r.signal, signal}, {"x0", -r.noise, "minus the share of the noise"}}));
    record({"x0FromV", "x_0", "recovered entry of the data", "residual", ".."}, r.x0_from_v,
           weighted_sum_rule("The data, recovered from the noisy data and the velocity.",
                             "\\sqrt{\\bar\\alpha_t}\\, x_t - \\sqrt{1 - \\bar\\alpha_t}\\, v",
                             {{"xT", r.signal, signal}, {"v", -r.noise, "minus the share of the noise"}}));
    record({"x0FromEps", "x_0", "recovered entry of the data", "residual", ".."}, r.x0_from_eps,
           weighted_sum_rule("The data, recovered by taking the noise away and undoing the shrinking.",
                             "\\frac{x_t - \\sqrt{1 - \\bar\\alpha_t}\\, \\epsilon}{\\sqrt{\\bar\\alpha_t}}",
                             {{"xT", 1 / r.signal, "1 / share of the signal"},
                              {"eps", -r.noise / r.signal, "minus share of the noise / share of the signal"}}));
    add_number(trace, {"signal", "\\sqrt{\\bar\\alpha}", signal, "scores", ""}, r.signal, root_rule(alpha_bar, "sqrt(a)"));
    add_number(trace, {"noise", "\\sqrt{1 - \\bar\\alpha}", noise, "scores", ""}, r.noise,
               root_rule(alpha_bar, "sqrt(1 - a)"));
    return trace;
}

/// xT, eps, noise (as given), predX0, direction, sigma, xPrev
Trace ddim_trace(const DdimStepOptions& o, const DdimStepResult& r, const NoiseLevel& here, const NoiseLevel& there,
                 double back) {
    Trace trace;
    record_given(trace, {"xT", "x_t", "entry of the noisy data", "residual", ".."}, o.x_t,
                 "The noisy data, as it was given.");
    record_given(trace, {"eps", "\\epsilon_\\theta", "predicted noise", "input", ".."}, o.eps,
                 "The model's prediction of the noise, as it was given.");
    if (o.noise)
        record_given(trace, {"noise", "z", "fresh noise", "input", ".."}, *o.noise, "A fresh draw, as it was given.");
    const auto record = [&](const Label& label, const Array<double>& values, Rule rule) {
        trace.add({label, values.shape, std::move(rule), values.data});
    };
    add_number(
        trace, {"sigma", "\\sigma", "deviation of the fresh noise", "scores", ""}, r.sigma,
        recipe_rule(
            {"The share eta of the deviation that DDPM has.",
             "\\eta \\sqrt{\\tfrac{1 - \\bar\\alpha_-}{1 - \\bar\\alpha}} \\sqrt{1 - \\bar\\alpha / \\bar\\alpha_-}",
             {},
             {{"e", "eta", o.eta}, {"a", "alpha bar here", here.alpha_bar}, {"p", "alpha bar there", there.alpha_bar}},
             {{"s", "sigma", o.eta > 0 ? "e * sqrt((1 - p) / (1 - a)) * sqrt(1 - a / p)" : "0"}}}));
    record({"predX0", "x_0", "entry of the data it points to", "residual", ".."}, r.pred_x0,
           weighted_sum_rule("The data, recovered by taking the noise away and undoing the shrinking.",
                             "\\frac{x_t - \\sqrt{1 - \\bar\\alpha_t}\\, \\epsilon}{\\sqrt{\\bar\\alpha_t}}",
                             {{"xT", 1 / here.signal(), "1 / share of the signal"},
                              {"eps", -here.noise() / here.signal(), "minus share of the noise / share of the signal"}}));
    record({"direction", "d", "entry of the way back", "residual", ".."}, r.direction,
           weighted_sum_rule("The predicted noise, as much of it as there is at the step before.",
                             "\\sqrt{1 - \\bar\\alpha_- - \\sigma^2}\\, \\epsilon",
                             {{"eps", back, "root of 1 - alpha bar there - sigma squared"}}));
    std::vector<Share> shares = {{"predX0", there.signal(), "root of alpha bar there"}, {"direction", 1, "as it stands"}};
    if (r.sigma > 0) shares.push_back({"noise", r.sigma, "sigma"});
    record({"xPrev", "x_{t-1}", "entry of the less noisy data", "residual", ".."}, r.x_prev,
           weighted_sum_rule("The data shrunk, the way back towards the noise, and fresh noise.",
                             "\\sqrt{\\bar\\alpha_-}\\, x_0 + d + \\sigma z", std::move(shares)));
    return trace;
}

Trace ddpm_trace(const DdpmStepOptions& o, const DdpmStepResult& r, double of_x, double of_eps, double deviation,
                 const NoiseLevel& level) {
    Trace trace;
    record_given(trace, {"xT", "x_t", "entry of the noisy data", "residual", ".."}, o.x_t,
                 "The noisy data, as it was given.");
    record_given(trace, {"eps", "\\epsilon_\\theta", "predicted noise", "input", ".."}, o.eps,
                 "The model's prediction of the noise, as it was given.");
    if (o.noise)
        record_given(trace, {"noise", "z", "fresh noise", "input", ".."}, *o.noise, "A fresh draw, as it was given.");
    trace.add(
        {{"mean", "\\mu", "mean of the step before", "residual", ".."},
         r.mean.shape,
         weighted_sum_rule(
             "The noisy data less a part of the predicted noise, grown again by what the step had shrunk it.",
             "\\frac{1}{\\sqrt{\\alpha_t}} \\Bigl(x_t - \\frac{\\beta_t}{\\sqrt{1 - \\bar\\alpha_t}} \\epsilon\\Bigr)",
             {{"xT", of_x, "1 / root of alpha"}, {"eps", of_eps, "minus beta / root of (1 - alpha bar) / root of alpha"}}),
         r.mean.data});
    std::vector<Share> shares = {{"mean", 1.0, "as it stands"}};
    if (o.noise) shares.push_back({"noise", deviation, "deviation of the step"});
    trace.add({{"xPrev", "x_{t-1}", "entry of the less noisy data", "residual", ".."},
               r.x_prev.shape,
               weighted_sum_rule("The mean plus fresh noise of the step's deviation; none is added at the last step.",
                                 "\\mu + \\sigma_t z", std::move(shares)),
               r.x_prev.data});
    add_number(trace, {"variance", "\\sigma^2", "variance of the step", "scores", ""}, r.variance,
               recipe_rule({"Beta itself, or the posterior's share of it.",
                            "\\beta \\frac{1 - \\bar\\alpha_-}{1 - \\bar\\alpha}",
                            {},
                            {{"b", "beta", level.beta},
                             {"a", "alpha bar here", level.alpha_bar},
                             {"p", "alpha bar before", level.alpha_bar_previous}},
                            {{"v", "variance", o.variance == "fixed_large" ? "b" : "b * (1 - p) / (1 - a)"}}}));
    return trace;
}

}  // namespace

QSampleResult q_sample(const QSampleOptions& o) {
    const char* function = QSampleOptions::kFunction;
    check_same_shape(function, "x0", o.x0, "eps", o.eps);
    const NoiseLevel level = level_with_signal(function, noise_levels(function, o), o.t);
    QSampleResult r;
    r.signal = level.signal();
    r.noise = level.noise();
    r.x_t = mixed(r.signal, o.x0, r.noise, o.eps);
    r.v = mixed(r.signal, o.eps, -r.noise, o.x0);
    r.x0_from_v = mixed(r.signal, r.x_t, -r.noise, r.v);
    r.x0_from_eps = mixed(1 / r.signal, r.x_t, -r.noise / r.signal, o.eps);
    for (const auto* values : {&r.x_t, &r.v, &r.x0_from_v, &r.x0_from_eps}) check_result(function, "a result", *values);
    if (o.trace) r.trace = q_sample_trace(o, r, level.alpha_bar);
    return r;
}

DdimStepResult ddim_step(const DdimStepOptions& o) {
    const char* function = DdimStepOptions::kFunction;
    check_same_shape(function, "x_t", o.x_t, "eps", o.eps);
    require(o.eta >= 0 && o.eta <= 1, function, ": eta must be from 0 to 1, got ", o.eta);
    const std::vector<NoiseLevel> levels = noise_levels(function, o);
    const NoiseLevel here = level_with_signal(function, levels, o.t);
    const NoiseLevel there = noise_level(function, "t_prev", levels, o.t_prev);
    require(o.eta == 0 || o.t_prev < o.t, function, ": t_prev must be below t where eta is above 0, got t_prev ", o.t_prev,
            " and t ", o.t);
    DdimStepResult r;
    if (o.eta > 0) {
        r.sigma = o.eta * std::sqrt((1 - there.alpha_bar) / (1 - here.alpha_bar)) *
                  std::sqrt(1 - here.alpha_bar / there.alpha_bar);
    }
    check_noise(function, o.x_t, o.noise, r.sigma > 0);
    r.pred_x0 = mixed(1 / here.signal(), o.x_t, -here.noise() / here.signal(), o.eps);
    const double back = std::sqrt(std::max(0.0, 1 - there.alpha_bar - r.sigma * r.sigma));
    r.direction = mixed(back, o.eps, 0, o.eps);
    r.x_prev = mixed(there.signal(), r.pred_x0, 1, r.direction);
    if (r.sigma > 0) r.x_prev = mixed(1, r.x_prev, r.sigma, *o.noise);
    check_result(function, "pred_x0", r.pred_x0);
    check_result(function, "x_prev", r.x_prev);
    if (o.trace) r.trace = ddim_trace(o, r, here, there, back);
    return r;
}

DdpmStepResult ddpm_step(const DdpmStepOptions& o) {
    const char* function = DdpmStepOptions::kFunction;
    check_same_shape(function, "x_t", o.x_t, "eps", o.eps);
    const bool large = o.variance == "fixed_large";
    require(large || o.variance == "fixed_small", function, ": variance must be fixed_small or fixed_large, got \"",
            o.variance, "\"");
    const NoiseLevel level = level_with_signal(function, noise_levels(function, o), o.t);
    DdpmStepResult r;
    r.variance = large ? level.beta : level.posterior_variance();
    const double deviation = o.t == 0 ? 0 : std::sqrt(r.variance);
    check_noise(function, o.x_t, o.noise, deviation > 0);
    const double of_x = 1 / std::sqrt(1 - level.beta), of_eps = -level.beta / level.noise() * of_x;
    r.mean = mixed(of_x, o.x_t, of_eps, o.eps);
    r.x_prev = deviation > 0 ? mixed(1, r.mean, deviation, *o.noise) : r.mean;
    check_result(function, "mean", r.mean);
    check_result(function, "x_prev", r.x_prev);
    if (o.trace) r.trace = ddpm_trace(o, r, of_x, of_eps, deviation, level);
    return r;
}

}  // namespace clearformer
