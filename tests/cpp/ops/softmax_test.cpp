#include "clearformer/ops/softmax.hpp"

#include <numeric>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

SoftmaxResult<double> softmax_of(Array<double> x, double temperature = 1, int axis = -1) {
    SoftmaxOptions<double> o;
    o.x = std::move(x);
    o.temperature = temperature;
    o.axis = axis;
    return softmax(o);
}

constexpr float kFloatMinusInfinity = -std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("softmax rows are positive and sum to 1") {
    const Array<double> y = softmax_of(normal({50, 9}, 1, 3)).y;
    for (Size r = 0; r < y.rows(); ++r) {
        CHECK(std::accumulate(y.row(r), y.row(r) + 9, 0.0) == doctest::Approx(1).epsilon(1e-14));
        for (Size i = 0; i < 9; ++i) CHECK(y.row(r)[i] > 0);
    }
}

TEST_CASE("softmax does not change when every logit is shifted alike") {
    Array<double> x = normal({20, 6}, 2);
    const Array<double> before = softmax_of(x).y;
    for (double& value : x.data) value += 1024;
    CHECK(distance(softmax_of(x).y.data, before.data) < 1e-12);
}

TEST_CASE("softmax survives logits far beyond the range of exp") {
    const SoftmaxResult<double> r = softmax_of({{3}, {1e300, 0, -1e300}});
    CHECK(r.y.data == std::vector<double>{1, 0, 0});
    CHECK(r.logsumexp.data[0] == 1e300);
    CHECK(r.log_softmax.data[0] == 0);
}

TEST_CASE("a high temperature flattens softmax and a low one leaves only the largest") {
    const Array<double> x({4}, {1, 2, 3, 4});
    for (double weight : softmax_of(x, 1e9).y.data) CHECK(weight == doctest::Approx(0.25));
    CHECK(distance(softmax_of(x, 0.01).y.data, std::vector<double>{0, 0, 0, 1}) < 1e-40);
}

TEST_CASE("a temperature is the same as dividing the logits") {
    Array<double> x = normal({5, 7}, 3);
    const SoftmaxResult<double> r = softmax_of(x, 2);
    for (double& value : x.data) value /= 2;
    CHECK(softmax_of(x).y.data == r.y.data);
    CHECK(softmax_of(x).logsumexp.data == r.logsumexp.data);
}

TEST_CASE("log_softmax is x minus logsumexp and the logarithm of softmax") {
    const Array<double> x = normal({4, 5}, 4, 2);
    const SoftmaxResult<double> r = softmax_of(x);
    CHECK(r.logsumexp.shape == Shape{4});
    for (Size i = 0; i < x.size(); ++i) {
        CHECK(r.log_softmax.data[i] == doctest::Approx(x.data[i] - r.logsumexp.data[i / 5]).epsilon(1e-13));
        CHECK(std::exp(r.log_softmax.data[i]) == doctest::Approx(r.y.data[i]).epsilon(1e-13));
    }
}

TEST_CASE("softmax along any axis is softmax along the last one of the transposed tensor") {
    const Array<double> x = normal({2, 3, 4}, 5);
    for (int axis : {0, 1, -2}) {
        const SoftmaxResult<double> r = softmax_of(x, 1, axis);
        const Size a = static_cast<Size>(axis < 0 ? axis + 3 : axis), length = x.shape[a];
        Shape reduced = x.shape;
        reduced.erase(reduced.begin() + static_cast<std::ptrdiff_t>(a));
        CHECK(r.logsumexp.shape == reduced);
        for (Size p = 0; p < reduced[0]; ++p) {
            for (Size q = 0; q < reduced[1]; ++q) {
                Array<double> line(Shape{length});
                const auto at = [&](Size i) {
                    Index index = {p, q};
                    index.insert(index.begin() + static_cast<std::ptrdiff_t>(a), i);
                    return index;
                };
                for (Size i = 0; i < length; ++i) line.data[i] = x.at(at(i));
                const SoftmaxResult<double> expected = softmax_of(line);
                for (Size i = 0; i < length; ++i) CHECK(r.y.at(at(i)) == expected.y.data[i]);
                CHECK(r.logsumexp.at({p, q}) == expected.logsumexp.data[0]);
            }
        }
    }
}

TEST_CASE("masked logits get no weight, and a row of nothing else gets zeros") {
    const SoftmaxResult<double> r = softmax_of({{2, 3}, {0, -kInfinity, 0, -kInfinity, -kInfinity, -kInfinity}});
    CHECK(r.y.data == std::vector<double>{0.5, 0, 0.5, 0, 0, 0});
    CHECK(r.log_softmax.data[1] == -kInfinity);
    CHECK(r.log_softmax.data[4] == -kInfinity);
    CHECK(r.logsumexp.data[1] == -kInfinity);
}

TEST_CASE("softmax of one entry is 1 and of none is nothing") {
    CHECK(softmax_of({{1}, std::vector<double>{-5}}).y.data == std::vector<double>{1});
    const SoftmaxResult<double> none = softmax_of(Array<double>(Shape{2, 0}));
    CHECK(none.y.empty());
    CHECK(none.logsumexp.data == std::vector<double>{-kInfinity, -kInfinity});
}

TEST_CASE("softmax refuses what it is not defined for") {
    CHECK_THROWS_WITH_AS(softmax_of({{2}, {1, kInfinity}}),
                         "softmax: logits / temperature must be numbers below +inf, got inf", DomainError);
    CHECK_THROWS_AS(softmax_of({{2}, {1, kNaN}}), DomainError);
    CHECK_THROWS_AS(softmax_of({{1}, std::vector<double>{1e308}}, 0.05), DomainError);
    CHECK_THROWS_WITH_AS(softmax_of({{2}, {1, 2}}, 0), "softmax: temperature must be above 0, got 0", DomainError);
    CHECK_THROWS_WITH_AS(softmax_of({{2}, {1, 2}}, 1, 1), "softmax: axis must be from -1 to 0, got 1", DomainError);
    CHECK_THROWS_AS(softmax_of({{}, std::vector<double>{1}}), DomainError);
}

TEST_CASE("the SIMD softmax equals the reference at every length") {
    for (Size n = 1; n <= 70; ++n) {
        CAPTURE(n);
        Array<float> x = normal<float>({n}, n, 5);
        if (n % 3 == 0) x.data[n / 2] = kFloatMinusInfinity;
        const Array<double> wide = in_double(x);
        std::vector<float> y(n);
        std::vector<double> truth(n);
        const RowSums<float> sums = softmax_row(x.data.data(), y.data(), n);
        const RowSums<double> expected = reference::softmax_row(wide.data.data(), truth.data(), n);
        CHECK(distance(y, truth) < 4e-7);
        CHECK(static_cast<double>(sums.logsumexp()) == doctest::Approx(expected.logsumexp()).epsilon(1e-6));
        softmax_row(x.data.data(), x.data.data(), n);
        CHECK(x.data == y);
    }
}

TEST_CASE("the SIMD softmax of a masked row is zeros") {
    std::vector<float> x(11, kFloatMinusInfinity);
    const RowSums<float> sums = softmax_row(x.data(), x.data(), x.size());
    CHECK(x == std::vector<float>(11, 0.0f));
    CHECK(sums.sum == 0);
    CHECK(sums.logsumexp() == kFloatMinusInfinity);
}

TEST_CASE_TEMPLATE("a softmax that arrives in blocks equals the one of the whole row", Real, float, double) {
    const Size n = 103;
    Array<Real> x = normal<Real>({n}, 6, 4);
    for (Size i = 0; i < 12; ++i) x.data[i] = -std::numeric_limits<Real>::infinity();
    std::vector<Real> whole(n), e(n);
    const RowSums<Real> expected = softmax_row(x.data.data(), whole.data(), n);
    for (Size block : {1, 5, 10, 64, 103}) {
        CAPTURE(block);
        RunningSoftmax<Real> running;
        double weighted = 0, truth = 0;  // of the values 0, 1, 2, ...
        for (Size first = 0; first < n; first += block) {
            const Size count = std::min(block, n - first);
            const Real factor = running.extend(x.data.data() + first, e.data(), count);
            weighted *= static_cast<double>(factor);
            for (Size i = 0; i < count; ++i) weighted += static_cast<double>(e[i]) * static_cast<double>(first + i);
        }
        for (Size i = 0; i < n; ++i) truth += static_cast<double>(whole[i]) * static_cast<double>(i);
        CHECK(running.sums().maximum == expected.maximum);
        CHECK(static_cast<double>(running.sums().logsumexp()) ==
              doctest::Approx(static_cast<double>(expected.logsumexp())).epsilon(1e-6));
        CHECK(weighted / static_cast<double>(running.sums().sum) == doctest::Approx(truth).epsilon(1e-5));
    }
}
