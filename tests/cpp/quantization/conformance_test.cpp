// Quantisation against NumPy, ggml and the casts of PyTorch.

#include "clearformer/quantization/absmax.hpp"
#include "clearformer/quantization/float_formats.hpp"
#include "clearformer/quantization/ggml.hpp"
#include "clearformer/quantization/zero_point.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

/// One number where the case expects one, else a tensor.
void check_one_or_more(const Array<double>& actual, const std::string& name, const Json& c) {
    if (!c["expected"].contains(name)) return;
    const Json& expected = c["expected"][name];
    if (expected.is_object()) return check_tensor(actual, name, c);
    CHECK(actual.size() == 1);
    check_numbers(actual.data, {number_of(expected)}, c);
}

}  // namespace

TEST_CASE("symmetric quantisation conforms") {
    for_each_case("blocks", "quant_absmax", [](const Json& c) {
        QuantizeAbsmaxOptions o;
        o.x = tensor_of(c["inputs"]["x"]);
        o.bits = c["params"]["bits"];
        o.qmax = c["params"]["qmax"].get<int>();
        o.granularity = c["params"]["granularity"];
        o.rounding = c["params"]["rounding"];
        o.group = c["params"].value("group", 32);
        const auto r = quantize_absmax(o);
        check_one_or_more(r.scale, "scale", c);
        check_tensor(r.q, "q", c);
        check_tensor(r.dequant, "dequant", c);
    });
}

TEST_CASE("affine quantisation conforms") {
    for_each_case("blocks", "quant_zeropoint", [](const Json& c) {
        QuantizeZeroPointOptions o;
        o.x = tensor_of(c["inputs"]["x"]);
        o.bits = c["params"]["bits"];
        o.granularity = c["params"]["granularity"];
        o.range = c["params"]["range"];
        o.rounding = c["params"]["rounding"];
        const auto r = quantize_zero_point(o);
        check_one_or_more(r.scale, "scale", c);
        check_one_or_more(r.zero_point, "zero_point", c);
        check_tensor(r.q, "q", c);
        check_tensor(r.dequant, "dequant", c);
    });
}

TEST_CASE("the block formats of ggml conform") {
    for (const std::string format : {"q4_0", "q8_0"}) {
        for_each_case("blocks", "ggml_" + format, [&](const Json& c) {
            QuantizeGgmlOptions o;
            o.x = tensor_of(c["inputs"]["x"]);
            o.format = format;
            o.block = c["params"]["block"];
            const auto r = quantize_ggml(o);
            check_one_or_more(r.d, "d_fp16", c);
            check_tensor(r.q, "q", c);
            check_tensor(r.dequant, "dequant", c);
        });
    }
}

TEST_CASE("rounding to floating-point formats conforms") {
    for_each_case("blocks", "float_formats", [](const Json& c) {
        FloatFormatsOptions o;
        o.x = tensor_of(c["inputs"]["x"]);
        const auto r = float_formats(o);
        check_tensor(r.fp32, "fp32", c);
        check_tensor(r.fp16, "fp16", c);
        check_tensor(r.bf16, "bf16", c);
    });
}
