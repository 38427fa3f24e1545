#include "clearformer/attention/attention.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

template <class Real>
AttentionOptions<Real> problem(Size H, Size G, Size T, Size S, Size D, Size Dv, std::uint64_t seed = 1) {
    AttentionOptions<Real> o;
    o.q = normal<Real>({H, T, D}, seed);
    o.k = normal<Real>({G, S, D}, seed + 1);
    o.v = normal<Real>({G, S, Dv}, seed + 2);
    return o;
}

}  // namespace

TEST_CASE("each row of attention weights sums to 1") {
    const auto r = attention(problem<double>(3, 3, 7, 9, 4, 5));
    for (Size i = 0; i < r.weights.rows(); ++i) {
        double sum = 0;
        for (Size s = 0; s < 9; ++s) sum += r.weights.row(i)[s];
        CHECK(sum == doctest::Approx(1).epsilon(1e-14));
    }
}

TEST_CASE("the softmax does not notice a constant added to every logit of a row") {
    AttentionOptions<double> o = problem<double>(2, 2, 4, 6, 3, 3);
    const auto plain = attention(o);
    o.bias = Array<double>({4, 6}, 100.0);
    CHECK(distance(attention(o).weights.data, plain.weights.data) < 1e-13);
}

TEST_CASE("a causal row equals attention over the keys up to it") {
    AttentionOptions<double> o = problem<double>(2, 2, 5, 5, 4, 4);
    o.mask.mask = "causal";
    const auto whole = attention(o);
    AttentionOptions<double> last;
    last.q = Array<double>({2, 1, 4});
    last.k = Array<double>({2, 3, 4});
    last.v = Array<double>({2, 3, 4});
    for (Size h = 0; h < 2; ++h) {
        std::copy_n(o.q.row(h * 5 + 2), 4, last.q.row(h));
        for (Size s = 0; s < 3; ++s) {
            std::copy_n(o.k.row(h * 5 + s), 4, last.k.row(h * 3 + s));
            std::copy_n(o.v.row(h * 5 + s), 4, last.v.row(h * 3 + s));
        }
    }
    const auto alone = attention(last);
    for (Size h = 0; h < 2; ++h) {
        for (Size d = 0; d < 4; ++d)
            CHECK(alone.output.row(h)[d] == doctest::Approx(whole.output.row(h * 5 + 2)[d]).epsilon(1e-14));
    }
}

TEST_CASE("grouped heads equal multi-head attention with the keys and values repeated") {
    const AttentionOptions<double> grouped = problem<double>(4, 2, 5, 6, 3, 3);
    AttentionOptions<double> repeated = grouped;
    repeated.k = Array<double>({4, 6, 3});
    repeated.v = Array<double>({4, 6, 3});
    for (Size h = 0; h < 4; ++h) {
        std::copy_n(grouped.k.row(h / 2 * 6), 18, repeated.k.row(h * 6));
        std::copy_n(grouped.v.row(h / 2 * 6), 18, repeated.v.row(h * 6));
    }
    CHECK(distance(attention(grouped).output.data, attention(repeated).output.data) == 0);
}

TEST_CASE("a fully masked row is zeros, uniform or NaN, as asked") {
    AttentionOptions<double> o = problem<double>(1, 1, 2, 4, 3, 3);
    o.allow = Array<double>({2, 4}, std::vector<double>{0, 0, 0, 0, 1, 1, 1, 1});
    CHECK(attention(o).weights.row(0)[2] == 0);
    CHECK(attention(o).output.row(0)[1] == 0);
    o.masked_row = "uniform";
    CHECK(attention(o).weights.row(0)[2] == 0.25);
    o.masked_row = "nan";
    CHECK(std::isnan(attention(o).weights.row(0)[2]));
    CHECK(std::isnan(attention(o).output.row(0)[1]));
    CHECK_FALSE(std::isnan(attention(o).output.row(1)[1]));
    o.masked_row = "skip";
    CHECK_THROWS_AS(attention(o), DomainError);
}

TEST_CASE("a sink takes its share: rows sum to less than 1, and a very low sink takes nothing") {
    AttentionOptions<double> o = problem<double>(2, 2, 3, 4, 3, 3);
    const auto plain = attention(o);
    o.sinks = Array<double>({2}, 1.0);
    double sum = 0;
    for (Size s = 0; s < 4; ++s) sum += attention(o).weights.row(0)[s];
    CHECK(sum < 1);
    o.sinks = Array<double>({2}, -1000.0);
    CHECK(distance(attention(o).weights.data, plain.weights.data) < 1e-15);
}

TEST_CASE("a wide soft cap changes nothing; a narrow one bounds the logits") {
    AttentionOptions<double> o = problem<double>(1, 1, 3, 4, 3, 3);
    const auto plain = attention(o);
    o.softcap = 1e6;
    CHECK(distance(attention(o).logits.data, plain.logits.data) < 1e-9);
    o.softcap = 0.5;
    const auto capped = attention(o);
    for (double logit : capped.logits.data) CHECK(std::fabs(logit) < 0.5);
}

TEST_CASE("logits of ten thousand neither overflow nor vanish") {
    AttentionOptions<float> o;
    o.q = Array<float>({1, 1, 1}, std::vector<float>{100});
    o.k = Array<float>({1, 3, 1}, std::vector<float>{100, 99.99f, -100});
    o.v = Array<float>({1, 3, 1}, std::vector<float>{1, 2, 3});
    o.scale = 1;
    const auto r = attention(o);
    CHECK(r.weights.data[0] == doctest::Approx(1 / (1 + std::exp(-1.0))).epsilon(1e-3));
    CHECK(r.weights.data[2] == 0);
}

TEST_CASE("float32 kernels agree with the double reference") {
    for (Size T : {1, 5, 17, 64}) {
        AttentionOptions<float> fast = problem<float>(3, 3, T, T + 3, 20, 12, T);
        fast.mask.mask = "causal";
        AttentionOptions<double> exact;
        exact.mask.mask = "causal";
        exact.q = in_double(fast.q);
        exact.k = in_double(fast.k);
        exact.v = in_double(fast.v);
        CHECK(distance(attention(fast).weights.data, attention(exact).weights.data) < 1e-6);
        CHECK(distance(attention(fast).output.data, attention(exact).output.data) < 5e-6);
    }
}

TEST_CASE("online softmax gives the same output for every block size") {
    OnlineSoftmaxOptions<double> o;
    o.q = normal<double>({1, 1, 4}, 3);
    o.k = normal<double>({1, 11, 4}, 4);
    o.v = normal<double>({1, 11, 5}, 5);
    AttentionOptions<double> whole;
    whole.q = o.q;
    whole.k = o.k;
    whole.v = o.v;
    const auto expected = attention(whole);
    for (int block : {1, 2, 3, 11, 50}) {
        o.block = block;
        const auto r = online_softmax(o);
        CHECK(r.maxima.size() == (11 + static_cast<Size>(block) - 1) / static_cast<Size>(block));
        CHECK(distance(r.output.data, expected.output.data) < 1e-14);
    }
}

TEST_CASE("entropy is 0 for one key, ln n for n equal ones, and its exponential counts keys") {
    EntropyOptions o;
    o.weights = Array<double>({2, 4}, std::vector<double>{1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25});
    auto r = attention_entropy(o);
    CHECK(r.entropy.data[0] == 0);
    CHECK(r.entropy.data[1] == doctest::Approx(std::log(4.0)));
    CHECK(r.effective_keys.data[1] == doctest::Approx(4));
    CHECK(r.max.data[0] == 1);
    o.unit = "bits";
    CHECK(attention_entropy(o).entropy.data[1] == doctest::Approx(2));
}

TEST_CASE("attention refuses shapes that do not fit, with the numbers") {
    AttentionOptions<double> o = problem<double>(2, 2, 3, 4, 5, 5);
    o.k = normal<double>({2, 4, 6}, 1);
    CHECK_THROWS_WITH_AS(attention(o), "attention: k must have D = 5 as q has, got shape [2, 4, 6]", DomainError);
    CHECK_THROWS_AS(attention(problem<double>(3, 2, 3, 4, 5, 5)), DomainError);
    o = problem<double>(2, 2, 3, 4, 5, 5);
    o.softcap = -1;
    CHECK_THROWS_AS(attention(o), DomainError);
    o.softcap.reset();
    o.bias = Array<double>({3, 4}, kInfinity);
    CHECK_THROWS_AS(attention(o), DomainError);
}
