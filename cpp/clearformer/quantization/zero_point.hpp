#pragma once

// Affine quantisation: the codes 0 .. 2^bits - 1 laid over the range of the values, with a code for zero.

#include <optional>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C]. `range`: `min/max including 0` or `min/max`. `is_signed` moves the codes to
/// -2^(bits - 1) .. 2^(bits - 1) - 1.
struct QuantizeZeroPointOptions {
    static constexpr const char* kFunction = "quantize_zero_point";
    Array<double> x;
    int bits = 8;
    std::string granularity = "tensor";
    int group = 32;
    std::string range = "min/max including 0";
    std::string rounding = "half_to_even";
    bool is_signed = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("bits", bits);
        field.optional("granularity", granularity);
        field.optional("group", group);
        field.optional("range", range);
        field.optional("rounding", rounding);
        field.optional("is_signed", is_signed);
        field.optional("trace", trace);
    }
};

struct QuantizeZeroPointResult {
    Array<double> scale;       // [], [..], [C] or [.., groups]
    Array<double> zero_point;  // as scale, whole numbers
    Array<double> q;           // [.. C] whole numbers
    Array<double> dequant;     // [.. C]
    double mse = 0;
    double max_absolute_error = 0;
    double signal_to_noise = 0;  // in decibels
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("scale", scale, "..");
        field.required("zero_point", zero_point, "..");
        field.required("q", q, "..");
        field.required("dequant", dequant, "..");
        field.required("mse", mse);
        field.required("max_absolute_error", max_absolute_error);
        field.required("signal_to_noise", signal_to_noise);
        field.optional("trace", trace);
    }
};

/// With the range [low, high] of the entries that share a scale and the codes qmin .. qmax: s = (high - low) / (qmax -
/// qmin), z = qmin - round(low / s), q = round(x / s) + z clipped to the codes, dequant = (q - z) s (Jacob et al. 2018,
/// equation 1; the rounding as PyTorch's affine quantisers round).
/// `min/max including 0` widens the range to 0, so that z is a code and 0 comes back exactly; with `min/max`, z may lie
/// outside the codes. Where high = low, all x come back exactly with `min/max` (s = |x|, or 0 with code 0); otherwise
/// that happens for zeros alone.
/// Throws DomainError for bits outside 1 .. 16, a group below 1, unknown names, a tensor without entries, values whose
/// squares do not fit a double, and ranges so far from 0 that z would not be exact (beyond 2^52).
QuantizeZeroPointResult quantize_zero_point(const QuantizeZeroPointOptions& options);

}  // namespace clearformer
