#include "clearformer/sampling/chain.hpp"

#include <numeric>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

SamplerStage stage(const char* type) {
    SamplerStage s;
    s.type = type;
    return s;
}

SamplerStage with_p(const char* type, double p, int min_keep = 1) {
    SamplerStage s = stage(type);
    s.p = p;
    s.min_keep = min_keep;
    return s;
}

SamplerStage top_k(int k) {
    SamplerStage s = stage("top_k");
    s.k = k;
    return s;
}

SamplerStage temperature(double t) {
    SamplerStage s = stage("temperature");
    s.temperature = t;
    return s;
}

SamplerChainResult run(const Array<double>& logits, std::vector<SamplerStage> chain, const char* semantics = "hf",
                       std::vector<int> tokens = {}) {
    SamplerChainOptions o;
    o.logits = logits;
    o.chain = std::move(chain);
    o.semantics = semantics;
    o.tokens = std::move(tokens);
    return sampler_chain(o);
}

Array<double> row(std::vector<double> values) { return Array<double>({values.size()}, values); }

double total(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

using Kept = std::vector<int>;

}  // namespace

TEST_CASE("a filter keeps the ratios of what it keeps, and the probabilities sum to 1") {
    const Array<double> logits = normal({500}, 1, 3);
    const auto whole = run(logits, {});
    SamplerStage eta = stage("eta"), sigma = stage("top_n_sigma"), top_h = stage("top_h");
    eta.epsilon = 0.01;
    sigma.n = 1;
    top_h.h = 0.6;
    for (const SamplerStage& filter : {top_k(7), with_p("top_p", 0.8), with_p("min_p", 0.1), with_p("typical", 0.7), eta,
                                       sigma, top_h, stage("p_less")}) {
        CAPTURE(filter.type);
        const auto r = run(logits, {filter});
        CHECK(r.kept.size() < 500);
        CHECK(total(r.probabilities.data) == doctest::Approx(1));
        double kept = 0;
        for (int id : r.kept) kept += whole.probabilities.data[static_cast<Size>(id)];
        for (int id : r.kept) {
            const Size i = static_cast<Size>(id);
            CHECK(r.probabilities.data[i] == doctest::Approx(whole.probabilities.data[i] / kept));
            CHECK(r.logits_out.data[i] == logits.data[i]);
        }
    }
}

TEST_CASE("top-p keeps the shortest prefix that reaches p") {
    const Array<double> logits = normal({2000}, 2, 1.5);
    auto sorted = run(logits, {}).probabilities.data;
    std::sort(sorted.begin(), sorted.end(), std::greater<double>());
    for (double p : {0.0, 0.01, 0.3, 0.77, 0.99, 0.9999}) {
        for (const char* semantics : {"hf", "llama.cpp"}) {
            const Size kept = run(logits, {with_p("top_p", p)}, semantics).kept.size();
            CHECK(std::accumulate(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(kept), 0.0) >= p);
            if (kept > 1)
                CHECK(std::accumulate(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(kept) - 1, 0.0) < p);
        }
    }
}

TEST_CASE("sums that equal p on paper reach it") {
    const auto logs = [](std::vector<double> p) {
        for (double& x : p) x = std::log(x);
        return row(p);
    };
    CHECK(run(logs({0.1, 0.2, 0.3, 0.4}), {with_p("top_p", 0.7)}).kept == Kept{2, 3});
    CHECK(run(logs({0.3, 0.1, 0.1, 0.5}), {with_p("top_p", 0.8)}).kept == Kept{0, 3});
    CHECK(run(logs({0.3, 0.1, 0.1, 0.5}), {with_p("top_p", 0.8)}, "llama.cpp").kept == Kept{0, 3});
    CHECK(run(logs({0.1, 0.2, 0.3, 0.4}), {with_p("min_p", 0.5)}).kept == Kept{1, 2, 3});
}

TEST_CASE("filters applied twice with a temperature of 1 between them change nothing the second time, top-k and min-p") {
    const Array<double> logits = normal({100}, 3);
    for (const SamplerStage& filter : {top_k(9), with_p("min_p", 0.3)})
        CHECK(run(logits, {filter}).kept == run(logits, {filter, temperature(1), filter}).kept);
}

TEST_CASE("the order of temperature and truncation matters for top-p and not for top-k") {
    const Array<double> logits = normal({100}, 4);
    CHECK(run(logits, {temperature(3), top_k(8)}).kept == run(logits, {top_k(8), temperature(3)}).kept);
    CHECK(run(logits, {temperature(3), with_p("top_p", 0.8)}).kept.size() >
          run(logits, {with_p("top_p", 0.8), temperature(3)}).kept.size());
}

TEST_CASE("the libraries treat ties differently") {
    const Array<double> tied = row({1, 3, 3, 3, 0});
    CHECK(run(tied, {top_k(2)}).kept == Kept{1, 2, 3});
    CHECK(run(tied, {top_k(2)}, "llama.cpp").kept == Kept{1, 2});
    const Array<double> even = row({0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK(run(even, {with_p("top_p", 0.55)}).kept == Kept{4, 5, 6, 7, 8, 9});
    CHECK(run(even, {with_p("top_p", 0.55)}, "llama.cpp").kept == Kept{0, 1, 2, 3, 4, 5});
}

TEST_CASE("parameters that are not given are those of the library") {
    const Array<double> logits = normal({100}, 5);
    CHECK(run(logits, {stage("top_k")}).kept.size() == 50);
    CHECK(run(logits, {stage("top_k")}, "llama.cpp").kept.size() == 40);
    CHECK(run(logits, {stage("top_p")}).kept.size() == 100);
    CHECK(run(logits, {stage("top_p")}, "llama.cpp").kept == run(logits, {with_p("top_p", 0.95)}, "llama.cpp").kept);
    CHECK(run(logits, {stage("temperature")}).logits_out.data == logits.data);
    CHECK(run(logits, {stage("temperature")}, "llama.cpp").logits_out.data ==
          run(logits, {temperature(0.8)}).logits_out.data);
}

TEST_CASE("temperature 0 keeps the largest logit, of equal ones the first") {
    const auto r = run(row({1, 3, 3, 0}), {temperature(0)});
    CHECK(r.kept == Kept{1});
    CHECK(r.logits_out.data[1] == 3);
}

TEST_CASE("the dynamic temperature is highest for an even distribution and lowest for a certain one") {
    SamplerStage dynamic = stage("dynamic_temperature");
    dynamic.temperature = 1;
    dynamic.range = 0.5;
    CHECK(run(row({2, 2, 2}), {dynamic}).logits_out.data[0] == doctest::Approx(2 / 1.5));
    CHECK(run(row({60, 0, 0}), {dynamic}).logits_out.data[0] == doctest::Approx(60 / 0.5));
    dynamic.range = 0;
    CHECK(run(row({60, 0, 0}), {dynamic}).logits_out.data[0] == 60);
    // From the definition: entropy of softmax [1, 0] is 0.58220 nats, log 2 is 0.69315.
    dynamic.range = 0.5;
    dynamic.exponent = 2;
    CHECK(run(row({1, 0}), {dynamic}).logits_out.data[0] ==
          doctest::Approx(1 / (0.5 + std::pow(0.5822031089 / 0.6931471806, 2))).epsilon(1e-8));
}

TEST_CASE("locally typical sampling can drop the likeliest token") {
    CHECK(run(row({std::log(0.4), std::log(0.2), std::log(0.2), std::log(0.2)}), {with_p("typical", 0.5)}).kept ==
          Kept{1, 2, 3});
}

TEST_CASE("xtc happens as often as its probability says, and the same seed does the same") {
    SamplerStage xtc = stage("xtc");
    xtc.probability = 0.3;
    SamplerChainOptions o;
    o.logits = row({1, 1, 1, -5});
    o.chain = {xtc};
    int happened = 0;
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        o.seed = seed;
        happened += sampler_chain(o).kept.size() < 4;
    }
    CHECK(std::abs(happened - 600) < 80);
    o.chain[0].probability = 0;
    CHECK(sampler_chain(o).kept.size() == 4);
}

TEST_CASE("penalties look at the last tokens only") {
    SamplerStage penalties = stage("penalties");
    penalties.last_n = 2;
    penalties.frequency = 0.5;
    penalties.presence = 0.25;
    penalties.repeat = 2;
    const auto r = run(row({4, -4, 4, 4}), {penalties}, "llama.cpp", {0, 1, 3, 3});
    CHECK(r.logits_out.data == std::vector<double>{4, -4, 4, 4. / 2 - 2 * 0.5 - 0.25});
    penalties.last_n = 0;
    CHECK(run(row({4, 4}), {penalties}, "hf", {0, 1}).logits_out.data == std::vector<double>{4, 4});
}

TEST_CASE("frequency and presence are the two halves of penalties") {
    SamplerStage both = stage("penalties"), frequency = stage("frequency"), presence = stage("presence");
    both.last_n = -1;
    both.frequency = frequency.penalty = 0.5;
    both.presence = presence.penalty = 0.25;
    const Array<double> logits = row({1, 2, 3, 4});
    const std::vector<int> tokens = {0, 2, 2, 2};
    CHECK(run(logits, {both}, "hf", tokens).logits_out.data ==
          run(logits, {frequency, presence}, "hf", tokens).logits_out.data);
}

TEST_CASE("a chain that drops everything leaves nothing, and no stage fails on nothing") {
    SamplerStage all = stage("suppress"), sigma = stage("top_n_sigma"), epsilon = stage("epsilon"), top_h = stage("top_h");
    all.tokens = std::vector<int>{0, 1, 2};
    sigma.n = 1;
    epsilon.epsilon = 0.1;
    top_h.h = 0.5;
    for (const char* semantics : {"hf", "llama.cpp"}) {
        const auto r = run(row({1, 2, 3}),
                           {all, temperature(0), temperature(2), top_k(2), with_p("top_p", 0.5), with_p("min_p", 0.5),
                            with_p("typical", 0.5), sigma, epsilon, top_h, stage("p_less"), stage("xtc")},
                           semantics);
        CHECK(r.kept.empty());
        CHECK(r.probabilities.data == std::vector<double>(3));
    }
    CHECK(run(Array<double>({0}), {top_k(2)}).kept.empty());
}

TEST_CASE("every stage's outcome is returned unless it is not wanted") {
    SamplerChainOptions o;
    o.logits = row({2, 1, 0, -1});
    o.chain = {top_k(3), temperature(2)};
    const auto r = sampler_chain(o);
    REQUIRE(r.stages.size() == 2);
    CHECK(r.stages[0].type == "top_k");
    CHECK(r.stages[0].kept == Kept{0, 1, 2});
    CHECK(r.stages[0].logits.data == std::vector<double>{2, 1, 0, -kInfinity});
    CHECK(r.stages[1].probabilities.data == r.probabilities.data);
    o.stages = false;
    CHECK(sampler_chain(o).stages.empty());
}

TEST_CASE("llama.cpp's candidates come sorted where a stage sorts them") {
    FilterProbabilitiesOptions o;
    o.probabilities = row({0.1, 0.2, 0.3, 0.4});
    o.semantics = "llama.cpp";
    o.order = "candidates";
    SamplerStage sigma = stage("top_n_sigma");
    sigma.n = 1;
    o.chain = {sigma};
    const auto masked = filter_probabilities(o);
    CHECK(distance(masked.probabilities.data, std::vector<double>{0, 0, 0.3 / 0.7, 0.4 / 0.7}) < 1e-12);
    CHECK(masked.ids == Kept{0, 1, 2, 3});
    o.chain = {with_p("min_p", 0.49)};
    CHECK(filter_probabilities(o).ids == Kept{1, 2, 3});
    o.chain = {top_k(3)};
    CHECK(filter_probabilities(o).ids == Kept{3, 2, 1});
}

TEST_CASE("stages are refused with the rule and the value") {
    const Array<double> logits = row({1, 2});
    const auto refuses = [&](const SamplerStage& s, const char* words) {
        CHECK_THROWS_WITH_AS(run(logits, {s}), words, DomainError);
    };
    refuses(temperature(-1), "sampler_chain: temperature of stage temperature must be at least 0, got -1");
    refuses(temperature(0x1p-900),
            "sampler_chain: logits must be -infinity or between -1e150 and 1e150, got 8.4527124981706439e+270");
    SamplerStage mixed = top_k(3);
    mixed.p = 0.5;
    refuses(mixed, "sampler_chain: stage top_k takes k min_keep, not p");
    refuses(stage("epsilon"), "sampler_chain: stage epsilon needs epsilon");
    SamplerStage ngram = stage("no_repeat_ngram");
    ngram.n = 1.5;
    refuses(ngram, "sampler_chain: n of stage no_repeat_ngram must be a whole number from 1 to 1e9, got 1.5");
    SamplerStage bias = stage("logit_bias");
    bias.tokens = std::vector<int>{0, 5};
    bias.biases = std::vector<double>{1, 2};
    refuses(bias, "sampler_chain: tokens of stage logit_bias must lie below the vocabulary size 2, got 5");
    bias.tokens = std::vector<int>{0};
    refuses(bias, "sampler_chain: stage logit_bias needs one bias for each token, got 2 for 1");
    CHECK_THROWS_WITH_AS(run(logits, {}, "vllm"), "sampler_chain: semantics must be hf or llama.cpp, got \"vllm\"",
                         DomainError);
    CHECK_THROWS_WITH_AS(run(logits, {}, "hf", {2}), "sampler_chain: tokens must lie below the vocabulary size 2, got 2",
                         DomainError);
    CHECK_THROWS_AS(run(row({kInfinity, 1}), {}), DomainError);
    CHECK_THROWS_AS(run(logits, {stage("softmax")}), DomainError);
}
