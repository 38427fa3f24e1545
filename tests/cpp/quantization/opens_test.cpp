// Traces of formats, errors and adapters: every tensor that was not given opens.

#include "clearformer/quantization/errors.hpp"
#include "clearformer/quantization/float_formats.hpp"
#include "clearformer/quantization/ggml.hpp"
#include "clearformer/quantization/lora.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("rounded numbers open in every format: zero, subnormal, usual, too large, infinite") {
    const Array<double> x({8}, {0, 1e-9, -0.3, 1.0 / 3, 5.25, -300, 1e9, kInfinity});
    FloatFormatsOptions all;
    all.x = Array<double>({6}, {0, 1e-9, -0.3, 1.0 / 3, 5.25, -300});
    all.trace = true;
    check_every_tensor(*float_formats(all).trace);
    for (const char* format : {"fp32", "tf32", "fp16", "bf16", "fp8_e5m2", "fp6_e3m2", "fp6_e2m3", "fp4_e2m1"}) {
        for (const char* overflow : {"infinity", "saturate"}) {
            CAPTURE(format);
            check_every_tensor(*round_to_float({x, format, overflow, true}).trace);
        }
    }
}

TEST_CASE("blocks of ggml open, and a block of zeros does") {
    for (const char* format : {"q4_0", "q8_0"}) {
        QuantizeGgmlOptions o{normal({2, 8}, 1), format, 4, true};
        std::fill_n(o.x.data.begin(), 4, 0.0);
        const auto r = quantize_ggml(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("dequant").data == r.dequant.data);
    }
}

TEST_CASE("errors open, no error among them") {
    QuantizationErrorOptions o{normal({2, 3}, 1), normal({2, 3}, 2), true};
    check_every_tensor(*quantization_error(o).trace);
    o.y = o.x;
    check_every_tensor(*quantization_error(o).trace);
}

TEST_CASE("what was merged opens again") {
    LoraUnmergeOptions l{normal({3, 4}, 1), normal({2, 4}, 2), normal({3, 2}, 3), 4, "alpha/r", true};
    check_every_tensor(*lora_unmerge(l).trace);
    DoraUnmergeOptions d{normal({3, 4}, 1),
                         Array<double>({3}, {1, 2, 3}),
                         Array<double>({3}, {2, 1, 0.5}),
                         normal({2, 4}, 2),
                         normal({3, 2}, 3),
                         4,
                         "alpha/sqrt(r)",
                         true};
    check_every_tensor(*dora_unmerge(d).trace);
}
