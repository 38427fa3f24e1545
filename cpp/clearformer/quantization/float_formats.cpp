#include "clearformer/quantization/float_formats.hpp"

#include <cmath>

namespace clearformer {
namespace {

//                                  name        E  M   bias largest                 inf    nan
constexpr FloatFormat kFormats[] = {{"fp32", 8, 23, 127, 3.4028234663852886e38, true, true},
                                    {"tf32", 8, 10, 127, 3.4011621342146535e38, true, true},
                                    {"fp16", 5, 10, 15, 65504, true, true},
                                    {"bf16", 8, 7, 127, 3.3895313892515355e38, true, true},
                                    {"fp8_e4m3", 4, 3, 7, 448, false, true},
                                    {"fp8_e5m2", 5, 2, 15, 57344, true, true},
                                    {"fp6_e3m2", 3, 2, 3, 28, false, false},
                                    {"fp6_e2m3", 2, 3, 1, 7.5, false, false},
                                    {"fp4_e2m1", 2, 1, 1, 6, false, false}};

/// The exponent of the binade that x > 0 lies in, or of the subnormals.
int exponent_of(const FloatFormat& f, double x) {
    int exponent;
    std::frexp(x, &exponent);  // x = m 2^exponent with 1/2 <= m < 1
    return std::max(exponent - 1, 1 - f.bias);
}

}  // namespace

const FloatFormat& find_float_format(const char* function, const std::string& name) {
    std::string names;
    for (const FloatFormat& format : kFormats) {
        if (name == format.name) return format;
        names += names.empty() ? format.name : std::string(", ") + format.name;
    }
    fail({function, ": format must be one of ", names, ", got ", name});
}

double round_to(const FloatFormat& f, double x, bool saturate) {
    const double size = std::fabs(x);
    if (size == 0) return x;
    double rounded = size;
    if (std::isfinite(size)) {
        const int unit = exponent_of(f, size) - f.mantissa_bits;  // neighbours lie 2^unit apart
        rounded = std::ldexp(std::nearbyint(std::ldexp(size, -unit)), unit);
    }
    if (rounded > f.largest) rounded = saturate || !f.has_nan ? f.largest : f.has_infinity ? kInfinity : kNaN;
    return std::copysign(rounded, x);
}

std::uint32_t bits_of(const FloatFormat& f, double value) {
    const std::uint32_t sign = std::signbit(value) ? 1u << (f.bits() - 1) : 0u;
    const std::uint32_t ones = (1u << (f.exponent_bits + f.mantissa_bits)) - 1;
    if (std::isnan(value)) return ones;
    const double size = std::fabs(value);
    if (!std::isfinite(size)) return sign | (ones >> f.mantissa_bits << f.mantissa_bits);
    if (size == 0) return sign;
    const int exponent = exponent_of(f, size);
    // With the leading 1 of a normal number the exponent field comes out one too small, without it right: add the two.
    const auto mantissa = static_cast<std::uint32_t>(std::ldexp(size, f.mantissa_bits - exponent));
    return sign | ((static_cast<std::uint32_t>(exponent + f.bias - 1) << f.mantissa_bits) + mantissa);
}

FloatFormatsResult float_formats(const FloatFormatsOptions& o) {
    FloatFormatsResult r;
    const std::pair<const char*, Array<double>*> all[] = {
        {"fp32", &r.fp32}, {"fp16", &r.fp16}, {"bf16", &r.bf16}, {"fp8_e4m3", &r.fp8_e4m3}, {"fp8_e5m2", &r.fp8_e5m2}};
    for (const auto& [name, y] : all) {
        const FloatFormat& format = find_float_format("float_formats", name);
        *y = o.x;
        for (double& value : y->data) value = round_to(format, value);
    }
    return r;
}

RoundToFloatResult round_to_float(const RoundToFloatOptions& o) {
    const FloatFormat& f = find_float_format("round_to_float", o.format);
    require(o.overflow == "infinity" || o.overflow == "saturate",
            "round_to_float: overflow must be infinity or saturate, got ", o.overflow);
    RoundToFloatResult r;
    r.y = r.codes = r.sign = r.exponent = r.mantissa = o.x;
    for (Size i = 0; i < o.x.size(); ++i) {
        r.y.data[i] = round_to(f, o.x.data[i], o.overflow == "saturate");
        const std::uint32_t bits = bits_of(f, r.y.data[i]);
        r.codes.data[i] = bits;
        r.sign.data[i] = bits >> (f.bits() - 1);
        r.exponent.data[i] = bits >> f.mantissa_bits & ((1u << f.exponent_bits) - 1);
        r.mantissa.data[i] = bits & ((1u << f.mantissa_bits) - 1);
    }
    r.exponent_bits = f.exponent_bits;
    r.mantissa_bits = f.mantissa_bits;
    r.bias = f.bias;
    r.largest = f.largest;
    r.smallest_normal = std::ldexp(1.0, 1 - f.bias);
    r.smallest_subnormal = std::ldexp(1.0, 1 - f.bias - f.mantissa_bits);
    return r;
}

}  // namespace clearformer
