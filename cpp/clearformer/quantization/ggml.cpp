#include "clearformer/quantization/ggml.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/quantization/errors.hpp"
#include "clearformer/quantization/float_formats.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = QuantizeGgmlOptions::kFunction;

/// The value of largest magnitude with its sign, the first of equals.
float extreme(const std::vector<float>& x) {
    float most = 0;
    for (float value : x) most = std::fabs(value) > std::fabs(most) ? value : most;
    return most;
}

struct Block {
    double d = 0;  // half precision
    std::vector<int> q;
};

Block quantized(const std::vector<float>& x, bool four_bits) {
    const float most = extreme(x), d = four_bits ? most / -8.0f : std::fabs(most) / 127.0f;
    const float inverse = d == 0 || !std::isfinite(1.0f / d) ? 0.0f : 1.0f / d;
    static const FloatFormat& half = find_float_format(kName, "fp16");
    Block block{round_to(half, inverse == 0 ? 0.0 : static_cast<double>(d)), {}};
    require(std::isfinite(block.d), kName, ": the scale of a block must fit half precision, 65504 at most, got ", d);
    for (float value : x) {
        const float code = value * inverse;
        block.q.push_back(four_bits ? std::min(15, static_cast<int>(code + 8.5f)) : static_cast<int>(std::round(code)));
    }
    return block;
}

/// A block as it lies in a file.
void store(const Block& block, bool four_bits, double* bytes) {
    static const FloatFormat& half = find_float_format(kName, "fp16");
    const std::uint32_t scale = bits_of(half, block.d);
    *bytes++ = scale & 255;
    *bytes++ = scale >> 8;
    const Size half_width = block.q.size() / 2;
    if (four_bits) {
        for (Size i = 0; i < half_width; ++i) *bytes++ = block.q[i] + 16 * block.q[i + half_width];
    } else {
        for (int code : block.q) *bytes++ = code & 255;
    }
}

/// x, d, q, dequant, bytes, mse
Trace trace_of(const QuantizeGgmlOptions& o, const QuantizeGgmlResult& r) {
    const Size block = static_cast<Size>(o.block);
    const bool four_bits = o.format == "q4_0";
    const double zero = four_bits ? 8 : 0;
    const char* role = "scores";
    Trace trace;
    add_given(trace, {"x", "x", "value", "input", ".. C"}, o.x);
    const Array<double> scales = r.d;
    add_made(trace, {"d", "d", "scale of the block, in half precision", role, ".."}, scales, [=](const Index& at, Pen& pen) {
        pen.rule(four_bits ? "The block's value of largest magnitude over -8, in half precision."
                           : "The block's largest magnitude over 127, in half precision.",
                 four_bits ? "m / {-8}" : "\\max |x| / 127");
        pen.vector("x", "x", block, [&](Size i) {
            Index index = at;
            index.back() = at.back() * block + i;
            return index;
        });
        pen.constant("d", "scale as stored", scales.at(at));
        pen.step("m", "largest magnitude", "max(abs(x))");
        pen.step("s", "before it is stored, up to its sign", four_bits ? "m / 8" : "m / 127");
        pen.step("y", "as stored", "d");
    });
    const auto scale_at = [block](const Index& at) {
        Index index = at;
        index.back() /= block;
        return index;
    };
    const Array<double> codes = r.q;
    add_made(trace, {"q", "q", "code", role, ".. C"}, codes, [=](const Index& at, Pen& pen) {
        pen.rule(
            "The value in units of its block's scale, rounded; in single precision, with the scale before it is stored.",
            four_bits ? "\\min(15, \\lfloor x / d + 8.5 \\rfloor)" : "\\operatorname{round}(x / d)");
        pen.scalar("x", "x", at);
        pen.scalar("d", "d", scale_at(at));
        pen.constant("q", "code", codes.at(at));
        pen.step("y", "code", "q");
    });
    add_made(trace, {"dequant", "x'", "value that comes back", "residual", ".. C"}, r.dequant,
             [=](const Index& at, Pen& pen) {
                 pen.rule("The code, counted from the code of 0, times the scale.", four_bits ? "(q - 8)\\, d" : "q\\, d");
                 pen.scalar("q", "q", at);
                 pen.scalar("d", "d", scale_at(at));
                 pen.constant("z", "code of 0", zero);
                 pen.step("y", "value", "(q - z) * d");
             });
    const Array<double> bytes = r.bytes;
    add_made(trace, {"bytes", "B", "byte of the block", role, ".. N"}, bytes, [=](const Index& at, Pen& pen) {
        Index run(at.begin(), at.end() - 1);
        const Size byte = at.back();
        const auto code = [&](Size i) {
            Index index = run;
            index.back() = run.back() * block + i;
            return index;
        };
        if (byte < 2) {
            pen.rule("Half of the sixteen bits of the scale, the low half first.", "\\operatorname{bits}(d)");
            pen.scalar("d", "d", run);
            pen.constant("b", "byte", bytes.at(at));
            pen.step("y", "byte", "b");
        } else if (four_bits) {
            pen.rule("Two codes of four bits each.", "q_i + 16\\, q_{i + n/2}");
            pen.scalar("q", "q", code(byte - 2));
            pen.scalar("p", "q", code(byte - 2 + block / 2));
            pen.step("y", "byte", "q + 16 * p");
        } else {
            pen.rule("The code of eight bits; a negative one counts from 256 down.", "q_i \\bmod 256");
            pen.scalar("q", "q", code(byte - 2));
            pen.step("y", "byte", "q - 256 * floor(q / 256)");
        }
    });
    add_number(trace, {"mse", "MSE", "mean squared error", role, ""}, r.mse,
               recipe_rule({"The mean of the squared errors.",
                            "\\tfrac{1}{N} \\sum (x - x')^2",
                            {{"x", "x", "*"}, {"y", "dequant", "*"}},
                            {{"N", "how many", static_cast<double>(o.x.size())}},
                            {{"d", "errors", "x - y"}, {"e", "mean", "sum(d * d) / N"}}}));
    return trace;
}

}  // namespace

QuantizeGgmlResult quantize_ggml(const QuantizeGgmlOptions& o) {
    const Size C = check_shapes(o)["C"];
    require(o.format == "q4_0" || o.format == "q8_0", kName, ": format must be q4_0 or q8_0, got ", o.format);
    const bool four_bits = o.format == "q4_0";
    require(!o.x.empty(), kName, ": x must have at least one entry, got shape ", o.x.shape);
    require(o.block >= 1 && C % static_cast<Size>(o.block) == 0, kName, ": block must divide the row, got block ", o.block,
            " and a row of ", C);
    require(!four_bits || o.block % 2 == 0, kName, ": block must be even for q4_0, got ", o.block);
    for (double value : o.x.data) {
        require(std::fabs(value) <= 3.4028234663852886e38, kName, ": x must fit single precision, got ", value);
    }
    const Size block = static_cast<Size>(o.block), stored = 2 + (four_bits ? block / 2 : block);
    Shape blocks = o.x.shape, storage;
    blocks.back() = C / block;
    storage = blocks;
    storage.push_back(stored);
    QuantizeGgmlResult r{Array<double>(blocks), o.x, o.x, Array<double>(storage)};
    for (Size b = 0; b < r.d.size(); ++b) {
        const double* x = o.x.data.data() + b * block;
        const Block one = quantized(std::vector<float>(x, x + block), four_bits);
        r.d.data[b] = one.d;
        for (Size i = 0; i < block; ++i) {
            r.q.data[b * block + i] = one.q[i];
            r.dequant.data[b * block + i] = (four_bits ? one.q[i] - 8 : one.q[i]) * one.d + 0.0;
        }
        store(one, four_bits, r.bytes.data.data() + b * stored);
    }
    r.bits_per_value = 8.0 * static_cast<double>(stored) / static_cast<double>(block);
    r.mse = error_between(kName, o.x.data, r.dequant.data).mse;
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
