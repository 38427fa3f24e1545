// Every traced number of quantisation, adapters and the singular value decomposition, opened and computed again from its
// operands.

#include "clearformer/quantization/rules.hpp"

#include "clearformer/quantization/absmax.hpp"
#include "clearformer/quantization/code_tables.hpp"
#include "clearformer/quantization/lora.hpp"
#include "clearformer/quantization/svd.hpp"
#include "clearformer/quantization/zero_point.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

/// Opens every entry of everything but the inputs.
void check_trace(const std::optional<Trace>& trace, int inputs, Size nodes) {
    REQUIRE(trace);
    CHECK(trace->nodes().size() == nodes);
    for (const Node& node : trace->nodes()) {
        Index first;
        first.resize(node.shape.size());
        if (trace->explain(node.label.name, first).is_input) --inputs;
        else check_every_entry(*trace, node.label.name);
    }
    CHECK(inputs == 0);
}

/// With a row of zeros.
Array<double> values() {
    Array<double> x = normal({3, 10}, 2);
    for (Size c = 0; c < 10; ++c) x.row(1)[c] = 0;
    return x;
}

}  // namespace

TEST_CASE("symmetric quantisation opens, at every granularity") {
    for (const char* granularity : {"tensor", "row", "column", "group"}) {
        CAPTURE(granularity);
        QuantizeAbsmaxOptions o;
        o.x = values();
        o.granularity = granularity;
        o.group = 4;
        o.bits = 4;
        CHECK_FALSE(quantize_absmax(o).trace);
        o.trace = true;
        check_trace(quantize_absmax(o).trace, 1, 10);
    }
}

TEST_CASE("affine quantisation opens, with either range") {
    for (const char* granularity : {"tensor", "row", "column", "group"}) {
        for (const char* range : {"min/max including 0", "min/max"}) {
            CAPTURE(granularity);
            CAPTURE(range);
            QuantizeZeroPointOptions o;
            o.x = values();
            o.granularity = granularity;
            o.range = range;
            o.group = 4;
            o.trace = true;
            check_trace(quantize_zero_point(o).trace, 1, 12);
        }
    }
}

TEST_CASE("code tables open, double quantisation included") {
    for (const char* table : {"nf4", "fp4"}) {
        QuantizeCodeTableOptions o;
        o.x = values();
        o.table = table;
        o.block = 4;
        o.scale_block = 3;
        o.trace = true;
        check_trace(quantize_code_table(o).trace, 2, 11);
        o.double_quantization = true;
        check_trace(quantize_code_table(o).trace, 2, 15);
    }
}

TEST_CASE("adapters open") {
    LoraOptions o;
    o.x = normal({2, 2, 5}, 1);
    o.weight = normal({4, 5}, 2);
    o.a = normal({2, 5}, 3);
    o.b = normal({4, 2}, 4);
    o.alpha = 3;
    o.trace = true;
    check_trace(lora(o).trace, 4, 13);
    DoraOptions d;
    d.x = o.x;
    d.weight = o.weight;
    d.a = o.a;
    d.b = o.b;
    d.trace = true;
    for (Size c = 0; c < 5; ++c) d.weight.row(1)[c] = 0;
    for (Size r = 0; r < 2; ++r) d.b.row(1)[r] = 0;  // a row without direction
    check_trace(dora(d).trace, 4, 12);
    d.magnitude = normal({4}, 5);
    check_trace(dora(d).trace, 5, 12);
}

TEST_CASE("the singular value decomposition opens, lower ranks and singular values of 0 included") {
    SvdOptions o;
    o.trace = true;
    o.a = normal({4, 3}, 6);
    check_trace(svd(o).trace, 2, 7);
    o.rank = 0;
    check_trace(svd(o).trace, 2, 7);
    o.a = Array<double>({3, 4}, 1);
    o.rank = 2;
    check_trace(svd(o).trace, 2, 7);
}
