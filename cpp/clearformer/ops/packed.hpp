#pragma once

#include <vector>

#include "clearformer/tensor.hpp"

namespace clearformer {

/// The right factor of a product, rearranged so that the SIMD kernel reads it in one stream: panels of 8 columns,
/// each [k, 8], the last one filled up with zeros. Packing costs one pass and pays from about four rows of the left
/// factor on; pack once, multiply often.
class PackedMatrix {
public:
    /// scale * b for b [k, n]; ldb is the distance between its rows.
    static PackedMatrix of(const float* b, Size k, Size n, Size ldb, float scale = 1);
    /// scale * bᵀ for b [n, k].
    static PackedMatrix of_transposed(const float* b, Size k, Size n, Size ldb, float scale = 1);

    Size depth() const { return k_; }
    Size columns() const { return n_; }

    /// y [m, n] = a [m, k] times the first k rows and first n columns. A causal product leaves out what it need not
    /// compute by asking for fewer columns (scores) or a smaller depth (weighted sums). k <= depth(), n <= columns().
    void multiply(const float* a, float* y, Size m, Size k, Size n, Size lda, Size ldy) const;

private:
    PackedMatrix(Size k, Size n);
    float* panel(Size p) { return data_.data() + p * k_ * 8; }
    const float* panel(Size p) const { return data_.data() + p * k_ * 8; }

    Size k_, n_;
    std::vector<float> data_;
};

}  // namespace clearformer
