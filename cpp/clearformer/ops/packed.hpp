#pragma once

#include <memory>

#include "clearformer/simd.hpp"
#include "clearformer/tensor.hpp"

namespace clearformer {

/// The whole numbers from first to last - 1.
struct Range {
    Size first = 0, last = 0;
    bool empty() const { return last <= first; }
    Size size() const { return empty() ? 0 : last - first; }
    friend bool operator==(Range, Range) = default;
};

/// The smallest range that holds both.
inline Range hull(Range a, Range b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    return {std::min(a.first, b.first), std::max(a.last, b.last)};
}
inline Range common(Range a, Range b) { return {std::max(a.first, b.first), std::min(a.last, b.last)}; }

/// The right factor of a product, rearranged so that the SIMD kernel reads it in one stream: panels of 8 columns,
/// each [k, 8], the last one filled up with zeros. Packing costs one pass and pays from about four rows of the left
/// factor on; pack once, multiply often.
class PackedMatrix {
public:
    /// An empty one, to be filled by pack.
    PackedMatrix() = default;

    /// scale * b for b [k, n]; ldb is the distance between its rows.
    static PackedMatrix of(const float* b, Size k, Size n, Size ldb, float scale = 1);
    /// scale * bᵀ for b [n, k].
    static PackedMatrix of_transposed(const float* b, Size k, Size n, Size ldb, float scale = 1);

    /// What `of` and `of_transposed` give, in the memory that is there already if there is enough.
    void pack(const float* b, Size k, Size n, Size ldb, float scale = 1);
    void pack_transposed(const float* b, Size k, Size n, Size ldb, float scale = 1);

    Size depth() const { return k_; }
    Size columns() const { return n_; }

    /// y [m, n] = a [m, k] times the first k rows and first n columns. k <= depth(), n <= columns().
    void multiply(const float* a, float* y, Size m, Size k, Size n, Size lda, Size ldy) const;

    /// y [m, columns()] = a [m, depth()] times the matrix, where of row r only the columns `wanted[r]` are needed: they are written, and a
    /// few beside them may be.
    void multiply_columns(const float* a, float* y, Size m, const Range* wanted, Size lda, Size ldy) const;

    /// The same product, where row r of a is zero outside `used[r]`: those zeros are passed over. Few of them may be read, so they must
    /// be there: kRows neighbours share the hull of their ranges.
    void multiply_depths(const float* a, float* y, Size m, const Range* used, Size lda, Size ldy) const;

    /// y [m, columns()] += aᵀ times the matrix, with a [depth(), m]; of column r of a only the rows `used[r]` count, all without `used`. As
    /// above, neighbours share the hull of their ranges. y is written instead of added to where `add` is false.
    void multiply_turned(const float* a, float* y, Size m, const Range* used, Size lda, Size ldy, bool add) const;

    /// Rows of the left factor that are multiplied together. A tile has kRows x 2 accumulators. V8 keeps 15 vectors in registers on x64:
    /// with two vectors of the panel, one of a and, where multiplying and adding are two instructions, one for the product, that
    /// leaves room for 4 rows; a fused multiply-add has the higher latency and wants 6.
    static constexpr Size kRows = kFusedMultiplyAdd ? 6 : 4;
    /// Rows that meet a panel while it is in the first-level cache: a good number to compute at a time.
    static constexpr Size kRowBlock = 32 / kRows * kRows;

private:
    void resize(Size k, Size n);
    float* panel(Size p) { return data_.get() + p * k_ * 8; }

    Size k_ = 0, n_ = 0, capacity_ = 0;
    std::unique_ptr<float[]> data_;
};

}  // namespace clearformer
