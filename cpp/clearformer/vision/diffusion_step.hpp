#pragma once

// One step of a diffusion model: adding noise, and taking it away again with a prediction of the noise. The model itself,
// which makes the prediction, is not part of this; `noise` and `eps` are given, so that the numbers can be checked.

#include "clearformer/trace.hpp"
#include "clearformer/vision/diffusion_schedule.hpp"

namespace clearformer {

/// x0 and eps of one shape: the data and a draw of standard normal noise; timestep t from 0 to steps - 1.
struct QSampleOptions : NoiseSchedule {
    static constexpr const char* kFunction = "q_sample";
    Array<double> x0, eps;
    int t = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x0", x0, "..");
        field.required("eps", eps, "..");
        field.required("t", t);
        schedule_fields(field);
        field.optional("trace", trace);
    }
};

struct QSampleResult {
    Array<double> x_t;          // as x0: signal x0 + noise eps, signal = sqrt(alpha_bar_t), noise = sqrt(1 - alpha_bar_t)
    Array<double> v;            // as x0: signal eps - noise x0
    Array<double> x0_from_v;    // as x0: signal x_t - noise v, which is x0 again
    Array<double> x0_from_eps;  // as x0: (x_t - noise eps) / signal, which is x0 again
    double signal = 0, noise = 0;
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x_t", x_t, "..");
        field.required("v", v, "..");
        field.required("x0_from_v", x0_from_v, "..");
        field.required("x0_from_eps", x0_from_eps, "..");
        field.required("signal", signal);
        field.required("noise", noise);
        field.optional("trace", trace);
    }
};

/// Noise added to the data in one leap (Ho et al. 2020, equation 4), and what a model may be asked to predict: eps, or
/// v (Salimans and Ho 2022, section 4 and appendix D).
/// Throws DomainError for shapes that differ, a timestep outside the schedule, and one at which nothing of the signal is
/// left.
QSampleResult q_sample(const QSampleOptions& options);

/// x_t and eps of one shape: the noisy data and the predicted noise; `noise` of that shape: the fresh draw, needed where
/// sigma is above 0. From timestep t to t_prev, which is -1 for the clean data.
struct DdimStepOptions : NoiseSchedule {
    static constexpr const char* kFunction = "ddim_step";
    Array<double> x_t, eps;
    std::optional<Array<double>> noise;
    int t = 0;
    int t_prev = -1;
    double eta = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x_t", x_t, "..");
        field.required("eps", eps, "..");
        field.optional("noise", noise, "..");
        field.required("t", t);
        field.required("t_prev", t_prev);
        field.optional("eta", eta);
        schedule_fields(field);
        field.optional("trace", trace);
    }
};

struct DdimStepResult {
    Array<double> pred_x0;    // as x_t: the data that x_t and eps point to
    Array<double> direction;  // as x_t: sqrt(1 - alpha_bar_prev - sigma^2) eps, back towards x_t
    double sigma = 0;         // deviation of the fresh noise
    Array<double> x_prev;     // as x_t
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("pred_x0", pred_x0, "..");
        field.required("direction", direction, "..");
        field.required("sigma", sigma);
        field.required("x_prev", x_prev, "..");
        field.optional("trace", trace);
    }
};

/// x_prev = sqrt(alpha_bar_prev) pred_x0 + direction + sigma noise, with
/// sigma = eta sqrt((1 - alpha_bar_prev) / (1 - alpha_bar_t)) sqrt(1 - alpha_bar_t / alpha_bar_prev) (Song et al. 2021,
/// equations 12 and 16): eta 0 is the deterministic DDIM, eta 1 has the variance of DDPM. With eta 0, t_prev may lie above
/// t: inversion.
/// Throws DomainError for shapes that differ, timesteps outside the schedule, eta outside 0 .. 1, noise that is needed and
/// not given, t_prev >= t with eta above 0, and a timestep at which nothing of the signal is left.
DdimStepResult ddim_step(const DdimStepOptions& options);

/// As ddim_step, from t to t - 1. Variances: fixed_small, the posterior's (it is 0 at t = 0), or fixed_large, beta_t.
struct DdpmStepOptions : NoiseSchedule {
    static constexpr const char* kFunction = "ddpm_step";
    Array<double> x_t, eps;
    std::optional<Array<double>> noise;
    int t = 0;
    std::string variance = "fixed_small";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x_t", x_t, "..");
        field.required("eps", eps, "..");
        field.optional("noise", noise, "..");
        field.required("t", t);
        field.optional("variance", variance);
        schedule_fields(field);
        field.optional("trace", trace);
    }
};

struct DdpmStepResult {
    Array<double> mean;  // as x_t
    double variance = 0;
    Array<double> x_prev;  // as x_t
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("mean", mean, "..");
        field.required("variance", variance);
        field.required("x_prev", x_prev, "..");
        field.optional("trace", trace);
    }
};

/// mean = (x_t - beta / sqrt(1 - alpha_bar) eps) / sqrt(1 - beta), x_prev = mean + sqrt(variance) noise (Ho et al. 2020,
/// equation 11 and algorithm 2); at t = 0 the mean itself.
/// Throws DomainError for shapes that differ, a timestep outside the schedule, an unknown variance, noise that is needed and
/// not given, and a beta of 1.
DdpmStepResult ddpm_step(const DdpmStepOptions& options);

}  // namespace clearformer
