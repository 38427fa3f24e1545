#include "clearformer/quantization/svd.hpp"

#include <cmath>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

SvdResult decomposed(const Array<double>& a, std::optional<int> rank = {}) {
    SvdOptions o;
    o.a = a;
    o.rank = rank;
    return svd(o);
}

/// The largest distance of xᵀ x from the identity.
double from_orthonormal(const Array<double>& x) {
    double most = 0;
    for (Size p = 0; p < x.width(); ++p) {
        for (Size q = 0; q < x.width(); ++q) {
            double sum = p == q ? -1 : 0;
            for (Size i = 0; i < x.shape[0]; ++i) sum += x.row(i)[p] * x.row(i)[q];
            most = std::max(most, std::fabs(sum));
        }
    }
    return most;
}

double frobenius(const Array<double>& a, const Array<double>& b) {
    double squares = 0;
    for (Size i = 0; i < a.size(); ++i) squares += (a.data[i] - b.data[i]) * (a.data[i] - b.data[i]);
    return std::sqrt(squares);
}

Array<double> of_rank(Size rows, Size columns, Size rank) {
    const Array<double> left = normal({rows, rank}, 3), right = normal({rank, columns}, 4);
    Array<double> a({rows, columns});
    for (Size m = 0; m < rows; ++m) {
        for (Size n = 0; n < columns; ++n) {
            for (Size k = 0; k < rank; ++k) a.row(m)[n] += left.row(m)[k] * right.row(k)[n];
        }
    }
    return a;
}

}  // namespace

TEST_CASE("the factors are orthonormal, the singular values descend, and the product is the matrix, whatever its shape") {
    const std::vector<Array<double>> matrices = {
        normal({5, 3}, 1),    normal({3, 5}, 2),     normal({6, 6}, 3, 1e150), normal({4, 4}, 4, 1e-200),
        normal({1, 7}, 5),    normal({64, 48}, 6),   of_rank(20, 12, 3),       of_rank(12, 20, 5),
        of_rank(200, 150, 2), Array<double>({3, 4}), Array<double>({4, 3}, 1)};
    for (const Array<double>& a : matrices) {
        CAPTURE(a.shape[0]);
        CAPTURE(a.shape[1]);
        const auto r = decomposed(a);
        CHECK(from_orthonormal(r.u) < 1e-12);
        CHECK(from_orthonormal(r.v) < 1e-12);
        CHECK(r.sweeps < 20);
        const double largest = r.singular_values.data[0];
        for (Size k = 0; k + 1 < r.singular_values.size(); ++k) {
            CHECK(r.singular_values.data[k] >= r.singular_values.data[k + 1]);
        }
        CHECK(r.singular_values.data.back() >= 0);
        CHECK(distance(r.reconstruction.data, a.data) <= 1e-13 * largest);
    }
}

TEST_CASE("a matrix of low rank has no more singular values than that") {
    const auto r = decomposed(of_rank(30, 20, 3));
    CHECK(r.singular_values.data[2] > 1);
    for (Size k = 3; k < 20; ++k) CHECK(r.singular_values.data[k] == 0);
    CHECK(r.errors.data[3] == 0);
    CHECK(r.energy.data[3] == 1);
}

TEST_CASE("at a lower rank the error is what the left-out singular values say, and no smaller elsewhere") {
    const Array<double> a = normal({7, 5}, 8);
    for (int rank = 0; rank <= 5; ++rank) {
        const auto r = decomposed(a, rank);
        const double error = frobenius(a, r.reconstruction);
        CHECK(error == doctest::Approx(r.errors.data[static_cast<Size>(rank)]).epsilon(1e-10));
        CHECK(1 - r.energy.data[static_cast<Size>(rank)] ==
              doctest::Approx(error * error / (r.errors.data[0] * r.errors.data[0])).epsilon(1e-10));
    }
}

TEST_CASE("singular values agree with LAPACK's") {
    // numpy.linalg.svd of ((i + 1) (j + 2)) % 7 / 3, i < 4, j < 3
    Array<double> a({4, 3});
    for (Size i = 0; i < 12; ++i) a.data[i] = static_cast<double>((i / 3 + 1) * (i % 3 + 2) % 7) / 3;
    CHECK(distance(decomposed(a).singular_values.data,
                   std::vector<double>{4.03187985200476, 1.626181255774188, 0.875297691664629}) < 1e-13);
}

TEST_CASE("the signs are fixed by the right factor") {
    const auto r = decomposed({{2, 2}, {0, -3, 2, 0}});
    CHECK(r.v.data == std::vector<double>{0, 1, 1, 0});
    CHECK(r.u.data == std::vector<double>{-1, 0, 0, 1});
    CHECK(r.singular_values.data == std::vector<double>{3, 2});
}

TEST_CASE("the decomposition refuses what it is not defined for") {
    CHECK_THROWS_AS(decomposed(Array<double>({0, 3})), DomainError);
    CHECK_THROWS_AS(decomposed(Array<double>({257, 1})), DomainError);
    CHECK_THROWS_AS(decomposed(normal({2, 2}, 1), 3), DomainError);
    CHECK_THROWS_AS(decomposed(normal({2, 2}, 1), -1), DomainError);
    CHECK_THROWS_AS(decomposed(Array<double>({9, 9}, 1.7e308)), DomainError);
}
