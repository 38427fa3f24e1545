// Every number of a trace, opened and recomputed.

#include "clearformer/sampling/rules.hpp"

#include "clearformer/sampling/chain.hpp"
#include "clearformer/sampling/measures.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

void check_trace(const Trace& trace) {
    for (const Node& node : trace.nodes()) {
        const Index first(node.shape.size() == 0 ? Shape{} : [&] {
            Index zero;
            zero.resize(node.shape.size());
            return zero;
        }());
        if (!trace.explain(node.label.name, first).is_input) check_every_entry(trace, node.label.name);
    }
}

SamplerStage stage(const char* type) {
    SamplerStage s;
    s.type = type;
    return s;
}

/// One stage of every type, with parameters that do something.
std::vector<SamplerStage> every_stage(Size vocabulary) {
    std::vector<SamplerStage> all;
    const auto add = [&](const char* type) -> SamplerStage& { return all.emplace_back(stage(type)); };
    add("temperature").temperature = 0.7;
    add("temperature").temperature = 0;
    SamplerStage& dynamic = add("dynamic_temperature");
    dynamic.temperature = 1;
    dynamic.range = 0.5;
    add("top_k").k = 5;
    add("top_p").p = 0.6;
    add("min_p").p = 0.2;
    add("typical").p = 0.5;
    add("epsilon").epsilon = 0.05;
    add("eta").epsilon = 0.05;
    add("top_n_sigma").n = 1;
    add("top_h").h = 0.5;
    add("p_less");
    add("xtc").threshold = 0.05;
    add("repetition").penalty = 1.3;
    add("frequency").penalty = 0.4;
    add("presence").penalty = 0.4;
    SamplerStage& penalties = add("penalties");
    penalties.repeat = 1.2;
    penalties.frequency = 0.3;
    penalties.presence = 0.1;
    penalties.last_n = 3;
    add("dry").multiplier = 0.8;
    add("no_repeat_ngram").n = 2;
    SamplerStage& bias = add("logit_bias");
    bias.tokens = std::vector<int>{1, 3, 1};
    bias.biases = std::vector<double>{0.5, -2, 0.25};
    add("suppress").tokens = std::vector<int>{0, 2};
    SamplerStage& length = add("exp_decay_length");
    length.eos = 4;
    length.start = 2;
    length.factor = 1.1;
    SamplerStage& guidance = add("guidance");
    guidance.unconditional = normal({vocabulary}, 5).data;
    return all;
}

}  // namespace

TEST_CASE("every stage's logits open, and the probabilities after it") {
    for (const char* semantics : {"hf", "llama.cpp"}) {
        for (const SamplerStage& s : every_stage(8)) {
            CAPTURE(s.type);
            SamplerChainOptions o;
            o.logits = normal({8}, 3, 2);
            o.logits.data[6] = -kInfinity;
            o.chain = {s, s};
            o.semantics = semantics;
            o.tokens = {1, 2, 5, 4, 1, 2};
            o.trace = true;
            const auto r = sampler_chain(o);
            REQUIRE(r.trace);
            check_trace(*r.trace);
            CHECK(r.trace->tensor("stage2").data == r.logits_out.data);
            CHECK(r.trace->tensor("probabilities").data == r.probabilities.data);
            CHECK(r.logits_out.data != o.logits.data);
        }
    }
}

TEST_CASE("the measures of tokens open") {
    TokenMeasuresOptions o;
    o.logits = normal({3, 5}, 1, 2);
    o.logits.data[7] = -kInfinity;
    o.targets = {{4, 0, 2}};
    o.trace = true;
    const auto r = token_measures(o);
    check_trace(*r.trace);
    CHECK(r.trace->value("perplexity", {}) == *r.perplexity);
    o.targets.reset();
    CHECK_FALSE(token_measures(o).trace->has("nll"));
}

TEST_CASE("divergences open") {
    DivergencesOptions o;
    o.logits_p = normal({6}, 1);
    o.logits_q = normal({6}, 2);
    o.logits_p.data[2] = -kInfinity;
    o.trace = true;
    const auto r = divergences(o);
    check_trace(*r.trace);
    CHECK(r.kl_qp == kInfinity);
    CHECK(r.trace->value("js", {}) == r.js);
}

TEST_CASE("a trace of too many tokens is refused") {
    SamplerChainOptions o;
    o.logits = Array<double>({5000});
    o.trace = true;
    CHECK_THROWS_WITH_AS(sampler_chain(o), "sampler_chain: a trace takes at most 16 stages and 4096 tokens, got 0 and 5000",
                         DomainError);
}
