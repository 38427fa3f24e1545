#include "clearformer/attention/layer.hpp"

#include <doctest/doctest.h>

#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

AttentionLayerOptions small() {
    AttentionLayerOptions o;
    o.tokens = {300, 301, 300, 302};
    o.d_model = 8;
    o.heads = 2;
    return o;
}

/// Every tensor that is computed, not drawn.
void check_trace(const AttentionLayerOptions& o) {
    const Trace trace = attention_layer(o).trace;
    for (const Node& node : trace.nodes()) {
        const Index first = [&] {
            Index index;
            index.resize(node.shape.size());
            return index;
        }();
        if (!trace.explain(node.label.name, first).is_input) check_every_entry(trace, node.label.name);
    }
}

}  // namespace

TEST_CASE("every number of an attention layer equals the recomputation from its terms") {
    AttentionLayerOptions o = small();
    check_trace(o);
    o.rope = true;
    o.temperature = 0.5;
    check_trace(o);
    o.scaled = false;
    o.causal = false;
    o.valid = {1, 1, 0, 1};
    check_trace(o);
}

TEST_CASE("equal tokens have equal embeddings, and equal rows of values") {
    const AttentionLayerResult r = attention_layer(small());
    CHECK(r.embedding_rows == std::vector<int>{0, 1, 0, 2});
    CHECK(r.trace.tensor("x", {0}).data == r.trace.tensor("x", {2}).data);
    CHECK(r.trace.tensor("v", {1, 0}).data == r.trace.tensor("v", {1, 2}).data);
}

TEST_CASE("inputs have two decimals") {
    const Trace trace = attention_layer(small()).trace;
    for (const char* name : {"tokenEmbedding", "wQ", "wK", "wV", "wO"}) {
        for (double value : trace.tensor(name).data) CHECK(std::round(value * 100) / 100 == value);
    }
}

TEST_CASE("rows of weights sum to 1, and the last row of a causal layer sees what the other mask sees") {
    AttentionLayerOptions o = small();
    const Array<double> causal = attention_layer(o).trace.tensor("weights");
    o.causal = false;
    const Array<double> both = attention_layer(o).trace.tensor("weights");
    for (Size r = 0; r < causal.rows(); ++r) {
        double sum = 0;
        for (Size s = 0; s < 4; ++s) sum += causal.row(r)[s];
        CHECK(sum == doctest::Approx(1).epsilon(1e-14));
    }
    for (Size s = 0; s < 4; ++s) CHECK(causal.row(3)[s] == both.row(3)[s]);
}

TEST_CASE("contributions of all tokens sum to the output") {
    const Trace trace = attention_layer(small()).trace;
    CHECK(distance(trace.tensor("contributionSum").data, trace.tensor("output").data) < 1e-14);
}

TEST_CASE("RoPE leaves the first token alone and the values of all") {
    AttentionLayerOptions o = small();
    const Trace plain = attention_layer(o).trace;
    o.rope = true;
    const Trace turned = attention_layer(o).trace;
    CHECK(distance(turned.tensor("qRotated", {0, 0}).data, plain.tensor("q", {0, 0}).data) == 0);
    CHECK(distance(turned.tensor("qRotated", {0, 3}).data, plain.tensor("q", {0, 3}).data) > 0);
    CHECK(distance(turned.tensor("v").data, plain.tensor("v").data) == 0);
}

TEST_CASE("a query whose only keys are padding gives zeros, and so does its explanation") {
    AttentionLayerOptions o = small();
    o.valid = {0, 1, 1, 1};
    const Trace trace = attention_layer(o).trace;
    for (double value : trace.tensor("weights", {0, 0}).data) CHECK(value == 0);
    for (double value : trace.tensor("headOutputs", {0, 0}).data) CHECK(value == 0);
    CHECK(trace.explain("weights", {0, 0, 0}).steps.back().values[0] == 0);
}

TEST_CASE("an override reaches what comes after it and nothing before") {
    AttentionLayerOptions o = small();
    const Trace plain = attention_layer(o).trace;
    o.overrides = {{"scores", {0, 3, 1}, 4.0}};
    const Trace changed = attention_layer(o).trace;
    CHECK(changed.value("scores", {0, 3, 1}) == 4.0);
    CHECK(distance(changed.tensor("q").data, plain.tensor("q").data) == 0);
    CHECK(distance(changed.tensor("weights", {0, 2}).data, plain.tensor("weights", {0, 2}).data) == 0);
    CHECK(distance(changed.tensor("weights", {0, 3}).data, plain.tensor("weights", {0, 3}).data) > 0);
    CHECK(distance(changed.tensor("weights", {1}).data, plain.tensor("weights", {1}).data) == 0);
}

TEST_CASE("cached steps give the rows of the full pass, and count their work") {
    CachedDecodeOptions o;
    o.tokens = {300, 301, 300, 302, 303};
    for (bool rope : {false, true}) {
        o.rope = rope;
        const CachedDecodeResult r = cached_decode(o);
        CHECK(r.max_difference < 1e-14);
        CHECK(r.steps.size() == 5);
        CHECK(r.steps[0].multiply_adds_cached == r.steps[0].multiply_adds_full);
        CHECK(r.steps[4].multiply_adds_cached == 4 * 16 * 16 + 2 * 5 * 16);
        CHECK(r.steps[4].multiply_adds_full == 4 * 5 * 16 * 16 + 2 * 5 * 5 * 16);
        CHECK(r.steps[4].cache_floats == 2 * 5 * 16);
    }
}

TEST_CASE("an impossible layer says why") {
    AttentionLayerOptions o = small();
    o.heads = 3;
    CHECK_THROWS_WITH_AS(attention_layer(o), "attention_layer: heads must divide d_model, got d_model 8 and heads 3",
                         DomainError);
    o = small();
    o.tokens.clear();
    CHECK_THROWS_AS(attention_layer(o), DomainError);
    o.tokens.assign(65, 1);
    CHECK_THROWS_WITH_AS(attention_layer(o), "attention_layer: at most 64 tokens fit, got 65", DomainError);
    o = small();
    o.temperature = 0;
    CHECK_THROWS_AS(attention_layer(o), DomainError);
    o = small();
    o.heads = 8;
    o.rope = true;
    CHECK_THROWS_AS(attention_layer(o), DomainError);
    o = small();
    o.overrides = {{"nothing", {0}, 1.0}};
    CHECK_THROWS_AS(attention_layer(o), DomainError);
    o.overrides = {{"x", {9, 0}, 1.0}};
    CHECK_THROWS_AS(attention_layer(o), DomainError);
}
