#include "clearformer/vision/positions_2d.hpp"

#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("two-dimensional sinusoidal positions conform") {
    for_each_case("vision", "sincos_2d", [](const Json& c) {
        const Json& p = c["params"];
        const int grid = p["grid"];
        check_tensor(sincos2d({p["dim"], {grid, grid}, p["cls_token"]}).table, "pe", c);
    });
}

TEST_CASE("the first half tells the column, the second half the row") {
    const Array<double> table = sincos2d({8, {3, 4}}).table;
    CHECK(table.shape == Shape{12, 8});
    for (Size t = 0; t < 12; ++t) {
        const double column = static_cast<double>(t % 4), row = static_cast<double>(t / 4);
        CHECK(table.row(t)[0] == doctest::Approx(std::sin(column)));
        CHECK(table.row(t)[3] == doctest::Approx(std::cos(column / 100)));
        CHECK(table.row(t)[4] == doctest::Approx(std::sin(row)));
        CHECK(table.row(t)[7] == doctest::Approx(std::cos(row / 100)));
    }
}

TEST_CASE("the dot product of two positions depends on their distance only") {
    const Array<double> table = sincos2d({32, {6, 6}}).table;
    const auto dot = [&](Size a, Size b) {
        double sum = 0;
        for (Size c = 0; c < 32; ++c) sum += table.row(a)[c] * table.row(b)[c];
        return sum;
    };
    CHECK(dot(0, 8) == doctest::Approx(dot(14, 22)));
    CHECK(dot(0, 8) == doctest::Approx(dot(21, 29)));
}

TEST_CASE("the class token gets zeros") {
    const Array<double> table = sincos2d({8, {2, 2}, true}).table;
    CHECK(table.shape == Shape{5, 8});
    for (Size c = 0; c < 8; ++c) CHECK(table.row(0)[c] == 0);
}

TEST_CASE("every position opens into its row or column and a frequency") {
    for (bool cls_token : {false, true}) CHECK(check_whole_trace(*sincos2d({8, {3, 2}, cls_token, true}).trace) == 0);
}

TEST_CASE("grids and widths that cannot be are refused") {
    CHECK_THROWS_WITH_AS(sincos2d({6, {2, 2}}), "sincos2d: dim must be a multiple of 4 and at least 4, got 6", DomainError);
    CHECK_THROWS_WITH_AS(sincos2d({8, {2}}), "sincos2d: grid must be rows and columns, got [2]", DomainError);
    CHECK_THROWS_AS(sincos2d({8, {2, 0}}), DomainError);
    CHECK_THROWS_AS(sincos2d({8, {65536, 65536}}), DomainError);
}

TEST_CASE("positions of more places than a tensor can have are refused") {
    CHECK_THROWS_AS(sincos2d({4, {65536, 65536}}), DomainError);
}
