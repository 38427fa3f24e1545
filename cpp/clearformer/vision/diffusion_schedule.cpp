#include "clearformer/vision/diffusion_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

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
    return r;
}

}  // namespace clearformer
