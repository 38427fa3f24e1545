#include "clearformer/ops/norm.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

template <class Options>
Options of(Array<double> x, double eps) {
    Options o;
    o.x = std::move(x);
    o.eps = eps;
    return o;
}

double mean_square(const double* x, Size n) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) sum += x[i] * x[i];
    return sum / static_cast<double>(n);
}

double mean(const double* x, Size n) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) sum += x[i];
    return sum / static_cast<double>(n);
}

}  // namespace

TEST_CASE("layer normalisation leaves rows of mean 0 and variance 1") {
    const Array<double> y = layer_norm(of<LayerNormOptions<double>>(normal({3, 4, 32}, 1, 5), 0)).y;
    CHECK(y.shape == Shape{3, 4, 32});
    for (Size r = 0; r < y.rows(); ++r) {
        CHECK(std::fabs(mean(y.row(r), 32)) < 1e-14);
        CHECK(mean_square(y.row(r), 32) == doctest::Approx(1).epsilon(1e-12));
    }
}

TEST_CASE("layer normalisation undoes any shift and positive scale of a row") {
    Array<double> x = normal({2, 16}, 2);
    const Array<double> before = layer_norm(of<LayerNormOptions<double>>(x, 0)).y;
    for (double& value : x.data) value = 3 * value - 100;
    CHECK(distance(layer_norm(of<LayerNormOptions<double>>(x, 0)).y.data, before.data) < 1e-12);
}

TEST_CASE("layer normalisation gives back the mean and the biased variance") {
    const auto r = layer_norm(of<LayerNormOptions<double>>({{2, 2}, {1, 3, -4, -4}}, 1e-5));
    CHECK(r.mean.data == std::vector<double>{2, -4});
    CHECK(r.variance.data == std::vector<double>{1, 0});
    CHECK(r.mean.shape == Shape{2});
}

TEST_CASE("gamma scales and beta shifts each feature") {
    auto o = of<LayerNormOptions<double>>({{1, 2}, {1, 3}}, 0);
    o.gamma = {{2}, {10, 100}};
    o.beta = {{2}, {1, 2}};
    CHECK(layer_norm(o).y.data == std::vector<double>{-9, 102});
    o.gamma = {{3}, {1, 1, 1}};
    CHECK_THROWS_WITH_AS(layer_norm(o), "layer_norm: gamma must have C = 2 as x has, got shape [3]", DomainError);
}

TEST_CASE("a row without spread normalises to zeros even when eps is 0") {
    CHECK(layer_norm(of<LayerNormOptions<double>>({{1, 3}, {5, 5, 5}}, 0)).y.data == std::vector<double>(3, 0.0));
    CHECK(rms_norm(of<RmsNormOptions<double>>({{1, 2}, {0, 0}}, 0)).y.data == std::vector<double>(2, 0.0));
    CHECK(l2_normalize(of<L2NormalizeOptions<double>>({{1, 2}, {0, 0}}, 0)).y.data == std::vector<double>(2, 0.0));
}

TEST_CASE("RMS normalisation leaves rows of mean square 1 and does not centre them") {
    const Array<double> x = normal({5, 24}, 3, 7);
    const auto r = rms_norm(of<RmsNormOptions<double>>(x, 0));
    for (Size row = 0; row < 5; ++row) {
        CHECK(mean_square(r.y.row(row), 24) == doctest::Approx(1).epsilon(1e-12));
        for (Size c = 0; c < 24; ++c)
            CHECK(r.y.row(row)[c] * r.rms.data[row] == doctest::Approx(x.row(row)[c]).epsilon(1e-13));
    }
}

TEST_CASE("with a unit offset a gamma of zeros changes nothing, without one it gives zeros") {
    auto o = of<RmsNormOptions<double>>(normal({2, 6}, 4), 1e-6);
    const Array<double> plain = rms_norm(o).y;
    o.gamma = Array<double>(Shape{6});
    CHECK(rms_norm(o).y.data == std::vector<double>(12, 0.0));
    o.unit_offset = true;
    CHECK(rms_norm(o).y.data == plain.data);
}

TEST_CASE("group normalisation with one group is layer normalisation of a whole sample") {
    const Array<double> x = normal({2, 4, 3, 3}, 5, 2);
    auto o = of<GroupNormOptions<double>>(x, 1e-5);
    o.groups = 1;
    Array<double> flat = x;
    flat.shape = {2, 36};
    CHECK(distance(group_norm(o).y.data, layer_norm(of<LayerNormOptions<double>>(flat, 1e-5)).y.data) < 1e-14);
}

TEST_CASE("groups are normalised apart") {
    Array<double> x = normal({1, 4, 5}, 6);
    auto o = of<GroupNormOptions<double>>(x, 1e-5);
    o.groups = 2;
    const Array<double> before = group_norm(o).y;
    for (Size i = 10; i < 20; ++i) o.x.data[i] *= -3;
    const Array<double> after = group_norm(o).y;
    for (Size i = 0; i < 10; ++i) CHECK(after.data[i] == before.data[i]);
    CHECK(after.data[10] != before.data[10]);
}

TEST_CASE("vectors are normalised to length 1 and keep their direction") {
    const Array<double> y = l2_normalize(of<L2NormalizeOptions<double>>({{1, 2}, {3, -4}}, 1e-12)).y;
    CHECK(y.data[0] == doctest::Approx(0.6));
    CHECK(y.data[1] == doctest::Approx(-0.8));
}

TEST_CASE("norms refuse what they are not defined for") {
    CHECK_THROWS_WITH_AS(layer_norm(of<LayerNormOptions<double>>(normal({2, 2}, 1), -1)),
                         "layer_norm: eps must be at least 0, got -1", DomainError);
    CHECK_THROWS_WITH_AS(rms_norm(of<RmsNormOptions<double>>(Array<double>(Shape{2, 0}), 1e-6)),
                         "rms_norm: rows must have at least one entry, got shape [2, 0]", DomainError);
    CHECK_THROWS_AS(layer_norm(of<LayerNormOptions<double>>({{1, 2}, {1e200, -1e200}}, 1e-5)), DomainError);
    auto o = of<GroupNormOptions<double>>(normal({1, 6, 2}, 1), 1e-5);
    o.groups = 4;
    CHECK_THROWS_WITH_AS(group_norm(o), "group_norm: groups must divide the channels, got 4 groups and 6 channels",
                         DomainError);
    o.groups = 0;
    CHECK_THROWS_AS(group_norm(o), DomainError);
    o.x = normal({6}, 1);
    CHECK_THROWS_WITH_AS(group_norm(o), "group_norm: x must have shape [N, Ch, ..], got [6]", DomainError);
}

TEST_CASE("norms in float equal norms in double") {
    LayerNormOptions<float> narrow;
    narrow.x = normal<float>({4, 33}, 7, 10);
    CHECK(distance(layer_norm(narrow).y.data, layer_norm(of<LayerNormOptions<double>>(in_double(narrow.x), 1e-5)).y.data) <
          1e-6);
    RmsNormOptions<float> root;
    root.x = narrow.x;
    CHECK(distance(rms_norm(root).y.data, rms_norm(of<RmsNormOptions<double>>(in_double(narrow.x), 1e-6)).y.data) < 1e-6);
}
