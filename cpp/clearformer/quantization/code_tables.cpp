#include "clearformer/quantization/code_tables.hpp"

#include <cmath>

#include "clearformer/quantization/errors.hpp"
#include "clearformer/quantization/float_formats.hpp"
#include "clearformer/quantization/rules.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = QuantizeCodeTableOptions::kFunction;

using Table = std::array<double, 16>;

constexpr Table kNormalFloat = {-1.0,
                                -0.6961928009986877,
                                -0.5250730514526367,
                                -0.39491748809814453,
                                -0.28444138169288635,
                                -0.18477343022823334,
                                -0.09105003625154495,
                                0.0,
                                0.07958029955625534,
                                0.16093020141124725,
                                0.24611230194568634,
                                0.33791524171829224,
                                0.44070982933044434,
                                0.5626170039176941,
                                0.7229568362236023,
                                1.0};

/// The magnitudes of the codes 0 .. 7 of a table with a sign bit, in units in which they are exact; the largest becomes 1.
struct Magnitudes {
    std::array<double, 8> values;
    double largest;
};
constexpr Magnitudes kFloat = {{0, 0.0625, 8, 12, 4, 6, 2, 3}, 12}, kFloatE2M1 = {{0, 0.5, 1, 1.5, 2, 3, 4, 6}, 6};

constexpr Table with_signs(const Magnitudes& magnitudes) {
    Table table{};
    for (Size code = 0; code < 8; ++code) {
        table[code] = magnitudes.values[code] / magnitudes.largest;
        table[code + 8] = code == 0 ? 0 : -table[code];
    }
    return table;
}

constexpr Table kFloatTable = with_signs(kFloat), kFloatE2M1Table = with_signs(kFloatE2M1);

/// The nearest value of a list, in a tie the lower one.
template <Size count>
Size nearest(const std::array<double, count>& values, double x) {
    Size best = 0;
    for (Size code = 1; code < count; ++code) {
        const double distance = std::fabs(x - values[code]), least = std::fabs(x - values[best]);
        if (distance < least || (distance == least && values[code] < values[best])) best = code;
    }
    return best;
}

/// The code of x in a block whose largest magnitude is `most`.
Size code_of(const Table& table, double x, double most) {
    if (&table == &kNormalFloat) return nearest(table, most == 0 ? 0 : x / most);
    const Magnitudes& magnitudes = &table == &kFloatTable ? kFloat : kFloatE2M1;
    const Size code = most == 0 ? 0 : nearest(magnitudes.values, std::fabs(x) * magnitudes.largest / most);
    return x < 0 && code != 0 ? code + 8 : code;
}

/// Rounds the scales to FP8 around their mean and keeps what was stored.
void quantize_scales(QuantizeCodeTableResult& r, Size run) {
    static const FloatFormat& fp8 = find_float_format(kName, "fp8_e4m3");
    const Size count = r.absmax.size();
    double mean = 0;
    for (double value : r.absmax.data) mean += value / static_cast<double>(count);
    r.scale_mean = mean;
    r.scale_codes = r.absmax;
    r.outer_scale = Array<double>(Shape{(count + run - 1) / run});
    for (Size k = 0; k < count; ++k) {
        double& outer = r.outer_scale->data[k / run];
        outer = std::max(outer, std::fabs(r.absmax.data[k] - mean) / fp8.largest);
    }
    for (Size k = 0; k < count; ++k) {
        const double outer = r.outer_scale->data[k / run];
        const double code = outer == 0 ? 0 : round_to(fp8, (r.absmax.data[k] - mean) / outer, true);
        r.scale_codes->data[k] = code;
        r.scale.data[k] = mean + code * outer;
    }
}

Trace trace_of(const QuantizeCodeTableOptions& o, const QuantizeCodeTableResult& r) {
    const Size block = static_cast<Size>(o.block), run = static_cast<Size>(o.scale_block), count = r.absmax.size();
    Trace trace;
    Array<double> normalised = o.x, error = o.x;
    for (Size i = 0; i < error.size(); ++i) {
        const double most = r.absmax.data[i / block];
        normalised.data[i] = most == 0 ? 0 : o.x.data[i] / most;
        error.data[i] -= r.dequant.data[i];
    }
    add_input(trace, {"x", "x", "value", "input", ".."}, o.x, "A value to quantise, as given.");
    add_input(trace, {"table", "t", "table value", "input", "16"}, r.table, "A value of the published table.");
    add_node(trace, {"absmax", "|x|max", "largest magnitude", "scores", "K"}, r.absmax,
             block_absmax_rule("x", o.x.shape, block));
    add_node(trace, {"normalised", "n", "share of the largest magnitude", "scores", ".."}, normalised,
             normalised_in_block_rule("x", "absmax", block, o.x.shape));
    add_node(trace, {"q", "q", "code", "weights", ".."}, r.q, nearest_code_rule("normalised", "table", "q"));
    if (o.double_quantization) {
        add_node(trace, {"scaleMean", "m", "mean of the scales", "scores", ""}, Array<double>(Shape{}, *r.scale_mean),
                 mean_of_all_rule("absmax", count));
        add_node(trace, {"outerScale", "o", "scale of the scales", "scores", "J"}, *r.outer_scale,
                 outer_scale_rule("absmax", "scaleMean", count, run, find_float_format(kName, "fp8_e4m3").largest));
        add_node(trace, {"scaleCodes", "c", "scale as an 8-bit number", "weights", "K"}, *r.scale_codes,
                 scale_code_rule("absmax", "scaleMean", "outerScale", "scaleCodes", run));
        add_node(trace, {"scale", "s", "scale", "scores", "K"}, r.scale,
                 restored_scale_rule("scaleCodes", "scaleMean", "outerScale", run));
    }
    add_node(trace, {"dequant", "x'", "value from its code", "residual", ".."}, r.dequant,
             table_rule("q", "table", o.double_quantization ? "scale" : "absmax", block, o.x.shape));
    add_node(trace, {"error", "e", "error", "scores", ".."}, error, difference_rule("x", "dequant"));
    return trace;
}

}  // namespace

const Table& find_code_table(const char* function, const std::string& name) {
    if (name == "nf4") return kNormalFloat;
    if (name == "fp4") return kFloatTable;
    require(name == "fp4_e2m1", function, ": table must be nf4, fp4 or fp4_e2m1, got ", name);
    return kFloatE2M1Table;
}

QuantizeCodeTableResult quantize_code_table(const QuantizeCodeTableOptions& o) {
    check_shapes(o);
    const Table& table = find_code_table(kName, o.table);
    require(o.block >= 1, kName, ": block must be at least 1, got ", o.block);
    require(o.scale_block >= 1, kName, ": scale_block must be at least 1, got ", o.scale_block);
    require(!o.x.empty(), kName, ": x must have at least one entry, got shape ", o.x.shape);
    const Size block = static_cast<Size>(o.block), run = static_cast<Size>(o.scale_block);
    QuantizeCodeTableResult r;
    r.table = Array<double>({16}, std::vector<double>(table.begin(), table.end()));
    // 1. The scales.
    r.absmax = Array<double>(Shape{(o.x.size() + block - 1) / block});
    for (Size i = 0; i < o.x.size(); ++i) {
        double& most = r.absmax.data[i / block];
        most = std::max(most, std::fabs(o.x.data[i]));
    }
    r.scale = r.absmax;
    if (o.double_quantization) quantize_scales(r, run);
    // 2. The codes.
    r.q = r.dequant = o.x;
    for (Size i = 0; i < o.x.size(); ++i) {
        const double most = r.absmax.data[i / block];
        const Size code = code_of(table, o.x.data[i], most);
        r.q.data[i] = static_cast<double>(code);
        r.dequant.data[i] = table[code] * r.scale.data[i / block] + 0.0;
    }
    const double width = o.block;
    r.bits_per_value = 4 + (o.double_quantization ? 8 / width + 32 / (width * o.scale_block) : 32 / width);
    const auto error = error_between(kName, o.x.data, r.dequant.data);
    r.mse = error.mse;
    r.max_absolute_error = error.max_absolute_error;
    r.signal_to_noise = error.signal_to_noise;
    if (o.trace) {
        r.trace = trace_of(o, r);
        record_errors(*r.trace, error);
    }
    return r;
}

}  // namespace clearformer
