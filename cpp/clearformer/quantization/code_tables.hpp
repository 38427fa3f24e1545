#pragma once

// Four bits by table: each code stands for one of 16 values between -1 and 1, and a block of neighbours shares a scale.

#include <array>
#include <optional>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// The 16 values of a table, by code. `nf4`: quantiles of the normal distribution (Dettmers et al. 2023, appendix E).
/// `fp4`: sign, two bits of exponent and one of mantissa as bitsandbytes numbers them, divided by the largest.
/// `fp4_e2m1`: the same fields as OCP Microscaling Formats 1.0 defines them, divided by 6. Throws DomainError for another
/// name.
const std::array<double, 16>& find_code_table(const char* function, const std::string& name);

/// x of any shape, taken as one row-major run of blocks of `block` values, the last one shorter where they do not divide.
struct QuantizeCodeTableOptions {
    static constexpr const char* kFunction = "quantize_code_table";
    Array<double> x;
    std::string table = "nf4";
    int block = 64;
    bool double_quantization = false;
    int scale_block = 256;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..");
        field.optional("table", table);
        field.optional("block", block);
        field.optional("double_quantization", double_quantization);
        field.optional("scale_block", scale_block);
        field.optional("trace", trace);
    }
};

struct QuantizeCodeTableResult {
    Array<double> q;        // as x: codes 0 .. 15
    Array<double> dequant;  // as x
    Array<double> absmax;   // [K] the largest magnitude of each block
    Array<double> scale;    // [K] what the values come back with: absmax, or what double quantisation left of it
    Array<double> table;    // [16] by code
    std::optional<Array<double>> scale_codes;  // [K] the FP8 numbers that stand for the scales
    std::optional<Array<double>> outer_scale;  // [J] one for each run of scale_block scales
    std::optional<double> scale_mean;          // what was taken off all scales
    double bits_per_value = 0;                 // of codes and scales, in whole blocks
    double mse = 0;
    double max_absolute_error = 0;
    double signal_to_noise = 0;  // in decibels
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", q, "..");
        field.required("dequant", dequant, "..");
        field.required("absmax", absmax, "K");
        field.required("scale", scale, "K");
        field.required("table", table, "16");
        field.optional("scale_codes", scale_codes, "K");
        field.optional("outer_scale", outer_scale, "J");
        field.optional("scale_mean", scale_mean);
        field.required("bits_per_value", bits_per_value);
        field.required("mse", mse);
        field.required("max_absolute_error", max_absolute_error);
        field.required("signal_to_noise", signal_to_noise);
        field.optional("trace", trace);
    }
};

/// absmax = max |x| of the block; q is the code whose value lies nearest to x / absmax, in a tie the lower value (nf4) or
/// the smaller magnitude (fp4, fp4_e2m1); dequant = table[q] scale. A block of zeros has the scale 0 and codes of value 0.
/// Double quantisation stores the scales in 8 bits too (Dettmers et al. 2023, section 3): their mean is taken off, runs of
/// `scale_block` share s = max |absmax - mean| / 448, and (absmax - mean) / s is rounded to FP8 E4M3. Scales then cost
/// 8 / block + 32 / (block scale_block) bits for each value instead of 32 / block.
/// Throws DomainError for an unknown table, block sizes below 1, a tensor without entries, and values whose squares do
/// not fit a double.
QuantizeCodeTableResult quantize_code_table(const QuantizeCodeTableOptions& options);

}  // namespace clearformer
