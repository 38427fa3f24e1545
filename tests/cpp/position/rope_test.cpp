#include "clearformer/position/rope.hpp"

#include <numbers>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

template <class Real = double>
RopeOptions<Real> rope_options(Array<Real> x, std::vector<double> positions, const std::string& pairing = "half_split") {
    RopeOptions<Real> o;
    o.x = std::move(x);
    o.positions = std::move(positions);
    o.pairing = pairing;
    return o;
}

double dot(const Array<double>& a, const Array<double>& b) {
    double sum = 0;
    for (Size i = 0; i < a.size(); ++i) sum += a.data[i] * b.data[i];
    return sum;
}

}  // namespace

TEST_CASE("position 0 turns nothing") {
    const Array<double> x = normal({2, 8}, 1);
    CHECK(rope(rope_options(x, {0, 0})).y.data == x.data);
}

TEST_CASE("a pair turns by its angle") {
    const auto r = rope(rope_options({{1, 2}, {1, 0}}, {std::numbers::pi / 2}));
    CHECK(distance(r.y.data, std::vector<double>{0, 1}) < 1e-15);
    CHECK(r.inverse_frequencies.data == std::vector<double>{1});
}

TEST_CASE("rotations keep the length of every vector") {
    const Array<double> x = normal({3, 4, 16}, 2);
    for (const char* pairing : {"half_split", "interleaved"}) {
        const Array<double> y = rope(rope_options(x, {0, 3, 100, 131072}, pairing)).y;
        CHECK(y.shape == x.shape);
        for (Size row = 0; row < x.rows(); ++row) {
            double before = 0, after = 0;
            for (Size d = 0; d < 16; ++d) {
                before += x.row(row)[d] * x.row(row)[d];
                after += y.row(row)[d] * y.row(row)[d];
            }
            CHECK(after == doctest::Approx(before).epsilon(1e-13));
        }
    }
}

TEST_CASE("the product of a rotated query and key depends on their distance alone") {
    const Array<double> q = normal({1, 8}, 3), k = normal({1, 8}, 4);
    for (const char* pairing : {"half_split", "interleaved"}) {
        const auto product = [&](double m, double n) {
            return dot(rope(rope_options(q, {m}, pairing)).y, rope(rope_options(k, {n}, pairing)).y);
        };
        const double near = product(5, 3);
        CHECK(product(7, 5) == doctest::Approx(near).epsilon(1e-12));
        CHECK(product(1002, 1000) == doctest::Approx(near).epsilon(1e-11));
        CHECK(product(131072, 131070) == doctest::Approx(near).epsilon(1e-9));
        CHECK(product(9, 9) == doctest::Approx(dot(q, k)).epsilon(1e-12));
        CHECK(product(3, 5) != doctest::Approx(near).epsilon(1e-3));
    }
}

TEST_CASE("the pairings are the same rotation of permuted features") {
    const std::vector<double> positions = {0, 3, 9, 50};
    const std::vector<Size> permutation = {0, 2, 4, 6, 1, 3, 5, 7};
    const Array<double> x = normal({4, 8}, 5);
    const auto permute = [&](const Array<double>& from) {
        Array<double> to = from;
        for (Size row = 0; row < 4; ++row) {
            for (Size d = 0; d < 8; ++d) to.row(row)[d] = from.row(row)[permutation[d]];
        }
        return to;
    };
    const Array<double> interleaved = rope(rope_options(x, positions, "interleaved")).y;
    CHECK(rope(rope_options(permute(x), positions)).y.data == permute(interleaved).data);
    auto o = rope_options(x, positions, "interleaved");
    o.output_layout = "half_split";
    CHECK(rope(o).y.data == permute(interleaved).data);
}

TEST_CASE("features beyond rotary_dim pass through, and the exponent counts rotary_dim") {
    const Array<double> x = normal({3, 10}, 6);
    for (const char* pairing : {"half_split", "interleaved"}) {
        auto o = rope_options(x, {1, 2, 3}, pairing);
        o.rotary_dim = 4;
        const auto r = rope(o);
        CHECK(r.inverse_frequencies.data[1] == doctest::Approx(0.01));
        Array<double> head(Shape{3, 4});
        for (Size t = 0; t < 3; ++t) std::copy_n(x.row(t), 4, head.row(t));
        const Array<double> turned = rope(rope_options(head, {1, 2, 3}, pairing)).y;
        for (Size t = 0; t < 3; ++t) {
            for (Size d = 0; d < 10; ++d) CHECK(r.y.row(t)[d] == (d < 4 ? turned.row(t)[d] : x.row(t)[d]));
        }
    }
}

TEST_CASE("the SIMD rotation equals the reference for every width, pairing and layout") {
    for (Size width : {2, 6, 8, 10, 14, 16, 26, 64}) {
        for (const char* pairing : {"half_split", "interleaved"}) {
            for (const char* layout : {"same", "half_split"}) {
                CAPTURE(width);
                CAPTURE(pairing);
                CAPTURE(layout);
                auto narrow = rope_options(normal<float>({2, 3, width}, width), {0, 7, 300}, pairing);
                auto wide = rope_options(in_double(narrow.x), narrow.positions, pairing);
                narrow.output_layout = wide.output_layout = layout;
                if (width > 8) narrow.rotary_dim = wide.rotary_dim = static_cast<int>(width) - 2;
                CHECK(distance(rope(narrow).y.data, rope(wide).y.data) < 1e-6);
            }
        }
    }
}

TEST_CASE("angles are exact for float data at large positions") {
    const Array<float> x = normal<float>({1, 64}, 7);
    const auto narrow = rope(rope_options(x, {1048576}));
    const auto wide = rope(rope_options(in_double(x), {1048576}));
    CHECK(narrow.cos.data == wide.cos.data);
    CHECK(distance(narrow.y.data, wide.y.data) < 1e-6);
}

TEST_CASE("rope refuses what it is not defined for") {
    const auto x = normal({2, 6}, 8);
    CHECK_THROWS_WITH_AS(rope(rope_options(x, {0})), "rope: positions needs one entry for each of the 2 rows, got 1",
                         DomainError);
    CHECK_THROWS_WITH_AS(rope(rope_options(x, {0, -1})), "rope: positions must be at least 0, got -1", DomainError);
    CHECK_THROWS_WITH_AS(rope(rope_options(normal({2, 5}, 1), {0, 1})),
                         "rope: RoPE turns pairs, so the width of x must be even and at least 2, got 5", DomainError);
    CHECK_THROWS_WITH_AS(rope(rope_options(x, {0, 1}, "adjacent")),
                         "rope: pairing must be half_split or interleaved, got \"adjacent\"", DomainError);
    auto o = rope_options(x, {0, 1});
    o.theta = 0;
    CHECK_THROWS_WITH_AS(rope(o), "rope: theta must be above 0, got 0", DomainError);
    o.theta = 10000;
    for (int rotary_dim : {3, 0, -2, 8}) {
        o.rotary_dim = rotary_dim;
        CHECK_THROWS_AS(rope(o), DomainError);
    }
    o.rotary_dim.reset();
    o.output_layout = "interleaved";
    CHECK_THROWS_AS(rope(o), DomainError);
    o.output_layout = "same";
    o.theta = 1e-300;
    o.positions = {0, 1e300};
    CHECK_THROWS_AS(rope(o), DomainError);
}

TEST_CASE("any number of heads in float is turned as each alone") {
    for (Size heads = 1; heads <= 9; ++heads) {
        for (const char* pairing : {"half_split", "interleaved"}) {
            CAPTURE(heads);
            auto all = rope_options(normal<float>({heads, 3, 22}, heads), {0, 5, 9}, pairing);
            const Array<float> together = rope(all).y;
            for (Size h = 0; h < heads; ++h) {
                auto one = rope_options(Array<float>(Shape{3, 22}), all.positions, pairing);
                std::copy_n(all.x.row(3 * h), 66, one.x.data.data());
                const Array<float> alone = rope(one).y;
                CHECK(std::equal(alone.data.begin(), alone.data.end(), together.row(3 * h)));
            }
        }
    }
}
