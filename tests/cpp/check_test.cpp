#include "clearformer/extents.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace clearformer;

TEST_CASE("a failed requirement says the sentence with its numbers") {
    CHECK_THROWS_WITH_AS(require(false, "top_p: p must be in (0, 1], got ", 1.7), "top_p: p must be in (0, 1], got 1.7",
                         DomainError);
    CHECK_NOTHROW(require(true, "never said"));
}

TEST_CASE("numbers are written with the 15 digits where these read back the same, else with 17") {
    CHECK(to_text(0.1) == "0.1");
    CHECK(to_text(0.1f) == "0.1");
    CHECK(to_text(1.0 / 3.0) == "0.33333333333333331");
    CHECK(to_text(1.0f / 3.0f) == "0.333333343");
    CHECK(to_text(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(to_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
    CHECK(to_text(Extents{6, 16}) == "[6, 16]");
}
