#include "clearformer/vision/diffusion_schedule.hpp"
#include "clearformer/vision/diffusion_step.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

const std::vector<std::string> kSchedules = {"linear", "scaled_linear", "sigmoid", "constant", "jsd", "cosine"};

DiffusionScheduleResult whole(const std::string& name, int steps) {
    DiffusionScheduleOptions o;
    o.schedule = name;
    o.steps = steps;
    return diffusion_schedule(o);
}

template <class Options>
Options step_of(const Json& c) {
    Options o;
    o.schedule = c["params"]["schedule"];
    o.t = c["params"]["t"];
    return o;
}

}  // namespace

TEST_CASE("every schedule only ever adds noise, and what is left of the signal is the product of 1 - beta") {
    for (const std::string& name : kSchedules) {
        CAPTURE(name);
        const auto r = whole(name, 200);
        double product = 1;
        for (Size t = 0; t < 200; ++t) {
            product *= 1 - r.betas.data[t];
            CHECK(r.betas.data[t] > 0);
            CHECK(r.alphas_cumprod.data[t] == product);
            CHECK(r.posterior_variance.data[t] <= r.betas.data[t]);
        }
        CHECK(r.posterior_variance.data[0] == 0);
        CHECK(r.posterior_coefficient_xt.data[0] == 0);
    }
}

TEST_CASE("the posterior's mean of noise-free data is the data shrunk to the step before") {
    const auto r = whole("linear", 50);
    for (Size t = 1; t < 50; ++t) {  // x_t = signal_t x_0 in, signal_{t-1} x_0 out
        CHECK(r.posterior_coefficient_x0.data[t] + r.posterior_coefficient_xt.data[t] * r.sqrt_alphas_cumprod.data[t] ==
              doctest::Approx(r.sqrt_alphas_cumprod.data[t - 1]));
    }
}

TEST_CASE("schedules have their published ends") {
    CHECK(whole("linear", 1000).betas.data[999] == doctest::Approx(0.02));
    CHECK(whole("scaled_linear", 1000).betas.data[0] == doctest::Approx(0.00085));
    CHECK(whole("scaled_linear", 1000).betas.data[999] == doctest::Approx(0.012));
    CHECK(whole("jsd", 10).betas.data[9] == 1);
    CHECK(whole("cosine", 1000).betas.data[999] == doctest::Approx(0.999));
    CHECK(whole("constant", 3).betas.data[1] == 0.02);
    CHECK(whole("sigmoid", 3).betas.data[1] == doctest::Approx(0.01005));
    CHECK(whole("sigmoid", 1000).alphas_cumprod.data[500] == doctest::Approx(0.298887627846759).epsilon(1e-12));  // PyTorch
    for (const std::string& name : kSchedules) CHECK(whole(name, 1).betas.size() == 1);
}

TEST_CASE("schedules and timesteps that do not exist are refused") {
    DiffusionScheduleOptions o;
    o.schedule = "cubic";
    CHECK_THROWS_WITH_AS(
        diffusion_schedule(o),
        "diffusion_schedule: schedule must be one of linear, scaled_linear, sigmoid, constant, jsd, cosine, got "
        "\"cubic\"",
        DomainError);
    o.schedule = "linear";
    for (int steps : {0, -1, 1000001}) {
        o.steps = steps;
        CHECK_THROWS_AS(diffusion_schedule(o), DomainError);
    }
    o.steps = 10;
    for (int t : {-1, 10}) {
        o.timesteps = {t};
        CHECK_THROWS_AS(diffusion_schedule(o), DomainError);
    }
    o.timesteps = {};
    o.beta_start = 1e-30;
    CHECK_THROWS_AS(diffusion_schedule(o), DomainError);
    o.beta_start = 1.5;
    CHECK_THROWS_WITH_AS(diffusion_schedule(o), "diffusion_schedule: beta_start must be above 0 and at most 1, got 1.5",
                         DomainError);
}

TEST_CASE("the data comes back from the noisy data, by noise and by velocity") {
    QSampleOptions o;
    o.x0 = normal({3, 2, 2}, 1);
    o.eps = normal({3, 2, 2}, 2);
    for (int t : {0, 400, 999}) {
        o.t = t;
        const auto r = q_sample(o);
        CHECK(distance(r.x0_from_v.data, o.x0.data) < 1e-12);
        CHECK(distance(r.x0_from_eps.data, o.x0.data) < 1e-11);
        CHECK(r.signal * r.signal + r.noise * r.noise == doctest::Approx(1));
    }
    o.schedule = "jsd";
    CHECK_THROWS_WITH_AS(q_sample(o), "q_sample: nothing of the signal is left at t = 999, so that no data can be recovered",
                         DomainError);
}

TEST_CASE("with the true noise, DDIM without noise goes to any timestep exactly, backwards and forwards") {
    QSampleOptions q;
    q.x0 = normal({5}, 1);
    q.eps = normal({5}, 2);
    q.t = 700;
    const auto at_700 = q_sample(q).x_t;
    DdimStepOptions o;
    o.x_t = at_700;
    o.eps = q.eps;
    o.t = 700;
    for (int t : {-1, 0, 350, 700, 900}) {
        q.t = std::max(t, 0);
        o.t_prev = t;
        CHECK(distance(ddim_step(o).x_prev.data, t == -1 ? q.x0.data : q_sample(q).x_t.data) < 1e-12);
    }
    o.eta = 1;
    CHECK_THROWS_WITH_AS(ddim_step(o), "ddim_step: t_prev must be below t where eta is above 0, got t_prev 900 and t 700",
                         DomainError);
    o.t_prev = 500;
    CHECK_THROWS_WITH_AS(ddim_step(o), "ddim_step: noise must be given for a step with variance", DomainError);
}

TEST_CASE("DDIM with eta 1 from t to t - 1 is DDPM with the posterior's variance") {
    DdpmStepOptions p;
    p.x_t = normal({6}, 1);
    p.eps = normal({6}, 2);
    p.noise = normal({6}, 3);
    DdimStepOptions o;
    o.x_t = p.x_t;
    o.eps = p.eps;
    o.noise = p.noise;
    o.eta = 1;
    for (int t : {1, 500, 999}) {
        p.t = o.t = t;
        o.t_prev = t - 1;
        const auto a = ddpm_step(p);
        const auto b = ddim_step(o);
        CHECK(b.sigma * b.sigma == doctest::Approx(a.variance));
        CHECK(distance(a.x_prev.data, b.x_prev.data) < 1e-9);
    }
}

TEST_CASE("the mean of a DDPM step is the posterior's mean at the predicted data, and the last step adds no noise") {
    DdpmStepOptions o;
    o.x_t = normal({6}, 1);
    o.eps = normal({6}, 2);
    o.noise = normal({6}, 3);
    o.t = 300;
    DiffusionScheduleOptions s;
    s.timesteps = {300};
    const auto constants = diffusion_schedule(s);
    const double signal = constants.sqrt_alphas_cumprod.data[0], noise = constants.sqrt_one_minus_alphas_cumprod.data[0];
    const auto r = ddpm_step(o);
    for (Size i = 0; i < 6; ++i) {
        const double x0 = (o.x_t.data[i] - noise * o.eps.data[i]) / signal;
        CHECK(r.mean.data[i] == doctest::Approx(constants.posterior_coefficient_x0.data[0] * x0 +
                                                constants.posterior_coefficient_xt.data[0] * o.x_t.data[i]));
    }
    o.variance = "fixed_large";
    CHECK(ddpm_step(o).variance == constants.betas.data[0]);
    o.t = 0;
    CHECK(distance(ddpm_step(o).x_prev.data, ddpm_step(o).mean.data) == 0);
    o.variance = "learned";
    CHECK_THROWS_WITH_AS(ddpm_step(o), "ddpm_step: variance must be fixed_small or fixed_large, got \"learned\"",
                         DomainError);
}

TEST_CASE("every number of a step opens") {
    QSampleOptions q;
    q.x0 = normal({2, 3}, 1);
    q.eps = normal({2, 3}, 2);
    q.t = 400;
    q.trace = true;
    const auto noisy = q_sample(q);
    for (const char* name : {"xT", "v", "x0FromV", "x0FromEps"}) check_every_entry(noisy.trace.value(), name);
    DdpmStepOptions o;
    o.x_t = normal({2, 3}, 1);
    o.eps = normal({2, 3}, 2);
    o.noise = normal({2, 3}, 3);
    o.trace = true;
    for (int t : {400, 0}) {
        o.t = t;
        const auto r = ddpm_step(o);
        for (const char* name : {"mean", "xPrev"}) check_every_entry(r.trace.value(), name);
    }
    o.noise.reset();
    check_every_entry(ddpm_step(o).trace.value(), "xPrev");
}

TEST_CASE("schedules and steps conform") {
    for_each_case("vision", "diffusion_schedule", [](const Json& c) {
        DiffusionScheduleOptions o;
        const Json& p = c["params"];
        o.schedule = p["schedule"];
        o.steps = p["T"];
        o.timesteps = p["timesteps"].get<std::vector<int>>();
        if (p.contains("beta_start")) o.beta_start = p["beta_start"].get<double>();
        if (p.contains("beta_end")) o.beta_end = p["beta_end"].get<double>();
        o.s = p.value("s", o.s);
        o.max_beta = p.value("max_beta", o.max_beta);
        const auto r = diffusion_schedule(o);
        check_tensor(r.betas, "betas", c);
        check_tensor(r.alphas_cumprod, "alphas_cumprod", c);
        check_tensor(r.sqrt_alphas_cumprod, "sqrt_ab", c);
        check_tensor(r.sqrt_one_minus_alphas_cumprod, "sqrt_one_minus_ab", c);
        check_tensor(r.snr, "snr", c);
        check_tensor(r.posterior_variance, "posterior_variance", c);
        check_tensor(r.posterior_coefficient_x0, "coef_x0", c);
        check_tensor(r.posterior_coefficient_xt, "coef_xt", c);
    });
    for_each_case("vision", "q_sample", [](const Json& c) {
        auto o = step_of<QSampleOptions>(c);
        o.x0 = tensor_of(c["inputs"]["x0"]);
        o.eps = tensor_of(c["inputs"]["eps"]);
        const auto r = q_sample(o);
        check_tensor(r.x_t, "x_t", c);
        check_tensor(r.v, "v", c);
        check_tensor(r.x0_from_v, "x0_from_v", c);
        check_tensor(r.x0_from_eps, "x0_from_eps", c);
    });
    for_each_case("vision", "ddim_step", [](const Json& c) {
        auto o = step_of<DdimStepOptions>(c);
        o.x_t = tensor_of(c["inputs"]["x_t"]);
        o.eps = tensor_of(c["inputs"]["eps"]);
        o.noise = tensor_of(c["inputs"]["noise"]);
        o.t_prev = c["params"]["t_prev"];
        o.eta = c["params"]["eta"];
        const auto r = ddim_step(o);
        check_tensor(r.pred_x0, "pred_x0", c);
        check_tensor(r.x_prev, "x_prev", c);
        check_numbers({r.sigma}, {c["expected"]["sigma"]}, c);
    });
    for_each_case("vision", "ddpm_step", [](const Json& c) {
        auto o = step_of<DdpmStepOptions>(c);
        o.x_t = tensor_of(c["inputs"]["x_t"]);
        o.eps = tensor_of(c["inputs"]["eps"]);
        o.noise = tensor_of(c["inputs"]["noise"]);
        const auto r = ddpm_step(o);
        check_tensor(r.mean, "mean", c);
        check_tensor(r.x_prev, "x_prev", c);
        check_numbers({r.variance}, {c["expected"]["variance"]}, c);
    });
}
