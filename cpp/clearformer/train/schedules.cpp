#include "clearformer/train/schedules.hpp"

#include <cmath>
#include <numbers>

#include "clearformer/ops/finite.hpp"

namespace clearformer {
namespace {

constexpr double kPi = std::numbers::pi;

/// One number for each step.
template <class Function>
Array<double> each_step(const char* function, const ScheduleOptions& o, Function f) {
    require(o.warmup >= 0, function, ": warmup must be at least 0, got ", o.warmup);
    Array<double> values({o.steps.size()});
    for (Size i = 0; i < o.steps.size(); ++i) {
        require(o.steps[i] >= 0, function, ": steps must be at least 0, got ", o.steps[i]);
        values.data[i] = f(static_cast<double>(o.steps[i]));
    }
    check_finite(function, "the result", values);
    return values;
}

/// One number for each step: step / warmup first, then f(steps since the warmup).
template <class Function>
Array<double> after_warmup(const char* function, const ScheduleOptions& o, Function f) {
    const double warmup = o.warmup;
    return each_step(function, o, [&](double step) { return step < warmup ? step / warmup : f(step - warmup); });
}

double length_after_warmup(const char* function, int total, int warmup) {
    require(total > warmup, function, ": total must be above warmup, got total ", total, " and warmup ", warmup);
    return static_cast<double>(total) - warmup;
}

double half_wave(double x) { return (1 + std::cos(kPi * x)) / 2; }

}  // namespace

FactorResult cosine_schedule(const CosineScheduleOptions& o) {
    const double length = length_after_warmup("cosine_schedule", o.total, o.warmup);
    require(o.cycles >= 0, "cosine_schedule: cycles must be at least 0, got ", o.cycles);
    return {after_warmup("cosine_schedule", o,
                         [&](double step) { return std::max(0.0, half_wave(2 * o.cycles * step / length)); })};
}

FactorResult linear_schedule(const LinearScheduleOptions& o) {
    const double length = length_after_warmup("linear_schedule", o.total, o.warmup);
    return {after_warmup("linear_schedule", o, [&](double step) { return std::max(0.0, (length - step) / length); })};
}

FactorResult inverse_sqrt_schedule(const InverseSqrtScheduleOptions& o) {
    const double timescale = o.timescale.value_or(o.warmup > 0 ? o.warmup : 10000);
    require(timescale >= 1, "inverse_sqrt_schedule: timescale must be at least 1, got ", timescale);
    return {
        after_warmup("inverse_sqrt_schedule", o, [&](double step) { return std::sqrt(timescale / (step + timescale)); })};
}

LearningRateResult noam_schedule(const NoamScheduleOptions& o) {
    require(o.d_model >= 1, "noam_schedule: d_model must be at least 1, got ", o.d_model);
    require(o.warmup >= 1, "noam_schedule: warmup must be at least 1, got ", o.warmup);
    const double width = o.d_model, warmup = o.warmup;
    return {each_step("noam_schedule", o, [&](double step) {
        if (step == 0) return 0.0;
        return o.scale / std::sqrt(width) * std::min(1 / std::sqrt(step), step * std::pow(warmup, -1.5));
    })};
}

LearningRateResult cosine_minimum_schedule(const CosineMinimumScheduleOptions& o) {
    const double length = length_after_warmup("cosine_minimum_schedule", o.total, o.warmup), warmup = o.warmup;
    require(o.lowest >= 0 && o.highest >= o.lowest, "cosine_minimum_schedule: 0 <= lowest <= highest must hold, got lowest ",
            o.lowest, " and highest ", o.highest);
    return {each_step("cosine_minimum_schedule", o, [&](double step) {
        if (step < warmup) return o.highest * (step + 1) / (warmup + 1);
        if (step > o.total) return o.lowest;
        return o.lowest + half_wave((step - warmup) / length) * (o.highest - o.lowest);
    })};
}

FactorResult wsd_schedule(const WsdScheduleOptions& o) {
    require(o.stable_until >= o.warmup && o.total > o.stable_until,
            "wsd_schedule: warmup <= stable_until < total must hold, got ", o.warmup, ", ", o.stable_until, " and ",
            o.total);
    require(o.lowest >= 0 && o.lowest <= 1, "wsd_schedule: lowest must be from 0 to 1, got ", o.lowest);
    double (*fall)(double) = nullptr;
    if (o.decay == "linear") fall = [](double x) { return 1 - x; };
    else if (o.decay == "cosine") fall = half_wave;
    else if (o.decay == "sqrt") fall = [](double x) { return 1 - std::sqrt(x); };
    else
        require(o.decay == "exponential", "wsd_schedule: decay must be linear, cosine, sqrt or exponential, got \"", o.decay,
                "\"");
    require(fall || o.lowest > 0, "wsd_schedule: an exponential decay needs a lowest factor above 0, got ", o.lowest);
    const double stable = static_cast<double>(o.stable_until) - o.warmup,
                 length = static_cast<double>(o.total) - o.stable_until;
    return {after_warmup("wsd_schedule", o, [&](double step) {
        const double x = std::min(1.0, std::max(0.0, (step - stable) / length));
        return fall ? o.lowest + (1 - o.lowest) * fall(x) : std::pow(o.lowest, x);
    })};
}

}  // namespace clearformer
