#include "clearformer/quantization/absmax.hpp"

#include <cmath>

#include "clearformer/quantization/errors.hpp"
#include "clearformer/quantization/granularity.hpp"
#include "clearformer/quantization/rules.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = QuantizeAbsmaxOptions::kFunction;

double code_range(int bits) {
    require(bits >= 2 && bits <= 16, kName, ": bits must lie in 2 .. 16, got ", bits);
    return std::ldexp(1.0, bits - 1);
}

Trace trace_of(const QuantizeAbsmaxOptions& o, const QuantizeAbsmaxResult& r, const Array<double>& largest, double qmax,
               const Granularity& shared) {
    Trace trace;
    Array<double> error = o.x;
    for (Size i = 0; i < error.size(); ++i) error.data[i] -= r.dequant.data[i];
    add_input(trace, {"x", "x", "value", "input", ".. C"}, o.x, "A value to quantise, as given.");
    add_node(trace, {"absmax", "|x|max", "largest magnitude", "scores", ".."}, largest, largest_magnitude_rule("x", shared));
    add_node(trace, {"scale", "s", "scale", "scores", ".."}, r.scale,
             quotient_rule("absmax", qmax, "code of the largest magnitude"));
    add_node(trace, {"q", "q", "code", "weights", ".. C"}, r.q, code_rule("x", "scale", nullptr, "q", shared));
    add_node(trace, {"dequant", "x'", "value from its code", "residual", ".. C"}, r.dequant,
             dequantised_rule("q", "scale", nullptr, shared));
    add_node(trace, {"error", "e", "error", "scores", ".. C"}, error, difference_rule("x", "dequant"));
    return trace;
}

}  // namespace

QuantizeAbsmaxResult quantize_absmax(const QuantizeAbsmaxOptions& o) {
    check_shapes(o);
    const double range = code_range(o.bits), qmax = o.qmax ? *o.qmax : range - 1;
    require(qmax >= 1 && qmax <= range, kName, ": qmax must lie in 1 .. ", range, " for ", o.bits, " bits, got ", qmax);
    const Granularity shared(kName, o.granularity, o.group, o.x.shape);
    const Rounding round = find_rounding(kName, o.rounding);
    // 1. The largest magnitude among the entries of each scale becomes the code qmax.
    Array<double> largest(shared.shape());
    for (Size i = 0; i < o.x.size(); ++i) {
        double& most = largest.data[shared.of(i)];
        most = std::max(most, std::fabs(o.x.data[i]));
    }
    QuantizeAbsmaxResult r;
    r.scale = largest;
    for (double& scale : r.scale.data) scale /= qmax;
    // 2. Every entry in units of its scale, rounded; and back.
    r.q = r.dequant = o.x;
    for (Size i = 0; i < o.x.size(); ++i) {
        const double scale = r.scale.data[shared.of(i)];
        const double code = scale == 0 ? 0 : std::clamp(round(o.x.data[i] / scale), -range, range - 1);
        r.q.data[i] = code + 0.0;  // no minus zero
        r.dequant.data[i] = r.q.data[i] * scale;
    }
    const auto error = error_between(kName, o.x.data, r.dequant.data);
    r.mse = error.mse;
    r.max_absolute_error = error.max_absolute_error;
    r.signal_to_noise = error.signal_to_noise;
    if (o.trace) {
        r.trace = trace_of(o, r, largest, qmax, shared);
        record_errors(*r.trace, error);
    }
    return r;
}

}  // namespace clearformer
