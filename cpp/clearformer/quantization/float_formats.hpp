#pragma once

// Numbers in fewer bits: a sign, an exponent and a mantissa. Everything is rounded once, straight from double precision,
// to the nearest value of the format, halves to the even mantissa; small magnitudes become subnormal and then 0.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// A binary floating-point format. Its largest exponent field holds infinities and NaN (IEEE 754), numbers and one NaN
/// (OFP8 E4M3), or numbers alone (the formats of fewer than 8 bits).
struct FloatFormat {
    const char* name;
    int exponent_bits, mantissa_bits, bias;
    double largest;
    bool has_infinity, has_nan;

    int bits() const { return 1 + exponent_bits + mantissa_bits; }
};

/// fp32, tf32, fp16, bf16, fp8_e4m3, fp8_e5m2, fp6_e3m2, fp6_e2m3, fp4_e2m1. Throws DomainError for another name.
const FloatFormat& find_float_format(const char* function, const std::string& name);

/// The nearest value of the format, halves to even. Beyond the largest: the largest with `saturate`, else infinity, or
/// NaN where the format has no infinity, or the largest where it has neither.
double round_to(const FloatFormat& format, double x, bool saturate = false);

/// The bits of a value of the format, as a whole number.
std::uint32_t bits_of(const FloatFormat& format, double value);

/// x of any shape; infinities allowed.
struct FloatFormatsOptions {
    static constexpr const char* kFunction = "float_formats";
    Array<double> x;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..", kAnyNumber);
        field.optional("trace", trace);
    }
};

struct FloatFormatsResult {
    Array<double> fp32, fp16, bf16, fp8_e4m3, fp8_e5m2;  // each as x
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("fp32", fp32, "..");
        field.required("fp16", fp16, "..");
        field.required("bf16", bf16, "..");
        field.required("fp8_e4m3", fp8_e4m3, "..");
        field.required("fp8_e5m2", fp8_e5m2, "..");
        field.optional("trace", trace);
    }
};

/// Every x in five formats. Values that are too large become infinite, in E4M3 NaN, which has no infinity.
FloatFormatsResult float_formats(const FloatFormatsOptions& options);

/// x of any shape; infinities allowed. `overflow`: `infinity` or `saturate`.
struct RoundToFloatOptions {
    static constexpr const char* kFunction = "round_to_float";
    Array<double> x;
    std::string format = "fp16";
    std::string overflow = "infinity";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..", kAnyNumber);
        field.required("format", format);
        field.optional("overflow", overflow);
        field.optional("trace", trace);
    }
};

struct RoundToFloatResult {
    Array<double> y;                         // as x
    Array<double> codes;                     // as x: the bits as one whole number
    Array<double> sign, exponent, mantissa;  // as x: the three fields of the bits, whole numbers
    int exponent_bits = 0, mantissa_bits = 0, bias = 0;
    double largest = 0;             // the largest finite value
    double smallest_normal = 0;     // 2^(1 - bias)
    double smallest_subnormal = 0;  // 2^(1 - bias - mantissa bits)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("codes", codes, "..");
        field.required("sign", sign, "..");
        field.required("exponent", exponent, "..");
        field.required("mantissa", mantissa, "..");
        field.required("exponent_bits", exponent_bits);
        field.required("mantissa_bits", mantissa_bits);
        field.required("bias", bias);
        field.required("largest", largest);
        field.required("smallest_normal", smallest_normal);
        field.required("smallest_subnormal", smallest_subnormal);
        field.optional("trace", trace);
    }
};

/// Rounds to one format and shows the bits: y = (-1)^sign 2^(exponent - bias) (1 + mantissa / 2^M), or with exponent 0
/// (-1)^sign 2^(1 - bias) mantissa / 2^M (IEEE 754-2019, section 3.4; the 8-bit formats: Micikevicius et al. 2022, table
/// 1; those of 6 and 4 bits: OCP Microscaling Formats 1.0, 2023).
/// With `infinity`, values beyond the largest become infinite; NaN in fp8_e4m3; the largest in the formats of 6 and 4
/// bits, which have neither. With `saturate` they become the largest, infinities too. Throws DomainError for unknown
/// names.
RoundToFloatResult round_to_float(const RoundToFloatOptions& options);

/// The tensor x [..] of a trace, rounded to a format.
Rule rounded_to_format_rule(const char* x, const FloatFormat& format, bool saturate = false);

}  // namespace clearformer
