#include "clearformer/quantization/float_formats.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

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

Rule rounded_to_format_rule(const char* x, const FloatFormat& format, bool saturate) {
    return [=, &format](const Index& at, Pen& pen) {
        const double value = pen.value(x, at), size = std::fabs(value), rounded = round_to(format, value, saturate);
        const bool kept = size == 0 || !std::isfinite(size),
                   beyond = std::isfinite(size) && !(std::fabs(rounded) <= size * 2);
        pen.scalar("x", x, at);
        if (kept || beyond || std::fabs(rounded) == format.largest) {
            pen.rule(kept ? "It is in every format." : "The largest value of the format, or beyond it.", "x");
            pen.constant("r", "what the format has for it", rounded);
            pen.step("y", "as the format has it", "r");
            return;
        }
        const int unit = exponent_of(format, size) - format.mantissa_bits;
        pen.rule("The nearest whole number of units; the unit is the distance of neighbours of the format at this size.",
                 "u \\cdot \\operatorname{round}(x / u)");
        pen.constant("u", "distance of neighbours", std::ldexp(1.0, unit));
        pen.constant("k", "whole number of units", std::ldexp(rounded, -unit));
        pen.step("q", "in units", "x / u");
        pen.step("y", "the nearest", "k * u");
    };
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
    if (!o.trace) return r;
    Trace& trace = r.trace.emplace();
    add_given(trace, {"x", "x", "number", "input", ".."}, o.x);
    const char* const names[] = {"fp32", "fp16", "bf16", "fp8E4m3", "fp8E5m2"};
    for (Size i = 0; i < 5; ++i) {
        add_made(trace, {names[i], names[i], "rounded number", "scores", ".."}, *all[i].second,
                 rounded_to_format_rule("x", find_float_format("float_formats", all[i].first)));
    }
    return r;
}

namespace {

/// x, y, sign, exponent, mantissa, codes; largest, smallestNormal, smallestSubnormal
Trace trace_of(const RoundToFloatOptions& o, const RoundToFloatResult& r, const FloatFormat& f) {
    const auto power = [](int exponent) { return std::ldexp(1.0, exponent); };
    const char* role = "scores";
    Trace trace;
    add_given(trace, {"x", "x", "number", "input", ".."}, o.x);
    add_made(trace, {"y", "y", "rounded number", role, ".."}, r.y, rounded_to_format_rule("x", f, o.overflow == "saturate"));
    const auto add_part = [&](const char* name, const char* symbol, const char* words, const char* formula,
                              const Array<double>& values) {
        const Recipe recipe{words, formula, {{"y", "y"}}, {{"b", "bias of the exponent", static_cast<double>(f.bias)}}, {}};
        add_made(trace, {name, symbol, name, role, ".."}, values, told_rule(recipe, "p", name, values));
    };
    add_part("sign", "s", "1 for a minus, else 0.", "[y < 0]", r.sign);
    add_part("exponent", "e", "Which power of two the number reaches, counted from the least; 0 for subnormal numbers.",
             "\\lfloor \\log_2 |y| \\rfloor + b", r.exponent);
    add_part("mantissa", "m", "How far it is on the way to the next power of two, in steps of the format.",
             "2^M (|y| / 2^{e-b} - 1)", r.mantissa);
    add_made(trace, {"codes", "c", "bits as a whole number", role, ".."}, r.codes,
             recipe_rule({"Sign, exponent and mantissa, one after the other.",
                          "s\\, 2^{E+M} + e\\, 2^M + m",
                          {{"s", "sign"}, {"e", "exponent"}, {"m", "mantissa"}},
                          {{"S", "worth of the sign", power(f.exponent_bits + f.mantissa_bits)},
                           {"M", "worth of the exponent", power(f.mantissa_bits)}},
                          {{"c", "code", "s * S + e * M + m"}}}));
    const auto add_property = [&](const char* name, double value) {
        add_number(trace, {name, name, "number of the format", "input", ""}, value,
                   given_rule("A property of the format: its exponents and its mantissa settle it."));
    };
    add_property("largest", r.largest);
    add_property("smallestNormal", r.smallest_normal);
    add_property("smallestSubnormal", r.smallest_subnormal);
    return trace;
}

}  // namespace

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
    if (o.trace) r.trace = trace_of(o, r, f);
    return r;
}

}  // namespace clearformer
