// Samplers against the results of Hugging Face Transformers and llama.cpp.

#include "clearformer/sampling/chain.hpp"
#include "clearformer/sampling/draw.hpp"
#include "clearformer/sampling/measures.hpp"
#include "clearformer/sampling/mirostat.hpp"
#include "clearformer/sampling/search.hpp"
#include "clearformer/sampling/speculative.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

std::vector<SamplerStage> chain_of(const Json& list) {
    std::vector<SamplerStage> chain;
    for (const Json& item : list) {
        SamplerStage stage;
        stage.type = item["type"];
        const auto number = [&](std::optional<double>& to, const char* name) {
            if (item.contains(name)) to = item[name].get<double>();
        };
        const auto integer = [&](std::optional<int>& to, const char* name) {
            if (item.contains(name)) to = item[name].get<int>();
        };
        number(stage.temperature, "t");
        number(stage.p, "p");
        number(stage.epsilon, "eps");
        number(stage.n, "n");
        number(stage.h, "h");
        number(stage.threshold, "threshold");
        number(stage.probability, "probability");
        number(stage.penalty, "penalty");
        number(stage.repeat, "repeat");
        number(stage.frequency, "freq");
        number(stage.presence, "presence");
        number(stage.multiplier, "multiplier");
        number(stage.base, "base");
        integer(stage.k, "k");
        integer(stage.min_keep, "min_keep");
        integer(stage.last_n, "last_n");
        integer(stage.allowed, "allowed");
        if (item.contains("breakers")) stage.breakers = item["breakers"].get<std::vector<int>>();
        chain.push_back(stage);
    }
    return chain;
}

void check_number(double actual, const char* name, const Json& c) {
    CAPTURE(name);
    check_numbers({actual}, {number_of(c["expected"][name])}, c);
}

/// A list of [tokens, log-probability, score]; the score may be missing.
void check_hypotheses(const std::vector<Hypothesis>& actual, const Json& expected, const Json& c) {
    REQUIRE(actual.size() == expected.size());
    for (Size i = 0; i < actual.size(); ++i) {
        CHECK(Json(actual[i].tokens).dump() == expected[i][0].dump());
        check_numbers({actual[i].log_probability}, {expected[i][1].get<double>()}, c);
        if (expected[i].size() > 2) check_numbers({actual[i].score}, {expected[i][2].get<double>()}, c);
    }
}

std::vector<int> tokens_of(const Json& c) { return c["params"].value("tokens", std::vector<int>{}); }

}  // namespace

TEST_CASE("sampler chains conform") {
    for_each_case("sampling", "sampler_chain", [](const Json& c) {
        SamplerChainOptions o;
        o.logits = tensor_of(c["inputs"]["logits"]);
        o.chain = chain_of(c["params"]["chain"]);
        o.semantics = c["params"]["semantics"];
        o.tokens = tokens_of(c);
        const auto r = sampler_chain(o);
        if (!c["params"].value("boundary", false)) {
            CHECK(r.kept == c["expected"]["kept"].get<std::vector<int>>());
            check_tensor(r.logits_out, "logits_out", c);
            check_tensor(r.probabilities, "probs", c);
        } else {
            CHECK(r.kept.size() == c["expected"]["kept"].size());
            std::vector<double> actual = r.probabilities.data, expected = numbers_of(c["expected"]["probs"]["data"]);
            std::sort(actual.begin(), actual.end());
            std::sort(expected.begin(), expected.end());
            check_numbers(actual, expected, c);
        }
        REQUIRE(r.stages.size() == o.chain.size());
        CHECK(r.stages.back().kept == r.kept);
        CHECK(r.stages.back().probabilities.data == r.probabilities.data);
    });
}

TEST_CASE("the published tables of both libraries are met") {
    for_each_case("sampling", "sampler_published", [](const Json& c) {
        FilterProbabilitiesOptions o;
        o.probabilities = tensor_of(c["inputs"]["probs_in"]);
        o.chain = chain_of(c["params"]["chain"]);
        o.semantics = c["params"]["semantics"];
        o.tokens = tokens_of(c);
        o.order = c["params"]["order"] == "by token id" ? "token" : "candidates";
        o.renormalise = o.semantics != "hf" && o.chain[0].type != "xtc" && o.chain[0].type != "typical";
        check_tensor(filter_probabilities(o).probabilities, "probs_out", c);
    });
}

TEST_CASE("bans of repeated n-grams conform") {
    for_each_case("sampling", "no_repeat_ngram", [](const Json& c) {
        const auto r = no_repeat_ngrams({tokens_of(c), c["params"]["n"], c["params"]["vocab"]});
        CHECK(r.banned == c["expected"]["banned"].get<std::vector<int>>());
    });
}

TEST_CASE("entropy and perplexity conform") {
    for_each_case("sampling", "entropy_perplexity", [](const Json& c) {
        TokenMeasuresOptions o;
        o.logits = tensor_of(c["inputs"]["logits"]);
        o.targets = c["params"]["targets"].get<std::vector<int>>();
        const auto r = token_measures(o);
        check_tensor(r.log_probabilities, "logprobs", c);
        check_tensor(r.entropy, "entropy_nats", c);
        check_tensor(r.entropy_bits, "entropy_bits", c);
        check_tensor(r.varentropy, "varentropy", c);
        check_tensor(*r.nll, "nll", c);
        check_number(*r.mean_nll, "mean_nll", c);
        check_number(*r.perplexity, "perplexity", c);
        check_number(*r.bits_per_token, "bits_per_token", c);
    });
}

TEST_CASE("divergences conform") {
    for_each_case("sampling", "divergences", [](const Json& c) {
        DivergencesOptions o;
        o.logits_p = tensor_of(c["inputs"]["logits_p"]);
        o.logits_q = tensor_of(c["inputs"]["logits_q"]);
        const auto r = divergences(o);
        check_number(r.kl_pq, "kl_pq", c);
        check_number(r.kl_qp, "kl_qp", c);
        check_number(r.js, "js", c);
        check_number(r.tv, "tv", c);
        check_number(r.cross_entropy_pq, "cross_entropy_pq", c);
    });
}

TEST_CASE("draws by the inverse distribution function conform") {
    for_each_case("sampling", "inverse_cdf", [](const Json& c) {
        InverseCdfOptions o;
        o.probabilities = tensor_of(c["inputs"]["probs"]);
        o.u = numbers_of(c["inputs"]["u"]);
        CHECK(inverse_cdf(o).index == c["expected"]["index"].get<std::vector<int>>());
    });
}

TEST_CASE("draws by Gumbel noise conform") {
    for_each_case("sampling", "gumbel_max", [](const Json& c) {
        GumbelMaxOptions o;
        o.logits = tensor_of(c["inputs"]["logits"]);
        o.u = tensor_of(c["inputs"]["u"]);
        const auto r = gumbel_max(o);
        check_tensor(r.gumbel, "gumbel", c);
        check_tensor(r.scores, "scores", c);
        CHECK(r.index == c["expected"]["index"].get<int>());
    });
}

TEST_CASE("guidance conforms") {
    for_each_case("sampling", "llm_cfg", [](const Json& c) {
        LogitGuidanceOptions o;
        o.conditional = tensor_of(c["inputs"]["cond_logits"]);
        o.unconditional = tensor_of(c["inputs"]["uncond_logits"]);
        o.guidance = c["params"]["guidance"];
        check_tensor(logit_guidance(o).scores, "scores", c);
    });
}

TEST_CASE("contrastive search conforms") {
    for_each_case("sampling", "contrastive_search", [](const Json& c) {
        ContrastiveSearchOptions o;
        o.probabilities = tensor_of(c["inputs"]["probs"]);
        o.history = tensor_of(c["inputs"]["history"]);
        o.candidates = tensor_of(c["inputs"]["candidates"]);
        o.alpha = c["params"]["alpha"];
        const auto r = contrastive_search(o);
        check_tensor(r.max_cosine, "max_cosine", c);
        check_tensor(r.score, "score", c);
        CHECK(r.index == c["expected"]["index"].get<int>());
    });
}

TEST_CASE("speculative acceptance conforms") {
    for_each_case("sampling", "speculative", [](const Json& c) {
        SpeculativeOptions o;
        o.target = tensor_of(c["inputs"]["target_p"]);
        o.draft = tensor_of(c["inputs"]["draft_q"]);
        o.gammas = c["params"]["gammas"].get<std::vector<int>>();
        const auto r = speculative_acceptance(o);
        check_tensor(r.acceptance, "accept_prob_if_drafted", c);
        check_tensor(r.residual, "residual", c);
        check_tensor(r.marginal, "marginal", c);
        check_number(r.acceptance_rate, "acceptance_rate", c);
        check_numbers(r.expected_tokens, numbers_of(c["expected"]["expected_tokens_per_step"]), c);
    });
}

TEST_CASE("mirostat conforms") {
    for_each_case("sampling", "mirostat_v2", [](const Json& c) {
        MirostatOptions o;
        o.logits = tensor_of(c["inputs"]["logits"]);
        o.tau = c["params"]["tau"];
        o.eta = c["params"]["eta"];
        o.mu0 = c["params"]["mu0"].get<double>();
        o.drawn_tokens = c["inputs"]["drawn_tokens"].get<std::vector<int>>();
        const auto r = mirostat(o);
        const Json& steps = c["expected"]["steps"];
        REQUIRE(r.steps.size() == steps.size());
        for (Size t = 0; t < steps.size(); ++t) {
            const MirostatStep& step = r.steps[t];
            CHECK(step.kept == steps[t]["kept"].get<std::vector<int>>());
            CHECK(step.token == steps[t]["token"].get<int>());
            check_numbers({step.mu_before, step.surprise, step.mu_after},
                          {steps[t]["mu_before"], steps[t]["surprise_bits"], steps[t]["mu_after"]}, c);
        }
    });
}

TEST_CASE("greedy search conforms") {
    for_each_case("sampling", "greedy_table", [](const Json& c) {
        GreedySearchOptions o;
        o.transition = tensor_of(c["inputs"]["transition"]);
        o.max_len = c["params"]["max_len"];
        o.bos = c["params"]["bos"];
        o.eos = c["params"]["eos"].get<int>();
        const auto r = greedy_search(o);
        CHECK(r.tokens == c["expected"]["sequence"].get<std::vector<int>>());
        check_number(r.log_probability, "logprob", c);
    });
}

TEST_CASE("beam search conforms, step by step") {
    for_each_case("sampling", "beam_search_table", [](const Json& c) {
        BeamSearchOptions o;
        o.transition = tensor_of(c["inputs"]["transition"]);
        o.num_beams = c["params"]["num_beams"];
        o.length_penalty = c["params"]["length_penalty"];
        o.max_len = c["params"]["max_len"];
        o.bos = c["params"]["bos"];
        o.eos = c["params"]["eos"].get<int>();
        const auto r = beam_search(o);
        check_hypotheses(r.finished, c["expected"]["finished"], c);
        const Json& steps = c["expected"]["steps"];
        REQUIRE(r.steps.size() == steps.size());
        for (Size t = 0; t < steps.size(); ++t) {
            check_hypotheses(r.steps[t].live, steps[t]["live"], c);
            check_hypotheses(r.steps[t].finished, steps[t]["finished"], c);
        }
    });
}

TEST_CASE("exhaustive search conforms") {
    for_each_case("sampling", "exhaustive_gnmt", [](const Json& c) {
        ExhaustiveSearchOptions o;
        o.transition = tensor_of(c["inputs"]["transition"]);
        o.alpha = c["params"]["alpha"];
        o.max_len = c["params"]["max_len"];
        check_hypotheses(exhaustive_search(o).finished, c["expected"]["top5_finished"], c);
    });
}

TEST_CASE("the exponential length penalty conforms") {
    for_each_case("sampling", "exp_decay_length", [](const Json& c) {
        ExponentialLengthPenaltyOptions o;
        o.logits = tensor_of(c["inputs"]["logits"]);
        o.eos = c["params"]["eos"];
        o.start = c["params"]["start"];
        o.factor = c["params"]["factor"];
        o.length = c["params"]["cur_len"];
        o.prompt_length = c["params"]["prompt_len"];
        check_tensor(exponential_length_penalty(o).logits_out, "logits_out", c);
    });
}
