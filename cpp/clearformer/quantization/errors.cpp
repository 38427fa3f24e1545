#include "clearformer/quantization/errors.hpp"

#include <cmath>

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

QuantizationErrorResult quantization_error(const QuantizationErrorOptions& o) {
    check_shapes(o);
    require(o.x.shape == o.y.shape, "quantization_error: x and y must have one shape, got ", o.x.shape, " and ", o.y.shape);
    require(!o.x.empty(), "quantization_error: x must have at least one entry, got shape ", o.x.shape);
    return error_between("quantization_error", o.x.data, o.y.data);
}

}  // namespace clearformer
