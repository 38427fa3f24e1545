#include "clearformer/fields.hpp"

#include <doctest/doctest.h>

using namespace clearformer;

namespace {

struct Example {
    static constexpr const char* kFunction = "example";
    Array<double> x;
    std::optional<Array<double>> gamma;
    int heads = 1;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.optional("gamma", gamma, "C");
        field.optional("heads", heads);
    }
};

}  // namespace

TEST_CASE("letters stand for the extents of the shapes they match") {
    Letters letters;
    letters.match("f", "q", "H T D", {2, 5, 4});
    letters.match("f", "k", "H S D", {2, 7, 4});
    CHECK(letters["T"] == 5);
    CHECK(letters["S"] == 7);
    CHECK(letters.has("D"));
    CHECK_FALSE(letters.has("C"));
}

TEST_CASE("a letter cannot stand for two extents") {
    Letters letters;
    letters.match("f", "q", "H T D", {2, 5, 4});
    CHECK_THROWS_WITH_AS(letters.match("f", "k", "H S D", {2, 7, 3}), "f: k must have D = 4 as q has, got shape [2, 7, 3]",
                         DomainError);
}

TEST_CASE("two dots match any leading axes, a question mark an axis that may be missing") {
    Letters any;
    any.match("f", "x", ".. C", {3, 2, 8});
    CHECK(any["C"] == 8);
    any.match("f", "y", "..", {1, 2, 3, 4});
    Letters maybe;
    maybe.match("f", "q", "B? H T", {4, 5});
    CHECK(maybe["H"] == 4);
    CHECK_FALSE(maybe.has("B"));
    maybe.match("f", "k", "B? H T", {9, 4, 5});
    CHECK(maybe["B"] == 9);
}

TEST_CASE("a shape of another rank or with another fixed extent is refused") {
    Letters letters;
    CHECK_THROWS_WITH_AS(letters.match("f", "x", "T C", {3}), "f: x must have shape [T C], got [3]", DomainError);
    CHECK_THROWS_WITH_AS(letters.match("f", "x", ".. T C", {3}), "f: x must have shape [.. T C], got [3]", DomainError);
    CHECK_THROWS_WITH_AS(letters.match("f", "x", "3 N", {2, 5}), "f: x must have shape [3 N], got [2, 5]", DomainError);
}

TEST_CASE("check_shapes looks at every tensor that is there") {
    Example example;
    example.x = Array<double>(Shape{2, 3});
    CHECK(check_shapes(example)["C"] == 3);
    example.gamma = Array<double>(Shape{4});
    CHECK_THROWS_WITH_AS(check_shapes(example), "example: gamma must have C = 3 as x has, got shape [4]", DomainError);
}
