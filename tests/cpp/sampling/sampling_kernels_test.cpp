#include "clearformer/sampling/sampling_kernels.hpp"

#include <numeric>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

template <class Real>
SampleTopOptions<Real> options(Array<Real> logits, double temperature = 1, std::optional<int> top_k = {}, double top_p = 1) {
    SampleTopOptions<Real> o;
    o.logits = std::move(logits);
    o.temperature = temperature;
    o.top_k = top_k;
    o.top_p = top_p;
    return o;
}

/// The definition, by sorting everything, in double.
template <class Real>
SampleTopResult<double> by_sorting(const SampleTopOptions<Real>& o) {
    std::vector<int> ids;
    for (Size i = 0; i < o.logits.size(); ++i) {
        if (std::isfinite(o.logits.data[i])) ids.push_back(static_cast<int>(i));
    }
    const auto logit = [&](int id) { return static_cast<double>(o.logits.data[static_cast<Size>(id)]); };
    std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) { return logit(a) > logit(b); });
    if (o.top_k) ids.resize(std::min(ids.size(), static_cast<Size>(*o.top_k)));
    std::vector<double> weights;
    for (int id : ids) weights.push_back(std::exp((logit(id) - logit(ids[0])) / o.temperature));
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    double reached = 0;
    Size count = 0;
    while (count < weights.size() && (o.top_p == 1 || reached < o.top_p * total)) reached += weights[count++];
    ids.resize(count);
    SampleTopResult<double> r{ids, Array<double>(Shape{count})};
    for (Size i = 0; i < count; ++i) r.probabilities.data[i] = weights[i] / reached;
    return r;
}

}  // namespace

TEST_CASE_TEMPLATE("the kept tokens and their probabilities are those of a full sort", Real, float, double) {
    for (Size V : {1, 2, 63, 64, 65, 500, 3000, 20011}) {
        for (double temperature : {0.3, 1.0, 2.5}) {
            for (std::optional<int> top_k :
                 {std::optional<int>(), std::optional<int>(1), std::optional<int>(50), std::optional<int>(700)}) {
                for (double top_p : {0.05, 0.9, 0.999, 1.0}) {
                    CAPTURE(V);
                    CAPTURE(temperature);
                    CAPTURE(top_k.value_or(0));
                    CAPTURE(top_p);
                    Array<Real> logits = normal<Real>({V}, V, 3);
                    if (V > 2) logits.data[1] = -std::numeric_limits<Real>::infinity();
                    const auto o = options(logits, temperature, top_k, top_p);
                    const auto r = sample_top(o);
                    const auto expected = by_sorting(o);
                    CHECK(r.ids == expected.ids);
                    CHECK(distance(r.probabilities.data, expected.probabilities.data) < (sizeof(Real) == 4 ? 1e-6 : 1e-12));
                }
            }
        }
    }
}

TEST_CASE("among equal logits the lower ids are kept") {
    const auto r = sample_top(options(Array<float>({1000}, 2.0f), 1, 3));
    CHECK(r.ids == std::vector<int>{0, 1, 2});
    CHECK(r.probabilities.data == std::vector<float>(3, 1.0f / 3));
}

TEST_CASE("the token that crosses top_p is kept") {
    const Array<double> logits({4}, {std::log(0.5), std::log(0.3), std::log(0.15), std::log(0.05)});
    CHECK(sample_top(options(logits, 1, {}, 0.6)).ids == std::vector<int>{0, 1});
    CHECK(sample_top(options(logits, 1, {}, 0.4)).ids == std::vector<int>{0});
    CHECK(sample_top(options(logits, 1, {}, 0.81)).ids == std::vector<int>{0, 1, 2});
    CHECK(sample_top(options(logits, 1, {}, 1e-300)).ids == std::vector<int>{0});
}

TEST_CASE("a flat vocabulary keeps top_p of it") {
    CHECK(sample_top(options(Array<double>({1000}, 0.0), 1, {}, 0.5)).ids.size() == 500);
    CHECK(sample_top(options(Array<float>({150000}, 1.5f), 1, {}, 0.25)).ids.size() == 37500);
}

TEST_CASE("a low temperature leaves the largest logit alone and a high one evens them out") {
    const Array<double> logits({3}, {1, 3, 2});
    CHECK(distance(sample_top(options(logits, 1e-3)).probabilities.data, std::vector<double>{1, 0, 0}) < 1e-12);
    CHECK(distance(sample_top(options(logits, 1e9)).probabilities.data, std::vector<double>(3, 1.0 / 3)) < 1e-8);
}

TEST_CASE("sample_top refuses what it is not defined for") {
    const Array<double> logits({3}, {1, 3, 2});
    CHECK_THROWS_WITH_AS(sample_top(options(logits, 0)), "sample_top: temperature must be above 0, got 0", DomainError);
    CHECK_THROWS_WITH_AS(sample_top(options(logits, 1, 0)), "sample_top: top_k must be at least 1, got 0", DomainError);
    CHECK_THROWS_WITH_AS(sample_top(options(logits, 1, {}, 1.7)), "sample_top: top_p must be in (0, 1], got 1.7",
                         DomainError);
    CHECK_THROWS_AS(sample_top(options(logits, 1, {}, 0)), DomainError);
    CHECK_THROWS_AS(sample_top(options(Array<double>(Shape{0}))), DomainError);
    CHECK_THROWS_WITH_AS(sample_top(options(Array<double>({2}, -kInfinity))),
                         "sample_top: at least one logit must be above -inf", DomainError);
    CHECK_THROWS_WITH_AS(sample_top(options(Array<double>({2}, kInfinity))),
                         "sample_top: logits must be numbers below +inf, got inf", DomainError);
}
