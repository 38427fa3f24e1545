#pragma once

// How much noise a diffusion model has added by each of its T timesteps. Timesteps count from 0: betas[0] belongs to the
// first.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// Which schedule, and its constants. Names:
/// linear         beta from beta_start to beta_end in equal steps, 0.0001 to 0.02 unless given (Ho et al. 2020, section 4)
/// scaled_linear  the roots of beta in equal steps, 0.00085 to 0.012 unless given (Stable Diffusion, Rombach et al. 2022)
/// sigmoid        beta_start + (beta_end - beta_start) / (1 + e^-x), x from -6 to 6 in equal steps (diffusers)
/// constant       beta_end throughout (Ho et al. 2020, code)
/// jsd            1 / (T - t): 1/T, 1/(T - 1), .. 1 (Sohl-Dickstein et al. 2015, section 2.4.1)
/// cosine         beta = 1 - f(t + 1) / f(t), at most max_beta, f(t) = cos^2(pi/2 (t / T + s) / (1 + s))
///                (Nichol and Dhariwal 2021, equation 17)
struct NoiseSchedule {
    std::string schedule = "linear";
    int steps = 1000;                            // T, 1 to 1 000 000
    std::optional<double> beta_start, beta_end;  // above 0, at most 1
    double s = 0.008;                            // cosine: at least 0
    double max_beta = 0.999;                     // cosine: above 0, at most 1

    template <class Visitor>
    void schedule_fields(Visitor& field) {
        field.optional("schedule", schedule);
        field.optional("steps", steps);
        field.optional("beta_start", beta_start);
        field.optional("beta_end", beta_end);
        field.optional("s", s);
        field.optional("max_beta", max_beta);
    }
};

/// What one timestep of a schedule comes to.
struct NoiseLevel {
    double beta = 0;                // variance that this step adds
    double alpha_bar = 1;           // product of 1 - beta up to this step: the share of the signal's variance that is left
    double alpha_bar_previous = 1;  // up to the step before; 1 at timestep 0
    double signal() const;          // sqrt(alpha_bar)
    double noise() const;           // sqrt(1 - alpha_bar)
    /// Variance of q(x_{t-1} | x_t, x_0): beta (1 - alpha_bar_previous) / (1 - alpha_bar) (Ho et al. 2020, equation 7).
    double posterior_variance() const;
};

/// All T levels. Throws DomainError, naming the function, for an unknown schedule and constants out of range.
std::vector<NoiseLevel> noise_levels(const char* function, const NoiseSchedule& schedule);

/// The level of one timestep; -1 is the clean data. Throws DomainError for a timestep that the schedule does not have.
NoiseLevel noise_level(const char* function, const char* name, const std::vector<NoiseLevel>& levels, int timestep);

/// timesteps: N of them, each from 0 to T - 1; none given: all T.
struct DiffusionScheduleOptions : NoiseSchedule {
    static constexpr const char* kFunction = "diffusion_schedule";
    std::vector<int> timesteps;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        schedule_fields(field);
        field.optional("timesteps", timesteps);
        field.optional("trace", trace);
    }
};

struct DiffusionScheduleResult {
    Array<double> betas;                          // [N]
    Array<double> alphas_cumprod;                 // [N] alpha_bar
    Array<double> sqrt_alphas_cumprod;            // [N] factor of the data in x_t
    Array<double> sqrt_one_minus_alphas_cumprod;  // [N] factor of the noise in x_t
    Array<double> snr;                            // [N] signal to noise ratio: alpha_bar / (1 - alpha_bar)
    Array<double> posterior_variance;             // [N]
    Array<double> posterior_coefficient_x0;       // [N] factor of x_0 in the posterior's mean
    Array<double> posterior_coefficient_xt;       // [N] factor of x_t in the posterior's mean
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("betas", betas, "N");
        field.required("alphas_cumprod", alphas_cumprod, "N");
        field.required("sqrt_alphas_cumprod", sqrt_alphas_cumprod, "N");
        field.required("sqrt_one_minus_alphas_cumprod", sqrt_one_minus_alphas_cumprod, "N");
        field.required("snr", snr, "N");
        field.required("posterior_variance", posterior_variance, "N");
        field.required("posterior_coefficient_x0", posterior_coefficient_x0, "N");
        field.required("posterior_coefficient_xt", posterior_coefficient_xt, "N");
        field.optional("trace", trace);
    }
};

/// The constants of the forward process q(x_t | x_0) = N(sqrt(alpha_bar) x_0, 1 - alpha_bar) and of its posterior
/// q(x_{t-1} | x_t, x_0), whose mean is coefficient_x0 x_0 + coefficient_xt x_t (Ho et al. 2020, equations 4, 6 and 7).
/// Throws DomainError for an unknown schedule, T outside 1 .. 1 000 000, a beta outside (0, 1], timesteps outside 0 .. T -
/// 1.
DiffusionScheduleResult diffusion_schedule(const DiffusionScheduleOptions& options);

}  // namespace clearformer
