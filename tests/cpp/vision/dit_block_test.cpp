#include "clearformer/vision/dit_block.hpp"

#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

/// A block of width 6 with 2 heads, 8 hidden features and a condition of 5.
DitBlockOptions block() {
    DitBlockOptions o;
    o.x = normal({3, 6}, 1);
    o.c = normal({5}, 2);
    o.modulation_weight = normal({36, 5}, 3, 0.5);
    o.modulation_bias = normal({36}, 4, 0.5);
    o.qkv_weight = normal({18, 6}, 5, 0.4);
    o.proj_weight = normal({6, 6}, 6, 0.4);
    o.fc1_weight = normal({8, 6}, 7, 0.4);
    o.fc2_weight = normal({6, 8}, 8, 0.4);
    o.heads = 2;
    return o;
}

}  // namespace

TEST_CASE("the diffusion transformer's block conforms") {
    for_each_case("vision", "dit_block", [](const Json& c) {
        const Json &p = c["params"], &in = c["inputs"];
        DitBlockOptions o;
        o.x = tensor_of(in["x"]);
        o.c = tensor_of(in["c"]);
        o.modulation_weight = tensor_of(in["W_mod"]);
        o.modulation_bias = tensor_of(in["b_mod"]);
        o.qkv_weight = tensor_of(in["W_qkv"]);
        o.qkv_bias = tensor_of(in["b_qkv"]);
        o.proj_weight = tensor_of(in["W_proj"]);
        o.proj_bias = tensor_of(in["b_proj"]);
        o.fc1_weight = tensor_of(in["W1"]);
        o.fc1_bias = tensor_of(in["b1"]);
        o.fc2_weight = tensor_of(in["W2"]);
        o.fc2_bias = tensor_of(in["b2"]);
        o.heads = p["heads"];
        o.eps = p["eps"];
        o.activation = p["act"];
        const DitBlockResult r = dit_block(o);
        check_tensor(r.y, "y", c);
        check_tensor(r.modulation, "modulation", c);
        check_tensor(r.after_attention, "after_attention", c);
    });
}

TEST_CASE("a modulation of zeros makes the block the identity") {
    DitBlockOptions o = block();
    o.modulation_weight = Array<double>({36, 5});
    o.modulation_bias = {};
    const DitBlockResult r = dit_block(o);
    CHECK(r.y.data == o.x.data);
    CHECK(r.after_attention.data == o.x.data);
}

TEST_CASE("the third of the six parts gates the attention, the sixth the feed-forward layer") {
    DitBlockOptions o = block();
    o.modulation_weight = Array<double>({36, 5});
    o.modulation_bias = Array<double>({36});
    for (Size c = 12; c < 18; ++c) o.modulation_bias->data[c] = 1;
    DitBlockResult r = dit_block(o);
    CHECK(distance(r.after_attention.data, o.x.data) > 0.1);
    CHECK(r.y.data == r.after_attention.data);
    for (Size c = 0; c < 36; ++c) o.modulation_bias->data[c] = c < 30 ? 0 : 1;
    r = dit_block(o);
    CHECK(r.after_attention.data == o.x.data);
    CHECK(distance(r.y.data, o.x.data) > 0.1);
}

TEST_CASE("every number of a block opens") {
    DitBlockOptions o = block();
    o.trace = true;
    o.qkv_bias = normal({18}, 9);
    const DitBlockResult r = dit_block(o);
    CHECK(check_whole_trace(*r.trace) == 9);
    CHECK(r.trace->tensor("y").data == r.y.data);
    CHECK(r.trace->tensor("weights").data == r.weights.data);
}

TEST_CASE("blocks that cannot be are refused") {
    DitBlockOptions o = block();
    o.heads = 4;
    CHECK_THROWS_WITH_AS(dit_block(o), "dit_block: heads must divide the width, got 4 heads and a width of 6", DomainError);
    o = block();
    o.modulation_weight = normal({35, 5}, 1);
    o.modulation_bias = {};
    CHECK_THROWS_WITH_AS(dit_block(o), "dit_block: modulation_weight must have 36 rows, got 35", DomainError);
    o = block();
    o.qkv_weight = normal({12, 6}, 1);
    CHECK_THROWS_AS(dit_block(o), DomainError);
    o = block();
    o.activation = "swoosh";
    CHECK_THROWS_AS(dit_block(o), DomainError);
    o = block();
    o.eps = -1;
    CHECK_THROWS_AS(dit_block(o), DomainError);
}
