// What runs over rows when a network learns: SIMD in float, plain loops in double.

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/ops/softmax_backward.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

constexpr Size kWidths[] = {1, 2, 3, 4, 5, 8, 11, 16, 33, 64};

/// The same numbers in both precisions.
struct Both {
    std::vector<float> single;
    std::vector<double> exact;
    Both(Size n, std::uint64_t seed, double deviation = 1) : single(normal<float>({n}, seed, deviation).data) {
        exact.assign(single.begin(), single.end());
    }
    double difference() const { return distance(single, exact); }
};

}  // namespace

TEST_CASE("layer normalisation of a row in float equals the one in double, forward and backward, with gains and without") {
    for (Size n : kWidths) {
        for (bool gains : {false, true}) {
            CAPTURE(n);
            CAPTURE(gains);
            Both x(n, 1, 3), gamma(n, 2), beta(n, 3), dy(n, 4), y(n, 5), dx(n, 6), d_gamma(n, 7), d_beta(n, 8);
            const auto both = [&](auto member, double eps) {
                layer_norm_row(member(x), gains ? member(gamma) : nullptr, gains ? member(beta) : nullptr, member(y), n,
                               eps);
                layer_norm_row_backward(member(x), gains ? member(gamma) : nullptr, member(dy), member(dx),
                                        gains ? member(d_gamma) : nullptr, gains ? member(d_beta) : nullptr, n, eps);
            };
            both([](Both& b) { return b.single.data(); }, 0.01);
            both([](Both& b) { return b.exact.data(); }, 0.01);
            CHECK(y.difference() < 1e-5);
            CHECK(dx.difference() < 1e-5);
            CHECK(d_gamma.difference() < 1e-5);
            CHECK(d_beta.difference() < 1e-6);
        }
    }
}

TEST_CASE("a row without spread is 0 after layer normalisation without eps, and so is its gradient, in float too") {
    const std::vector<float> x(7, 2.5f), dy = normal<float>({7}, 1).data;
    std::vector<float> y(7, 1), dx(7, 1);
    layer_norm_row<float>(x.data(), nullptr, nullptr, y.data(), 7, 0);
    layer_norm_row_backward<float>(x.data(), nullptr, dy.data(), dx.data(), nullptr, nullptr, 7, 0);
    CHECK(y == std::vector<float>(7, 0));
    CHECK(dx == std::vector<float>(7, 0));
}

TEST_CASE("the gradient through a row of softmax in float equals the one in double, in place as well") {
    for (Size n : kWidths) {
        CAPTURE(n);
        Both y(n, 1), dy(n, 2), dx(n, 3);
        softmax_row(y.exact.data(), y.exact.data(), n);
        softmax_row(y.single.data(), y.single.data(), n);
        softmax_row_backward(y.exact.data(), dy.exact.data(), dx.exact.data(), n);
        softmax_row_backward(y.single.data(), dy.single.data(), dx.single.data(), n);
        CHECK(dx.difference() < 1e-6);
        softmax_row_backward(y.single.data(), dy.single.data(), dy.single.data(), n);
        CHECK(dy.single == dx.single);
    }
}

TEST_CASE("every activation and its slope on rows are those of the function, near 0 and far from it") {
    for (const char* name : {"gelu_tanh", "gelu_exact", "silu", "relu"}) {
        const ActivationFunction f = find_activation(name);
        for (Size n : kWidths) {
            for (double deviation : {0.01, 1.0, 30.0}) {
                CAPTURE(name);
                CAPTURE(n);
                CAPTURE(deviation);
                Both x(n, 1, deviation);
                std::vector<float> y(n), slope(n);
                activation_rows(f, x.single.data(), y.data(), slope.data(), n);
                for (Size i = 0; i < n; ++i) {
                    const ActivationValue value = f(x.exact[i]);
                    CHECK(std::fabs(static_cast<double>(y[i]) - value.y) <= 4e-7 * (deviation + std::fabs(value.y)));
                    CHECK(std::fabs(static_cast<double>(slope[i]) - value.derivative) < 1e-6);
                }
            }
        }
    }
}

TEST_CASE("a linear layer's gradients in float equal those in double, and are added to what was there") {
    for (Size rows : {1, 5, 32, 67}) {
        for (Size in : {1, 7, 8, 20}) {
            for (Size out : {1, 4, 9, 34}) {
                CAPTURE(rows);
                CAPTURE(in);
                CAPTURE(out);
                Both x(rows * in, 1), w(out * in, 2), b(out, 3), dy(rows * out, 4), y(rows * out, 5), dx(rows * in, 6),
                    dw(out * in, 7), db(out, 8);
                const auto both = [&](auto of) {
                    linear_rows(of(x), of(w), of(b), of(y), rows, in, out);
                    linear_rows_backward(of(x), of(w), of(dy), of(dx), of(dw), of(db), rows, in, out);
                };
                both([](Both& v) { return v.single.data(); });
                both([](Both& v) { return v.exact.data(); });
                CHECK(y.difference() < 2e-5);
                CHECK(dx.difference() < 2e-5);
                CHECK(dw.difference() < 5e-5);
                CHECK(db.difference() < 2e-5);
            }
        }
    }
}
