#pragma once

// How far a quantised tensor lies from what it stands for.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x and y of one shape: the values and what stands for them.
struct QuantizationErrorOptions {
    static constexpr const char* kFunction = "quantization_error";
    Array<double> x, y;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..");
        field.required("y", y, "..");
        field.optional("trace", trace);
    }
};

struct QuantizationErrorResult {
    double mse = 0;  // mean of (x - y)^2
    double mean_absolute_error = 0;
    double max_absolute_error = 0;
    double signal_to_noise = 0;  // in decibels
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("mse", mse);
        field.required("mean_absolute_error", mean_absolute_error);
        field.required("max_absolute_error", max_absolute_error);
        field.required("signal_to_noise", signal_to_noise);
        field.optional("trace", trace);
    }
};

/// The mean squared, mean absolute and largest absolute error, and the signal to quantisation noise ratio
/// 10 log10(sum of x^2 / sum of (x - y)^2) in decibels (Oppenheim and Schafer 2010, section 4.8.3): infinite where y
/// equals x, minus infinity where x is all zeros and y is not.
/// Throws DomainError for shapes that differ, no entries, and values whose squares do not fit a double.
QuantizationErrorResult quantization_error(const QuantizationErrorOptions& options);

/// The same for two lists of one length, at least 1.
QuantizationErrorResult error_between(const char* function, const std::vector<double>& x, const std::vector<double>& y);

/// mse, meanAbsoluteError, maxAbsoluteError and signalToNoise of a trace that has x and error.
void record_errors(Trace& trace, const QuantizationErrorResult& result);

}  // namespace clearformer
