#pragma once

// Symmetric quantisation: whole numbers around zero, one scale for each tensor, row, column or group.

#include <optional>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C]. `qmax` is the code of the largest magnitude, 2^(bits - 1) - 1 unless given. `group` counts for granularity
/// group alone.
struct QuantizeAbsmaxOptions {
    static constexpr const char* kFunction = "quantize_absmax";
    Array<double> x;
    int bits = 8;
    std::optional<int> qmax;
    std::string granularity = "tensor";
    int group = 32;
    std::string rounding = "half_to_even";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("bits", bits);
        field.optional("qmax", qmax);
        field.optional("granularity", granularity);
        field.optional("group", group);
        field.optional("rounding", rounding);
        field.optional("trace", trace);
    }
};

struct QuantizeAbsmaxResult {
    Array<double> scale;    // [], [..], [C] or [.., groups]
    Array<double> q;        // [.. C] whole numbers
    Array<double> dequant;  // [.. C]
    double mse = 0;
    double max_absolute_error = 0;
    double signal_to_noise = 0;  // in decibels
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("scale", scale, "..");
        field.required("q", q, "..");
        field.required("dequant", dequant, "..");
        field.required("mse", mse);
        field.required("max_absolute_error", max_absolute_error);
        field.required("signal_to_noise", signal_to_noise);
        field.optional("trace", trace);
    }
};

/// s = max |x| / qmax over the entries that share a scale, q = round(x / s) clipped to [-2^(bits - 1), 2^(bits - 1) - 1],
/// and dequant = q s (Dettmers et al. 2022, LLM.int8(), section 2.1). Entries that are all 0 have scale 0 and code 0.
/// Throws DomainError for bits outside 2 .. 16, qmax outside 1 .. 2^(bits - 1), a group below 1, unknown names, a tensor
/// without entries, and values whose squares do not fit a double.
QuantizeAbsmaxResult quantize_absmax(const QuantizeAbsmaxOptions& options);

}  // namespace clearformer
