#include "clearformer/train/schedules.hpp"

#include <cmath>
#include <functional>
#include <numbers>

#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/traces.hpp"

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

/// After the warmup: the rule of one step's number. `t` is there already, as an operand.
using Write = std::function<void(double step, Pen& pen)>;

/// steps, and `name` with the numbers of the schedule; the warmup's rule is t / W unless `after` writes it too.
template <class Result>
Result recorded(const ScheduleOptions& o, const char* name, Array<double> values, bool warms_up, const Write& after) {
    Result r{std::move(values)};
    if (!o.trace) return r;
    Array<double> steps({o.steps.size()});
    std::copy(o.steps.begin(), o.steps.end(), steps.data.begin());
    Trace& trace = r.trace.emplace();
    add_given(trace, {"steps", "t", "step", "input", "N"}, steps);
    const double warmup = o.warmup;
    const Rule rule = [=](const Index& at, Pen& pen) {
        const double step = pen.value("steps", at);
        pen.scalar("t", "steps", at);
        pen.constant("W", "steps of the warmup", warmup);
        if (!warms_up || step >= warmup) return after(step, pen);
        pen.rule("In the warmup it rises by the same amount with every step.", "t / W");
        pen.step("y", "share of the warmup", "t / W");
    };
    Array<double>* result = nullptr;
    if constexpr (std::is_same_v<Result, FactorResult>) result = &r.factor;
    else result = &r.learning_rate;
    add_made(trace, {name, "η", "learning rate", "scores", "N"}, *result, rule);
    return r;
}

double half_wave(double x) { return (1 + std::cos(kPi * x)) / 2; }

}  // namespace

FactorResult cosine_schedule(const CosineScheduleOptions& o) {
    const double length = length_after_warmup("cosine_schedule", o.total, o.warmup), cycles = o.cycles;
    require(o.cycles >= 0, "cosine_schedule: cycles must be at least 0, got ", o.cycles);
    Array<double> factor = after_warmup("cosine_schedule", o,
                                        [&](double step) { return std::max(0.0, half_wave(2 * cycles * step / length)); });
    return recorded<FactorResult>(o, "factor", std::move(factor), true, [=](double, Pen& pen) {
        pen.rule("A cosine wave, from its crest at the end of the warmup.",
                 "\\tfrac12 (1 + \\cos(2\\pi c \\tfrac{t - W}{L}))");
        pen.constant("L", "steps after the warmup", length);
        pen.constant("c", "cycles", cycles);
        pen.step("p", "progress", "(t - W) / L");
        pen.step("y", "half wave", "(1 + cos(2 * 3.141592653589793 * c * p)) / 2");
    });
}

FactorResult linear_schedule(const LinearScheduleOptions& o) {
    const double length = length_after_warmup("linear_schedule", o.total, o.warmup), total = o.total;
    Array<double> factor =
        after_warmup("linear_schedule", o, [&](double step) { return std::max(0.0, (length - step) / length); });
    return recorded<FactorResult>(o, "factor", std::move(factor), true, [=](double step, Pen& pen) {
        pen.rule("The share of the steps after the warmup that is still to come.", "\\max(0, \\tfrac{N - t}{L})");
        pen.constant("N", "total", total);
        pen.constant("L", "steps after the warmup", length);
        pen.step("y", "share", step < total ? "(N - t) / L" : "0");
    });
}

FactorResult inverse_sqrt_schedule(const InverseSqrtScheduleOptions& o) {
    const double timescale = o.timescale.value_or(o.warmup > 0 ? o.warmup : 10000);
    require(timescale >= 1, "inverse_sqrt_schedule: timescale must be at least 1, got ", timescale);
    Array<double> factor =
        after_warmup("inverse_sqrt_schedule", o, [&](double step) { return std::sqrt(timescale / (step + timescale)); });
    return recorded<FactorResult>(o, "factor", std::move(factor), true, [=](double, Pen& pen) {
        pen.rule("It falls with the square root of the steps.", "\\sqrt{\\tfrac{s}{t - W + s}}");
        pen.constant("s", "timescale", timescale);
        pen.step("y", "root", "sqrt(s / (t - W + s))");
    });
}

LearningRateResult noam_schedule(const NoamScheduleOptions& o) {
    require(o.d_model >= 1, "noam_schedule: d_model must be at least 1, got ", o.d_model);
    require(o.warmup >= 1, "noam_schedule: warmup must be at least 1, got ", o.warmup);
    const double width = o.d_model, warmup = o.warmup, scale = o.scale;
    Array<double> rate = each_step("noam_schedule", o, [&](double step) {
        if (step == 0) return 0.0;
        return scale / std::sqrt(width) * std::min(1 / std::sqrt(step), step * std::pow(warmup, -1.5));
    });
    return recorded<LearningRateResult>(o, "learningRate", std::move(rate), false, [=](double step, Pen& pen) {
        pen.rule("It rises evenly through the warmup, then falls with the square root of the steps.",
                 "k\\, d^{-1/2} \\min(t^{-1/2}, t\\,W^{-3/2})");
        pen.constant("d", "model width", width);
        pen.constant("k", "scale", scale);
        pen.step("y", "learning rate", step <= warmup ? "k / sqrt(d) * t / (W * sqrt(W))" : "k / sqrt(d) / sqrt(t)");
    });
}

LearningRateResult cosine_minimum_schedule(const CosineMinimumScheduleOptions& o) {
    const double length = length_after_warmup("cosine_minimum_schedule", o.total, o.warmup), warmup = o.warmup;
    require(o.lowest >= 0 && o.highest >= o.lowest, "cosine_minimum_schedule: 0 <= lowest <= highest must hold, got lowest ",
            o.lowest, " and highest ", o.highest);
    const double total = o.total, highest = o.highest, lowest = o.lowest;
    Array<double> rate = each_step("cosine_minimum_schedule", o, [&](double step) {
        if (step < warmup) return highest * (step + 1) / (warmup + 1);
        if (step > total) return lowest;
        return lowest + half_wave((step - warmup) / length) * (highest - lowest);
    });
    return recorded<LearningRateResult>(o, "learningRate", std::move(rate), false, [=](double step, Pen& pen) {
        const bool rises = step<warmup, is_over = step> total;
        pen.rule(rises     ? "In the warmup it rises by the same amount with every step."
                 : is_over ? "After the last step it stays at its lowest."
                           : "Half a cosine wave from the highest to the lowest.",
                 rises     ? "h\\, \\tfrac{t + 1}{W + 1}"
                 : is_over ? "l"
                           : "l + \\tfrac12 (1 + \\cos(\\pi \\tfrac{t - W}{L})) (h - l)");
        pen.constant("h", "highest", highest);
        pen.constant("l", "lowest", lowest);
        pen.constant("L", "steps after the warmup", length);
        pen.step("y", "learning rate",
                 rises     ? "h * (t + 1) / (W + 1)"
                 : is_over ? "l"
                           : "l + (1 + cos(3.141592653589793 * (t - W) / L)) / 2 * (h - l)");
    });
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
    Array<double> factor = after_warmup("wsd_schedule", o, [&](double step) {
        const double x = std::min(1.0, std::max(0.0, (step - stable) / length));
        return fall ? o.lowest + (1 - o.lowest) * fall(x) : std::pow(o.lowest, x);
    });
    const double stable_until = o.stable_until, total = o.total, lowest = o.lowest;
    const std::string decay = o.decay;
    return recorded<FactorResult>(o, "factor", std::move(factor), true, [=](double step, Pen& pen) {
        const bool is_stable = step <= stable_until, is_over = step >= total;
        pen.constant("l", "lowest", lowest);
        if (is_stable || is_over) {
            pen.rule(is_stable ? "Between warmup and decay it stays." : "After the last step it stays at its lowest.",
                     is_stable ? "1" : "l");
            pen.step("y", "unchanged", is_stable ? "1" : "l");
            return;
        }
        pen.rule(sentence("It falls, in the form called ", decay, "."), decay == "exponential" ? "l^x" : "l + (1 - l) f(x)");
        pen.constant("s", "where the decay begins", stable_until);
        pen.constant("L", "steps of the decay", length);
        pen.step("x", "progress", "(t - s) / L");
        pen.step("y", "factor",
                 decay == "linear"   ? "l + (1 - l) * (1 - x)"
                 : decay == "cosine" ? "l + (1 - l) * (1 + cos(3.141592653589793 * x)) / 2"
                 : decay == "sqrt"   ? "l + (1 - l) * (1 - sqrt(x))"
                                     : "exp(x * log(l))");
    });
}

}  // namespace clearformer
