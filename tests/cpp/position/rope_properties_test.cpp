#include "clearformer/position/rope_properties.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("half-split rotation of the permuted row is the interleaved rotation, permuted") {
    RopePairingsOptions o;
    o.x = normal({3, 6}, 5);
    o.positions = {0, 4, 90};
    o.permutation = {0, 2, 4, 1, 3, 5};
    const RopePairingsResult r = rope_pairings(o);
    for (Size t = 0; t < 3; ++t) {
        for (Size i = 0; i < 6; ++i) {
            CHECK(r.half_split_of_permuted.row(t)[i] ==
                  doctest::Approx(r.interleaved.row(t)[o.permutation[i]]).epsilon(1e-14));
        }
    }
    o.permutation = {0, 0, 4, 1, 3, 5};
    CHECK_THROWS_WITH_AS(rope_pairings(o),
                         "rope_pairings: permutation must list each of the 6 features once, got [0, 0, 4, 1, 3, 5]",
                         DomainError);
}

TEST_CASE("a rotated dot product depends on the distance alone") {
    RopeRelativeOptions o;
    o.q = normal({1, 8}, 1);
    o.k = normal({1, 8}, 2);
    o.theta = {10000, 10000, 10000};
    o.m = {5, 105, 70000};
    o.n = {3, 103, 69998};
    const RopeRelativeResult r = rope_relative(o);
    for (const auto& dots : {r.half_split, r.interleaved}) {
        CHECK(dots[1] == doctest::Approx(dots[0]).epsilon(1e-12));
        CHECK(dots[2] == doctest::Approx(dots[0]).epsilon(1e-9));
    }
    o.n.pop_back();
    CHECK_THROWS_AS(rope_relative(o), DomainError);
}
