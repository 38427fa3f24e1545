#include "clearformer/tensor.hpp"

#include <doctest/doctest.h>

using namespace clearformer;

TEST_CASE("an array is row-major") {
    const Array<double> a({2, 3}, {1, 2, 3, 4, 5, 6});
    CHECK(a.rank() == 2);
    CHECK(a.rows() == 2);
    CHECK(a.width() == 3);
    CHECK(a.at({1, 0}) == 4);
    CHECK(a.row(1)[2] == 6);
    CHECK(a.offset({1, 2}) == 5);
}

TEST_CASE("a scalar has one entry, one row and the empty shape") {
    const Array<double> a({}, std::vector<double>{5});
    CHECK(a.size() == 1);
    CHECK(a.rows() == 1);
    CHECK(a.at({}) == 5);
}

TEST_CASE("an array without entries has no rows") {
    CHECK(Array<double>({0, 3}).rows() == 0);
    CHECK(Array<double>({3, 0}).rows() == 0);
    CHECK(Array<double>({0}).empty());
}

TEST_CASE("an empty array is refused where its other axes are endless") {
    CHECK_THROWS_WITH_AS(
        Array<double>({0, 134217728}),
        "tensor: shape [0, 134217728] without its empty axes would need 1073741824 bytes; at most 134217728 are allowed",
        DomainError);
    CHECK_THROWS_AS(Array<double>({65536, 65536, 0}), DomainError);
    CHECK(Array<double>({0, 1000000}).empty());
}

TEST_CASE("values that do not fill the shape are refused") {
    CHECK_THROWS_WITH_AS(Array<double>({2, 3}, {1, 2}), "tensor: shape [2, 3] needs 6 values, got 2", DomainError);
}

TEST_CASE("an index outside the shape is refused") {
    const Array<double> a(Shape{2, 3});
    CHECK_THROWS_WITH_AS(a.at({2, 0}), "tensor: index [2, 0] lies outside the shape [2, 3]", DomainError);
    CHECK_THROWS_AS(a.at({1}), DomainError);
}

TEST_CASE("a shape whose entries cannot be counted or held is refused before anything is allocated") {
    CHECK_THROWS_AS(entries({Size{1} << 31, Size{1} << 31, Size{1} << 31}), DomainError);
    CHECK_THROWS_AS(Array<double>({1u << 20, 1u << 20}), DomainError);
    CHECK(entries({0, 5}) == 0);
}

TEST_CASE("an array becomes a tensor of fixed rank and back") {
    const Array<double> a({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    const Tensor3<double> t = fixed<3>(a);
    CHECK(t(1, 0, 1) == 6);
    const Array<double> back = to_array(t);
    CHECK(back.shape == a.shape);
    CHECK(back.data == a.data);
    CHECK_THROWS_WITH_AS(fixed<2>(a), "tensor: expected 2 axes, got shape [2, 2, 2]", DomainError);
}
