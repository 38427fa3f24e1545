#include "clearformer/ops/packed.hpp"

#include "clearformer/ops/matmul.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

Array<double> product(const Array<float>& a, const Array<float>& b) {
    MatmulOptions<double> o;
    o.a = in_double(a);
    o.b = in_double(b);
    return matmul(o).y;
}

}  // namespace

TEST_CASE("columns that no row wants are left out, those wanted are the product's") {
    for (Size m : {1, 3, 4, 6, 31, 32, 70}) {
        for (Size n : {1, 8, 13, 40}) {
            CAPTURE(m);
            CAPTURE(n);
            const Size k = 11;
            const Array<float> a = normal<float>({m, k}, m), b = normal<float>({k, n}, n);
            const Array<double> expected = product(a, b);
            std::vector<Range> wanted(m);
            for (Size r = 0; r < m; ++r) wanted[r] = {std::min(n, r / 2), std::min(n, r + 3)};
            if (m > 2) wanted[2] = {};
            Array<float> y(Shape{m, n}, -7.0f);
            PackedMatrix::of(b.data.data(), k, n, n).multiply_columns(a.data.data(), y.data.data(), m, wanted.data(), k, n);
            for (Size r = 0; r < m; ++r) {
                for (Size c = wanted[r].first; c < wanted[r].last; ++c) {
                    CHECK(std::fabs(static_cast<double>(y.row(r)[c]) - expected.row(r)[c]) < 1e-5);
                }
                // Only panels of 8 that a neighbour wants are written.
                for (Size c = 0; c < n; ++c) {
                    if (c >= m + 3 + 8) CHECK(y.row(r)[c] == -7.0f);
                }
            }
        }
    }
}

TEST_CASE("zeros of the left factor are passed over without changing the product") {
    for (Size m : {1, 4, 5, 33, 64}) {
        for (Size k : {3, 40, 700}) {
            CAPTURE(m);
            CAPTURE(k);
            const Size n = 19;
            Array<float> a = normal<float>({m, k}, m, 0.1);
            const Array<float> b = normal<float>({k, n}, k);
            std::vector<Range> used(m);
            for (Size r = 0; r < m; ++r) {
                used[r] = r % 7 == 3 ? Range{} : Range{std::min(k, r), std::min(k, r + k / 2 + 1)};
                for (Size c = 0; c < k; ++c) {
                    if (c < used[r].first || c >= used[r].last) a.row(r)[c] = 0;
                }
            }
            Array<float> y(Shape{m, n}, -7.0f);
            PackedMatrix::of(b.data.data(), k, n, n).multiply_depths(a.data.data(), y.data.data(), m, used.data(), k, n);
            CHECK(distance(y.data, product(a, b).data) < 1e-5);
        }
    }
}

TEST_CASE("packing is the matrix times its scale, transposed or not, at every size") {
    for (Size k : {1, 3, 4, 9, 16}) {
        for (Size n : {1, 4, 7, 8, 21}) {
            const Array<float> b = normal<float>({k, n}, k + n);
            Array<float> transposed(Shape{n, k});
            for (Size i = 0; i < k; ++i) {
                for (Size j = 0; j < n; ++j) transposed.row(j)[i] = b.row(i)[j];
            }
            Array<float> identity(Shape{k, k});
            for (Size i = 0; i < k; ++i) identity.row(i)[i] = 1;
            for (const PackedMatrix& packed : {PackedMatrix::of(b.data.data(), k, n, n, 0.5f),
                                               PackedMatrix::of_transposed(transposed.data.data(), k, n, k, 0.5f)}) {
                Array<float> y(Shape{k, n});
                packed.multiply(identity.data.data(), y.data.data(), k, k, n, k, n);
                for (Size i = 0; i < y.size(); ++i) CHECK(y.data[i] == 0.5f * b.data[i]);
            }
        }
    }
}

TEST_CASE("the turned product is the transpose's, written or added, over the rows that count") {
    for (Size m : {1, 4, 6, 7, 33, 70}) {
        for (Size k : {1, 5, 300}) {
            for (bool add : {false, true}) {
                CAPTURE(m);
                CAPTURE(k);
                CAPTURE(add);
                const Size n = 19, lda = m + 2, ldy = n + 1;
                Array<float> a = normal<float>({k, lda}, m), turned(Shape{m, k});
                const Array<float> b = normal<float>({k, n}, k);
                std::vector<Range> used(m);
                for (Size r = 0; r < m; ++r) {
                    used[r] = r % 7 == 3 ? Range{} : Range{std::min(k, r), std::min(k, r + k / 2 + 1)};
                    for (Size i = 0; i < k; ++i) {
                        if (i < used[r].first || i >= used[r].last) a.row(i)[r] = 0;
                        turned.row(r)[i] = a.row(i)[r];
                    }
                }
                const Array<double> expected = product(turned, b);
                for (const Range* ranges : {static_cast<const Range*>(nullptr), static_cast<const Range*>(used.data())}) {
                    Array<float> y(Shape{m, ldy}, -7.0f);
                    PackedMatrix::of(b.data.data(), k, n, n)
                        .multiply_turned(a.data.data(), y.data.data(), m, ranges, lda, ldy, add);
                    for (Size r = 0; r < m; ++r) {
                        for (Size c = 0; c < n; ++c) {
                            CHECK(std::fabs(static_cast<double>(y.row(r)[c]) - expected.row(r)[c] + (add ? 7 : 0)) < 1e-4);
                        }
                        CHECK(y.row(r)[n] == -7.0f);
                    }
                }
            }
        }
    }
}

TEST_CASE("packing again in the same memory forgets what was there") {
    const Array<float> large = normal<float>({9, 24}, 1), small = normal<float>({3, 10}, 2), left = normal<float>({5, 3}, 3);
    PackedMatrix packed;
    packed.pack(large.data.data(), 9, 24, 24);
    packed.pack(small.data.data(), 3, 10, 10);
    CHECK(packed.depth() == 3);
    CHECK(packed.columns() == 10);
    Array<float> y(Shape{5, 10});
    packed.multiply(left.data.data(), y.data.data(), 5, 3, 10, 3, 10);
    CHECK(distance(y.data, product(left, small).data) < 1e-5);
}
