// Draws, measures, speculative decoding, mirostat and searches: what must hold for any input.

#include <numeric>

#include "clearformer/ops/softmax.hpp"
#include "clearformer/sampling/draw.hpp"
#include "clearformer/sampling/measures.hpp"
#include "clearformer/sampling/mirostat.hpp"
#include "clearformer/sampling/penalties.hpp"
#include "clearformer/sampling/search.hpp"
#include "clearformer/sampling/speculative.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

Array<double> row(std::vector<double> values) { return Array<double>({values.size()}, values); }

/// Rows of a softmax of normal logits.
Array<double> distributions(Shape shape, std::uint64_t seed) {
    Array<double> p = normal(shape, seed);
    for (Size r = 0; r < p.rows(); ++r) softmax_row(p.row(r), p.row(r), p.width());
    return p;
}

}  // namespace

TEST_CASE("both ways of drawing give tokens as often as their probabilities say") {
    const Array<double> p = row({0.5, 0.3, 0.15, 0.05});
    InverseCdfOptions inverse;
    inverse.probabilities = p;
    inverse.draws = 20000;
    GumbelMaxOptions gumbel;
    gumbel.logits = p;
    for (double& logit : gumbel.logits.data) logit = std::log(logit);
    std::vector<double> by_inverse(4), by_gumbel(4);
    for (int id : inverse_cdf(inverse).index) by_inverse[static_cast<Size>(id)] += 1.0 / 20000;
    for (std::uint32_t seed = 0; seed < 20000; ++seed) {
        gumbel.seed = seed;
        by_gumbel[static_cast<Size>(gumbel_max(gumbel).index)] += 1.0 / 20000;
    }
    CHECK(distance(by_inverse, p.data) < 0.015);
    CHECK(distance(by_gumbel, p.data) < 0.015);
}

TEST_CASE("a token without probability is never drawn, not even where rounding leaves a gap") {
    InverseCdfOptions o;
    o.probabilities = row({0, 0.4, 0, 0.5999, 0});
    o.u = std::vector<double>{0, 0.39, 0.4, 0.99995, 1 - 0x1.0p-53};
    CHECK(inverse_cdf(o).index == std::vector<int>{1, 1, 3, 3, 3});
    o.order = "probability";
    const auto r = inverse_cdf(o);
    CHECK(r.order == std::vector<int>{3, 1, 0, 2, 4});
    CHECK(r.index == std::vector<int>{3, 3, 3, 1, 1});
}

TEST_CASE("an even distribution has the entropy of its number and no varentropy") {
    TokenMeasuresOptions o;
    o.logits = Array<double>({1, 8}, 3);
    o.targets = std::vector<int>{5};
    const auto r = token_measures(o);
    CHECK(r.entropy_bits.data[0] == doctest::Approx(3));
    CHECK(r.varentropy.data[0] < 1e-25);
    CHECK(*r.perplexity == doctest::Approx(8));
}

TEST_CASE("impossible tokens add nothing to an entropy and are infinitely surprising") {
    TokenMeasuresOptions o;
    o.logits = Array<double>({1, 3}, std::vector<double>{1, 1, -kInfinity});
    o.targets = std::vector<int>{2};
    const auto r = token_measures(o);
    CHECK(r.entropy.data[0] == doctest::Approx(std::log(2)));
    CHECK(r.nll->data[0] == kInfinity);
    CHECK(*r.perplexity == kInfinity);
}

TEST_CASE("divergences are 0 between equals, positive otherwise, and bounded where they should be") {
    DivergencesOptions o;
    o.logits_p = o.logits_q = normal({20}, 1);
    auto r = divergences(o);
    CHECK(r.kl_pq == 0);
    CHECK(r.js == doctest::Approx(0));
    CHECK(r.tv == 0);
    o.logits_q = normal({20}, 2);
    r = divergences(o);
    CHECK(r.kl_pq > 0);
    CHECK(r.tv * r.tv <= r.kl_pq / 2);  // Pinsker
    o.logits_p = row({0, -kInfinity});
    o.logits_q = row({-kInfinity, 0});
    r = divergences(o);
    CHECK(r.kl_pq == kInfinity);
    CHECK(r.js == doctest::Approx(std::log(2)));
    CHECK(r.tv == 1);
}

TEST_CASE("speculative decoding gives the target's distribution") {
    SpeculativeOptions o;
    o.target = distributions({30}, 1);
    o.draft = distributions({30}, 2);
    const auto r = speculative_acceptance(o);
    CHECK(distance(r.marginal.data, o.target.data) < 1e-15);
    CHECK(std::accumulate(r.residual.data.begin(), r.residual.data.end(), 0.0) == doctest::Approx(1));
    o.draft = o.target;
    const auto equal = speculative_acceptance(o);
    CHECK(equal.acceptance_rate == doctest::Approx(1));
    CHECK(equal.residual.data == std::vector<double>(30));
    CHECK(equal.expected_tokens[3] == doctest::Approx(9));
}

TEST_CASE("tokens of speculative steps are distributed as the target's") {
    SpeculativeStepOptions o;
    o.target = Array<double>({2, 3}, std::vector<double>{0.6, 0.3, 0.1, 0.2, 0.2, 0.6});
    o.draft = Array<double>({1, 3}, std::vector<double>{0.2, 0.2, 0.6});
    InverseCdfOptions draft;
    draft.probabilities = row({0.2, 0.2, 0.6});
    std::vector<double> first(3);
    for (std::uint32_t seed = 0; seed < 20000; ++seed) {
        o.seed = seed;
        draft.seed = seed + 500000;
        o.drafted = inverse_cdf(draft).index;
        const auto r = speculative_step(o);
        CHECK(r.tokens.size() == static_cast<Size>(r.accepted) + 1);
        first[static_cast<Size>(r.tokens[0])] += 1.0 / 20000;
    }
    CHECK(distance(first, std::vector<double>{0.6, 0.3, 0.1}) < 0.015);
}

TEST_CASE("mirostat brings the surprise to its target") {
    MirostatOptions o;
    o.logits = normal({3000, 50}, 1);
    o.tau = 3;
    const auto r = mirostat(o);
    double mean = 0;
    for (Size t = 1000; t < 3000; ++t) mean += r.steps[t].surprise / 2000;
    CHECK(std::fabs(mean - 3) < 0.05);
    CHECK(r.steps[0].mu_before == 6);
    CHECK(r.steps[1].mu_before == r.steps[0].mu_after);
}

TEST_CASE("n-grams are banned exactly where one would occur twice") {
    Random random(3);
    for (int n : {1, 2, 3}) {
        for (int round = 0; round < 50; ++round) {
            std::vector<int> tokens;
            for (int i = 0; i < round % 12; ++i) tokens.push_back(static_cast<int>(random.next() % 3));
            const std::vector<int> banned = no_repeat_ngrams({tokens, n, 3}).banned;
            for (int next = 0; next < 3; ++next) {
                std::vector<int> longer = tokens;
                longer.push_back(next);
                bool twice = false;
                for (std::ptrdiff_t i = 0; i + n < static_cast<std::ptrdiff_t>(longer.size()); ++i)
                    twice |= std::equal(longer.begin() + i, longer.begin() + i + n, longer.end() - n);
                CHECK(twice == (std::find(banned.begin(), banned.end(), next) != banned.end()));
            }
        }
    }
}

TEST_CASE("guidance 1 gives the conditional log-probabilities, guidance 0 the others") {
    LogitGuidanceOptions o;
    o.conditional = normal({6}, 1);
    o.unconditional = normal({6}, 2);
    TokenMeasuresOptions measures;
    measures.logits = Array<double>({1, 6}, o.conditional.data);
    o.guidance = 1;
    CHECK(distance(logit_guidance(o).scores.data, token_measures(measures).log_probabilities.data) < 1e-14);
    measures.logits.data = o.unconditional.data;
    o.guidance = 0;
    CHECK(distance(logit_guidance(o).scores.data, token_measures(measures).log_probabilities.data) < 1e-14);
}

TEST_CASE("wide enough beams find what the exhaustive search finds") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        BeamSearchOptions beam;
        ExhaustiveSearchOptions exhaustive;
        beam.transition = exhaustive.transition = distributions({4, 5}, seed);
        beam.max_len = exhaustive.max_len = 4;
        beam.num_beams = 1000;
        beam.length_penalty = 0;
        exhaustive.best = 3;
        const auto found = beam_search(beam).finished;
        const auto all = exhaustive_search(exhaustive);
        Size ended = 0;
        for (const Hypothesis& h : found) {
            if (h.tokens.back() != 4 || ended == 3) continue;
            CHECK(h.tokens == all.finished[ended].tokens);
            CHECK(h.score == doctest::Approx(all.finished[ended++].score));
        }
        CHECK(ended == 3);
        CHECK(all.count == 1 + 4 + 16 + 64);
    }
}

TEST_CASE("one beam is greedy until greedy ends") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        GreedySearchOptions greedy;
        BeamSearchOptions beam;
        greedy.transition = beam.transition = distributions({5, 6}, seed);
        greedy.max_len = beam.max_len = 6;
        beam.num_beams = 1;
        beam.early_stopping = true;
        const auto g = greedy_search(greedy);
        const auto b = beam_search(beam);
        REQUIRE(b.finished.size() == 1);
        CHECK(b.finished[0].tokens == g.tokens);
        CHECK(b.finished[0].log_probability == doctest::Approx(g.log_probability));
    }
}

TEST_CASE("each candidate of a beam step is live, finished or dropped, and its parent's continuation") {
    BeamSearchOptions o;
    o.transition = distributions({5, 6}, 3);
    o.num_beams = 3;
    o.max_len = 4;
    const auto r = beam_search(o);
    REQUIRE(r.steps.size() == 4);
    for (Size t = 1; t < r.steps.size(); ++t) {
        int live = 0;
        for (const BeamCandidate& c : r.steps[t].candidates) {
            const std::vector<int> parent(c.tokens.begin(), c.tokens.end() - 1);
            CHECK(parent == r.steps[t - 1].live[static_cast<Size>(c.parent)].tokens);
            if (c.rank > 0) CHECK(c.log_probability <= r.steps[t].candidates[static_cast<Size>(c.rank) - 1].log_probability);
            live += c.outcome == "live";
        }
        CHECK(static_cast<Size>(live) == r.steps[t].live.size());
        CHECK(r.steps[t].candidates.size() == 18);
    }
    CHECK(r.steps[3].live.empty());
}

TEST_CASE("searches refuse tables that they cannot walk") {
    GreedySearchOptions greedy;
    greedy.transition = Array<double>({1, 3}, std::vector<double>{0, 1, 0});
    CHECK_THROWS_WITH_AS(greedy_search(greedy), "greedy_search: token 1 has to be followed, but transition has only 1 rows",
                         DomainError);
    greedy.transition = Array<double>({1, 3});
    CHECK_THROWS_AS(greedy_search(greedy), DomainError);
    greedy.bos = 3;
    CHECK_THROWS_WITH_AS(greedy_search(greedy), "greedy_search: bos and eos must lie below the vocabulary size 3, got 3",
                         DomainError);
    ExhaustiveSearchOptions exhaustive;
    exhaustive.transition = distributions({50, 50}, 1);
    exhaustive.max_len = 10;
    CHECK_THROWS_AS(exhaustive_search(exhaustive), DomainError);
    BeamSearchOptions beam;
    beam.transition = Array<double>({1, 3});
    CHECK(beam_search(beam).finished.empty());
    beam.num_beams = 0;
    CHECK_THROWS_AS(beam_search(beam), DomainError);
}

TEST_CASE("a vector of zeros resembles nothing") {
    ContrastiveSearchOptions o;
    o.probabilities = row({0.5, 0.5});
    o.history = Array<double>({1, 2}, std::vector<double>{3, 0});
    o.candidates = Array<double>({2, 2}, std::vector<double>{0, 0, 1, 0});
    const auto r = contrastive_search(o);
    CHECK(r.max_cosine.data == std::vector<double>{0, 1});
    CHECK(r.index == 0);
}

TEST_CASE("values outside the domains are refused") {
    InverseCdfOptions inverse;
    inverse.probabilities = row({0.5, 0.4});
    CHECK_THROWS_WITH_AS(inverse_cdf(inverse), "inverse_cdf: probabilities must sum to 1, got 0.9", DomainError);
    inverse.probabilities = row({0.5, 0.5});
    inverse.u = std::vector<double>{1};
    CHECK_THROWS_WITH_AS(inverse_cdf(inverse), "inverse_cdf: u must be from 0 to below 1, got 1", DomainError);
    GumbelMaxOptions gumbel;
    gumbel.logits = row({-kInfinity});
    CHECK_THROWS_AS(gumbel_max(gumbel), DomainError);
    MirostatOptions mirostat_options;
    mirostat_options.logits = Array<double>({1, 3}, std::vector<double>{9, 0, 0});
    mirostat_options.mu0 = 0.1;
    mirostat_options.drawn_tokens = std::vector<int>{2};
    CHECK_THROWS_WITH_AS(mirostat(mirostat_options), "mirostat: drawn_tokens must be among the tokens kept, got 2 at step 0",
                         DomainError);
    TokenMeasuresOptions measures;
    measures.logits = Array<double>({1, 2});
    measures.targets = std::vector<int>{2};
    CHECK_THROWS_AS(token_measures(measures), DomainError);
    ExponentialLengthPenaltyOptions length;
    length.logits = row({1, 2});
    length.factor = 10;
    length.length = 1000;
    CHECK_THROWS_AS(exponential_length_penalty(length), DomainError);
}
