#pragma once

// The block formats of ggml (llama.cpp): 32 neighbours share one half-precision scale.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C], `block` dividing C. `format`: `q4_0` (4 bits) or `q8_0` (8 bits).
struct QuantizeGgmlOptions {
    static constexpr const char* kFunction = "quantize_ggml";
    Array<double> x;
    std::string format = "q4_0";
    int block = 32;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("format", format);
        field.optional("block", block);
        field.optional("trace", trace);
    }
};

struct QuantizeGgmlResult {
    Array<double> d;        // [.. blocks] the scales as stored: half precision
    Array<double> q;        // [.. C] 0 .. 15 for q4_0, -127 .. 127 for q8_0
    Array<double> dequant;  // [.. C]
    Array<double> bytes;    // [.. blocks bytes] each block as stored: the scale's two bytes, low byte first, then the codes
    double bits_per_value = 0;  // of the storage
    double mse = 0;
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("d", d, "..");
        field.required("q", q, "..");
        field.required("dequant", dequant, "..");
        field.required("bytes", bytes, "..");
        field.required("bits_per_value", bits_per_value);
        field.required("mse", mse);
        field.optional("trace", trace);
    }
};

/// q4_0: d = m / -8 with m the block's signed value of largest magnitude, q = min(15, trunc(x / d + 8.5)), dequant = (q -
/// 8) d; the byte i holds code i low and code i + block / 2 high. q8_0: d = max |x| / 127, q = x / d rounded half away
/// from zero, dequant = q d. Codes are found in single precision with the unrounded d, values come back with d in half
/// precision, as ggml does it (ggml-quants.c, quantize_row_q4_0_ref and quantize_row_q8_0_ref). A block of zeros has d =
/// 0, as has one so small that 1 / d overflows single precision.
/// Throws DomainError for an unknown format, a block below 1, odd (q4_0) or not dividing C, a tensor without entries, and
/// blocks whose d does not fit half precision (beyond 65504).
QuantizeGgmlResult quantize_ggml(const QuantizeGgmlOptions& options);

}  // namespace clearformer
