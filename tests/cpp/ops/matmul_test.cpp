#include "clearformer/ops/matmul.hpp"

#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/packed.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

Array<double> product(const Array<double>& a, const Array<double>& b) {
    MatmulOptions<double> o;
    o.a = a;
    o.b = b;
    return matmul(o).y;
}

/// How far rounding alone can take a float sum of k products of normal numbers.
double float_bound(Size k) { return 3e-7 * static_cast<double>(k) + 1e-6; }

}  // namespace

TEST_CASE("matmul multiplies rows by columns") {
    CHECK(product({{2, 2}, {1, 2, 3, 4}}, {{2, 2}, {5, 6, 7, 8}}).data == std::vector<double>{19, 22, 43, 50});
}

TEST_CASE("matmul by the identity changes nothing") {
    Array<double> identity(Shape{7, 7});
    for (Size i = 0; i < 7; ++i) identity.at({i, i}) = 1;
    const Array<double> a = normal({3, 7}, 1);
    CHECK(product(a, identity).data == a.data);
}

TEST_CASE("matmul is associative up to rounding") {
    const Array<double> a = normal({4, 6}, 1), b = normal({6, 5}, 2), c = normal({5, 3}, 3);
    CHECK(distance(product(product(a, b), c).data, product(a, product(b, c)).data) < 1e-13);
}

TEST_CASE("matmul counts leading axes as more rows") {
    const Array<double> b = normal({4, 5}, 2);
    Array<double> a = normal({2, 3, 4}, 1);
    const Array<double> batched = product(a, b);
    CHECK(batched.shape == Shape{2, 3, 5});
    a.shape = {6, 4};
    CHECK(product(a, b).data == batched.data);
}

TEST_CASE("an empty inner axis gives zeros and an empty outer one nothing") {
    CHECK(product(Array<double>(Shape{2, 0}), Array<double>(Shape{0, 3})).data == std::vector<double>(6, 0.0));
    CHECK(product(Array<double>(Shape{0, 2}), Array<double>(Shape{2, 3})).shape == Shape{0, 3});
    CHECK(product(Array<double>(Shape{2, 2}), Array<double>(Shape{2, 0})).shape == Shape{2, 0});
}

TEST_CASE("matmul refuses shapes that do not fit") {
    CHECK_THROWS_WITH_AS(product(normal({2, 3}, 1), normal({4, 2}, 2)),
                         "matmul: b must have K = 3 as a has, got shape [4, 2]", DomainError);
    CHECK_THROWS_AS(product(normal({3}, 1), normal({3, 2}, 2)), DomainError);
}

TEST_CASE("the SIMD product equals the reference at every size around its blocks") {
    const Size rows[] = {0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 37}, columns[] = {1, 3, 4, 7, 8, 9, 16, 23, 65},
               inner[] = {0, 1, 2, 5, 8, 64, 511, 513};
    for (Size m : rows) {
        for (Size n : columns) {
            for (Size k : inner) {
                CAPTURE(m);
                CAPTURE(n);
                CAPTURE(k);
                const Array<float> a = normal<float>({m, k}, m + 1), b = normal<float>({k, n}, n + 2),
                                   bt = normal<float>({n, k}, k + 3);
                const Array<double> a64 = in_double(a), b64 = in_double(b), bt64 = in_double(bt);
                Array<float> y(Shape{m, n}, 9.0f);
                Array<double> truth(Shape{m, n});
                matmul(a.data.data(), b.data.data(), y.data.data(), m, k, n, k, n, n);
                reference::matmul(a64.data.data(), b64.data.data(), truth.data.data(), m, k, n, k, n, n);
                REQUIRE(distance(y.data, truth.data) < float_bound(k));
                matmul_transposed(a.data.data(), bt.data.data(), y.data.data(), m, k, n, k, k, n);
                reference::matmul_transposed(a64.data.data(), bt64.data.data(), truth.data.data(), m, k, n, k, k, n);
                REQUIRE(distance(y.data, truth.data) < float_bound(k));
            }
        }
    }
}

TEST_CASE("the SIMD product equals the reference beyond one block of columns") {
    const Size m = 5, k = 600, n = 1030;
    const Array<float> a = normal<float>({m, k}, 1), b = normal<float>({k, n}, 2);
    Array<float> y(Shape{m, n}), truth(Shape{m, n});
    matmul(a.data.data(), b.data.data(), y.data.data(), m, k, n, k, n, n);
    reference::matmul(a.data.data(), b.data.data(), truth.data.data(), m, k, n, k, n, n);
    CHECK(distance(y.data, truth.data) < 2 * float_bound(k));
}

TEST_CASE("rows may lie farther apart than they are wide, and what lies between is untouched") {
    const Size m = 6, k = 5, n = 11, lda = 9, ldb = 14, ldy = 13;
    const Array<float> a = normal<float>({m, lda}, 1), b = normal<float>({k, ldb}, 2), bt = normal<float>({n, ldb}, 3);
    for (Size rows : {Size{2}, m}) {
        Array<float> y(Shape{m, ldy}, 7.0f), truth(Shape{m, ldy}, 7.0f);
        matmul(a.data.data(), b.data.data(), y.data.data(), rows, k, n, lda, ldb, ldy);
        reference::matmul(a.data.data(), b.data.data(), truth.data.data(), rows, k, n, lda, ldb, ldy);
        CHECK(distance(y.data, truth.data) < 1e-5);
        matmul_transposed(a.data.data(), bt.data.data(), y.data.data(), rows, k, n, lda, ldb, ldy);
        reference::matmul_transposed(a.data.data(), bt.data.data(), truth.data.data(), rows, k, n, lda, ldb, ldy);
        CHECK(distance(y.data, truth.data) < 1e-5);
    }
}

TEST_CASE("a packed matrix multiplies any leading part of itself, scaled") {
    const Size m = 9, k = 600, n = 21;
    const Array<float> a = normal<float>({m, k}, 1), b = normal<float>({k, n}, 2), bt = normal<float>({n, k}, 3);
    const PackedMatrix packed = PackedMatrix::of(b.data.data(), k, n, n, 0.5f);
    const PackedMatrix transposed = PackedMatrix::of_transposed(bt.data.data(), k, n, k, 0.5f);
    CHECK(packed.depth() == k);
    CHECK(packed.columns() == n);
    for (Size depth : {Size{0}, Size{3}, Size{513}, k}) {
        for (Size columns : {Size{1}, Size{8}, Size{13}, n}) {
            Array<float> y(Shape{m, columns}), truth(Shape{m, columns});
            packed.multiply(a.data.data(), y.data.data(), m, depth, columns, k, columns);
            reference::matmul(a.data.data(), b.data.data(), truth.data.data(), m, depth, columns, k, n, columns);
            for (float& value : truth.data) value *= 0.5f;
            CHECK(distance(y.data, truth.data) < float_bound(k));
            transposed.multiply(a.data.data(), y.data.data(), m, depth, columns, k, columns);
            reference::matmul_transposed(a.data.data(), bt.data.data(), truth.data.data(), m, depth, columns, k, k, columns);
            for (float& value : truth.data) value *= 0.5f;
            CHECK(distance(y.data, truth.data) < float_bound(k));
        }
    }
    float out[1];
    CHECK_THROWS_AS(packed.multiply(a.data.data(), out, 1, k + 1, 1, k, 1), DomainError);
}

TEST_CASE("linear is x times the transposed weight plus the bias") {
    LinearOptions<double> o;
    o.x = {{1, 2}, {1, 2}};
    o.weight = {{3, 2}, {1, 0, 0, 1, 1, 1}};
    CHECK(linear(o).y.data == std::vector<double>{1, 2, 3});
    o.bias = {{3}, {10, 20, 30}};
    CHECK(linear(o).y.data == std::vector<double>{11, 22, 33});
    o.bias = {{2}, {10, 20}};
    CHECK_THROWS_WITH_AS(linear(o), "linear: bias must have N = 3 as weight has, got shape [2]", DomainError);
}

TEST_CASE("linear without inputs gives the bias") {
    LinearOptions<double> o;
    o.x = Array<double>(Shape{2, 0});
    o.weight = Array<double>(Shape{2, 0});
    o.bias = {{2}, {1, 2}};
    CHECK(linear(o).y.data == std::vector<double>{1, 2, 1, 2});
}

TEST_CASE("linear in float equals linear in double") {
    LinearOptions<float> o;
    o.x = normal<float>({3, 5, 33}, 1);
    o.weight = normal<float>({17, 33}, 2);
    o.bias = normal<float>({17}, 3);
    LinearOptions<double> wide;
    wide.x = in_double(o.x);
    wide.weight = in_double(o.weight);
    wide.bias = in_double(*o.bias);
    CHECK(linear(o).y.shape == Shape{3, 5, 17});
    CHECK(distance(linear(o).y.data, linear(wide).y.data) < 3e-5);
}

TEST_CASE("a packed matrix without rows has nothing to read and gives zeros") {
    const PackedMatrix packed = PackedMatrix::of_transposed(nullptr, 0, 3, 0, 1.0f);
    std::vector<float> y(6, 7.0f);
    packed.multiply(nullptr, y.data(), 2, 0, 3, 0, 3);
    CHECK(y == std::vector<float>(6, 0.0f));
}
