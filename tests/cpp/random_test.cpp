#include "clearformer/random.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace clearformer;

TEST_CASE("the integer stream is SplitMix64's published one") {
    Random random(1234567);
    CHECK(random.next() == 6457827717110365317ull);
    CHECK(random.next() == 3203168211198807973ull);
    CHECK(random.next() == 9817491932198370423ull);
}

TEST_CASE("the same seed gives the same numbers and another seed others") {
    Random a(7), b(7), c(8);
    const double first = a.uniform();
    CHECK(b.uniform() == first);
    CHECK(c.uniform() != first);
}

TEST_CASE("streams of one seed differ from each other") {
    Random one(7, 1), two(7, 2), again(7, 1);
    const std::uint64_t first = one.next();
    CHECK(again.next() == first);
    CHECK(two.next() != first);
}

TEST_CASE("uniform numbers lie in [0, 1) and fill it evenly") {
    Random random(3);
    int counts[10] = {};
    for (int i = 0; i < 100000; ++i) {
        const double u = random.uniform();
        REQUIRE(u >= 0);
        REQUIRE(u < 1);
        ++counts[static_cast<int>(u * 10)];
    }
    for (int count : counts) CHECK(std::abs(count - 10000) < 400);  // four standard deviations
}

TEST_CASE("normal numbers have mean 0, variance 1 and no skew") {
    Random random(4);
    double sum = 0, squares = 0, cubes = 0;
    constexpr int kCount = 100000;
    for (int i = 0; i < kCount; ++i) {
        const double x = random.normal();
        REQUIRE(std::isfinite(x));
        sum += x;
        squares += x * x;
        cubes += x * x * x;
    }
    CHECK(std::fabs(sum / kCount) < 0.015);
    CHECK(std::fabs(squares / kCount - 1) < 0.02);
    CHECK(std::fabs(cubes / kCount) < 0.05);
}
