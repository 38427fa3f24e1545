#include "clearformer/quantization/errors.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {

QuantizationErrorResult error_between(const char* function, const std::vector<double>& x, const std::vector<double>& y) {
    QuantizationErrorResult r;
    double signal = 0, noise = 0;
    for (Size i = 0; i < x.size(); ++i) {
        const double error = std::fabs(x[i] - y[i]);
        signal += x[i] * x[i];
        noise += error * error;
        r.mean_absolute_error += error;
        r.max_absolute_error = std::max(r.max_absolute_error, error);
    }
    require(std::isfinite(signal) && std::isfinite(noise), function, ": the values are too large, their squares sum to ",
            std::isfinite(signal) ? noise : signal);
    const auto count = static_cast<double>(x.size());
    r.mse = noise / count;
    r.mean_absolute_error /= count;
    // The logarithms apart, since the quotient may overflow.
    r.signal_to_noise = noise == 0 ? kInfinity : signal == 0 ? -kInfinity : 10 * (std::log10(signal) - std::log10(noise));
    return r;
}

void record_errors(Trace& trace, const QuantizationErrorResult& r) {
    const auto over_all = [&](const char* words, const char* formula, const char* expression) {
        return recipe_rule({words,
                            formula,
                            {{"e", "error", "*"}},
                            {{"N", "how many", static_cast<double>(entries(trace.node("error").shape))}},
                            {{"y", "of all", expression}}});
    };
    add_number(trace, {"mse", "MSE", "mean squared error", "scores", ""}, r.mse,
               over_all("The mean of the squared errors.", "\\tfrac{1}{N} \\sum e^2", "sum(e * e) / N"));
    add_number(trace, {"meanAbsoluteError", "MAE", "mean absolute error", "scores", ""}, r.mean_absolute_error,
               over_all("The mean of the errors.", "\\tfrac{1}{N} \\sum |e|", "sum(abs(e)) / N"));
    add_number(trace, {"maxAbsoluteError", "max e", "largest error", "scores", ""}, r.max_absolute_error,
               over_all("The largest error.", "\\max |e|", "max(abs(e))"));
    const bool same = r.max_absolute_error == 0;
    add_number(
        trace, {"signalToNoise", "SNR", "signal to noise, decibels", "scores", ""}, r.signal_to_noise,
        recipe_rule({same ? "There is no error at all." : "The squares of the values over those of the errors, in decibels.",
                     "10 \\log_{10} \\frac{\\sum x^2}{\\sum e^2}",
                     {{"x", "x", "*"}, {"e", "error", "*"}},
                     {},
                     {{"s", "signal", "sum(x * x)"},
                      {"n", "noise", "sum(e * e)"},
                      {"y", "decibels", same ? "-log(n)" : "10 * (log(s) - log(n)) / log(10)"}}}));
}

QuantizationErrorResult quantization_error(const QuantizationErrorOptions& o) {
    check_shapes(o);
    require(o.x.shape == o.y.shape, "quantization_error: x and y must have one shape, got ", o.x.shape, " and ", o.y.shape);
    require(!o.x.empty(), "quantization_error: x must have at least one entry, got shape ", o.x.shape);
    QuantizationErrorResult r = error_between("quantization_error", o.x.data, o.y.data);
    if (!o.trace) return r;
    Trace& trace = r.trace.emplace();
    add_given(trace, {"x", "x", "value", "input", ".."}, o.x);
    add_given(trace, {"y", "y", "what stands for it", "input", ".."}, o.y);
    trace.derive({"error", "e", "error", "scores", ".."}, o.x.shape,
                 recipe_rule({"How far apart the two are.",
                              "|x - y|",
                              {{"x", "x"}, {"y", "y"}},
                              {},
                              {{"d", "difference", "x - y"}, {"e", "size", "abs(d)"}}}));
    record_errors(trace, r);
    return r;
}

}  // namespace clearformer
