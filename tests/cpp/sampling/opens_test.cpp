// Traces of draws, searches and penalties: every tensor that was not given opens.

#include "clearformer/sampling/chain.hpp"
#include "clearformer/sampling/draw.hpp"
#include "clearformer/sampling/mirostat.hpp"
#include "clearformer/sampling/penalties.hpp"
#include "clearformer/sampling/sample_top_trace.hpp"
#include "clearformer/sampling/search.hpp"
#include "clearformer/sampling/speculative.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("draws open, by token and by probability, and with a token that cannot come") {
    for (const char* order : {"token", "probability"}) {
        InverseCdfOptions o;
        o.probabilities = Array<double>({4}, {0.2, 0.5, 0, 0.3});
        o.draws = 5;
        o.order = order;
        o.trace = true;
        check_every_tensor(*inverse_cdf(o).trace);
    }
    GumbelMaxOptions g;
    g.logits = Array<double>({3}, {1, -kInfinity, 2});
    g.trace = true;
    check_every_tensor(*gumbel_max(g).trace);
    SampleTopOptions<double> top;
    top.logits = normal({9}, 1);
    top.top_k = 5;
    top.top_p = 0.8;
    check_every_tensor(trace_of(top));
}

TEST_CASE("every step of Mirostat opens, back to where mu began") {
    MirostatOptions o;
    o.logits = normal({4, 6}, 1, 2);
    o.logits.data[3] = -kInfinity;
    o.tau = 1.5;
    o.trace = true;
    const auto r = mirostat(o);
    check_every_tensor(*r.trace);
    CHECK(r.trace->value("step3.mu", {}) == r.steps[3].mu_after);
}

TEST_CASE("filtered probabilities open through their chain, in both orders") {
    FilterProbabilitiesOptions o;
    o.probabilities = Array<double>({4}, {0.1, 0.4, 0.2, 0.3});
    SamplerStage stage;
    stage.type = "top_k";
    stage.k = 3;
    o.chain = {stage};
    o.trace = true;
    for (const char* order : {"token", "candidates"}) {
        for (bool renormalise : {true, false}) {
            o.order = order;
            o.renormalise = renormalise;
            const auto r = filter_probabilities(o);
            check_every_tensor(*r.trace);
            CHECK(r.trace->tensor("probabilities").data == r.probabilities.data);
        }
    }
}

TEST_CASE("penalties and guidance open, before they set in and after") {
    for (int length : {2, 7}) {
        ExponentialLengthPenaltyOptions o;
        o.logits = normal({4}, 1);
        o.eos = 2;
        o.start = 3;
        o.length = length;
        o.factor = 1.1;
        o.trace = true;
        check_every_tensor(*exponential_length_penalty(o).trace);
    }
    LogitGuidanceOptions g{normal({5}, 1), normal({5}, 2), 1.5, true};
    check_every_tensor(*logit_guidance(g).trace);
}

TEST_CASE("searches open: every sequence down to the table") {
    const Array<double> table({3, 4}, {0, 0.5, 0.3, 0.2, 0.1, 0.2, 0.3, 0.4, 0, 0.6, 0.1, 0.3});
    GreedySearchOptions greedy;
    greedy.transition = table;
    greedy.trace = true;
    check_every_tensor(*greedy_search(greedy).trace);
    BeamSearchOptions beam;
    beam.transition = table;
    beam.num_beams = 2;
    beam.max_len = 4;
    beam.length_penalty = 0.7;
    beam.trace = true;
    const auto beams = beam_search(beam);
    check_every_tensor(*beams.trace);
    CHECK(beams.trace->value("scores", {0}) == beams.finished[0].score);
    for (int eos : {3, 0}) {
        ExhaustiveSearchOptions exhaustive;
        exhaustive.transition = table;
        exhaustive.alpha = 0.6;
        exhaustive.eos = eos;
        exhaustive.max_len = eos == 0 ? 2 : 4;
        if (eos == 0) exhaustive.transition = Array<double>({4, 4}, 0.25);
        exhaustive.trace = true;
        const auto all = exhaustive_search(exhaustive);
        check_every_tensor(*all.trace);
        double mass = 0;
        for (const Hypothesis& one : all.finished) mass += std::exp(one.log_probability);
        CHECK(mass <= all.probability + 1e-12);
    }
    ContrastiveSearchOptions contrastive{Array<double>({3}, {0.5, 0.3, 0.2}), normal({4, 3}, 1), normal({3, 3}, 2), 0.6,
                                         true};
    contrastive.candidates.data[0] = contrastive.candidates.data[1] = contrastive.candidates.data[2] = 0;
    check_every_tensor(*contrastive_search(contrastive).trace);
}

TEST_CASE("a speculative step opens, with all drafts accepted and with the first refused") {
    SpeculativeStepOptions o;
    o.target = Array<double>({3, 3}, {0.6, 0.3, 0.1, 0.2, 0.5, 0.3, 0.1, 0.1, 0.8});
    o.draft = Array<double>({2, 3}, {0.2, 0.7, 0.1, 0.3, 0.3, 0.4});
    o.drafted = {1, 1};
    o.trace = true;
    for (double u : {0.1, 0.9}) {
        o.u = std::vector<double>{u, 0.1, 0.5};
        check_every_tensor(*speculative_step(o).trace);
    }
}
