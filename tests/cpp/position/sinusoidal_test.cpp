#include "clearformer/position/sinusoidal.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

Array<double> table(int length, int dim, const std::string& layout = "interleaved") {
    SinusoidalOptions o;
    o.length = length;
    o.dim = dim;
    o.layout = layout;
    return sinusoidal_positions(o).table;
}

}  // namespace

TEST_CASE("position 0 is all zeros and ones") {
    CHECK(table(1, 4).data == std::vector<double>{0, 1, 0, 1});
    CHECK(table(1, 4, "concatenated").data == std::vector<double>{0, 0, 1, 1});
}

TEST_CASE("the layouts hold the same numbers in another order") {
    const Array<double> pairs = table(7, 10), halves = table(7, 10, "concatenated");
    for (Size p = 0; p < 7; ++p) {
        for (Size i = 0; i < 5; ++i) {
            CHECK(pairs.at({p, 2 * i}) == halves.at({p, i}));
            CHECK(pairs.at({p, 2 * i + 1}) == halves.at({p, i + 5}));
        }
    }
    CHECK(table(7, 10, "half").data == halves.data);
}

TEST_CASE("every position has the same length, and a step turns each pair by a fixed angle") {
    const Array<double> t = table(50, 8);
    for (Size p = 0; p < 49; ++p) {
        for (Size i = 0; i < 8; i += 2) {
            const double s = t.at({p, i}), c = t.at({p, i + 1});
            CHECK(s * s + c * c == doctest::Approx(1).epsilon(1e-14));
            const double step = t.at({p + 1, i}) * c - t.at({p + 1, i + 1}) * s;  // sin of the difference of the angles
            CHECK(step == doctest::Approx(t.at({1, i})).epsilon(1e-12));
        }
    }
}

TEST_CASE("a table of no positions is empty, and impossible ones are refused") {
    CHECK(table(0, 4).shape == Shape{0, 4});
    CHECK_THROWS_WITH_AS(table(3, 5), "sinusoidal_positions: dim must be even and at least 2, got 5", DomainError);
    CHECK_THROWS_WITH_AS(table(-1, 4), "sinusoidal_positions: length must be at least 0, got -1", DomainError);
    CHECK_THROWS_WITH_AS(table(1, 4, "sideways"),
                         "sinusoidal_positions: layout must be interleaved or concatenated, got \"sideways\"", DomainError);
    CHECK_THROWS_AS(table(2000000000, 2000), DomainError);
    CHECK_THROWS_WITH_AS(table(0, 2097152), "sinusoidal_positions: dim must be at most 1048576, got 2097152", DomainError);
}
