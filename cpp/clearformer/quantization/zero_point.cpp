#include "clearformer/quantization/zero_point.hpp"

#include <cmath>

#include "clearformer/quantization/errors.hpp"
#include "clearformer/quantization/granularity.hpp"
#include "clearformer/quantization/rules.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = QuantizeZeroPointOptions::kFunction;

bool includes_zero(const std::string& range) {
    require(range == "min/max including 0" || range == "min/max", kName,
            ": range must be min/max including 0 or min/max, got ", range);
    return range != "min/max";
}

/// What one code step is worth. Halves first, since high - low may overflow.
double step_of(double low, double high, double steps) { return high == low ? std::fabs(high) : high / steps - low / steps; }

Trace trace_of(const QuantizeZeroPointOptions& o, const QuantizeZeroPointResult& r, const Array<double>& low,
               const Array<double>& high, double qmin, double steps, const Granularity& shared) {
    Trace trace;
    const bool with_zero = includes_zero(o.range);
    Array<double> error = o.x;
    for (Size i = 0; i < error.size(); ++i) error.data[i] -= r.dequant.data[i];
    add_input(trace, {"x", "x", "value", "input", ".. C"}, o.x, "A value to quantise, as given.");
    add_node(trace, {"low", "l", "lower end of the range", "scores", ".."}, low, least_rule("x", shared, with_zero));
    add_node(trace, {"high", "h", "upper end of the range", "scores", ".."}, high, largest_rule("x", shared, with_zero));
    add_node(trace, {"scale", "s", "scale", "scores", ".."}, r.scale, step_rule("low", "high", steps));
    add_node(trace, {"zeroPoint", "z", "code of 0", "scores", ".."}, r.zero_point,
             zero_point_rule("low", "scale", "zeroPoint", qmin));
    add_node(trace, {"q", "q", "code", "weights", ".. C"}, r.q, code_rule("x", "scale", "zeroPoint", "q", shared));
    add_node(trace, {"dequant", "x'", "value from its code", "residual", ".. C"}, r.dequant,
             dequantised_rule("q", "scale", "zeroPoint", shared));
    add_node(trace, {"error", "e", "error", "scores", ".. C"}, error, difference_rule("x", "dequant"));
    return trace;
}

}  // namespace

QuantizeZeroPointResult quantize_zero_point(const QuantizeZeroPointOptions& o) {
    check_shapes(o);
    require(o.bits >= 1 && o.bits <= 16, kName, ": bits must lie in 1 .. 16, got ", o.bits);
    const double steps = std::ldexp(1.0, o.bits) - 1, qmin = o.is_signed ? -std::ldexp(1.0, o.bits - 1) : 0.0;
    const bool with_zero = includes_zero(o.range);
    const Granularity shared(kName, o.granularity, o.group, o.x.shape);
    const Rounding round = find_rounding(kName, o.rounding);
    // 1. The range of the entries of each scale.
    Array<double> low(shared.shape(), with_zero ? 0 : kInfinity), high(shared.shape(), with_zero ? 0 : -kInfinity);
    for (Size i = 0; i < o.x.size(); ++i) {
        const Size unit = shared.of(i);
        low.data[unit] = std::min(low.data[unit], o.x.data[i]);
        high.data[unit] = std::max(high.data[unit], o.x.data[i]);
    }
    // 2. The scale, and the code of 0.
    QuantizeZeroPointResult r;
    r.scale = low;
    r.zero_point = Array<double>(shared.shape(), qmin);
    for (Size unit = 0; unit < low.size(); ++unit) {
        const double scale = step_of(low.data[unit], high.data[unit], steps);
        r.scale.data[unit] = scale;
        if (scale == 0) continue;
        const double distance = round(low.data[unit] / scale);
        require(std::fabs(distance) <= 4503599627370496.0, kName,
                ": the range must not lie further from 0 than 2^52 of its steps, got ", low.data[unit], " to ",
                high.data[unit]);
        r.zero_point.data[unit] = qmin - distance;
    }
    // 3. The codes, and back.
    r.q = r.dequant = o.x;
    for (Size i = 0; i < o.x.size(); ++i) {
        const double scale = r.scale.data[shared.of(i)], zero = r.zero_point.data[shared.of(i)];
        const double code = scale == 0 ? zero : round(o.x.data[i] / scale) + zero;
        r.q.data[i] = std::clamp(code, qmin, qmin + steps);
        r.dequant.data[i] = (r.q.data[i] - zero) * scale;
    }
    const auto error = error_between(kName, o.x.data, r.dequant.data);
    r.mse = error.mse;
    r.max_absolute_error = error.max_absolute_error;
    r.signal_to_noise = error.signal_to_noise;
    if (o.trace) {
        r.trace = trace_of(o, r, low, high, qmin, steps, shared);
        record_errors(*r.trace, error);
    }
    return r;
}

}  // namespace clearformer
