#include "clearformer/ops/packed.hpp"

#include <algorithm>

#include "clearformer/simd.hpp"

namespace clearformer {
namespace {

constexpr Size kPanel = 8;  // columns of a panel: two vectors
constexpr Size kRows = 4;  // rows at a time: 4 x 2 accumulators leave room for two vectors of B and one of A in 16 registers
constexpr Size kDepthBlock = 512;  // 512 x 8 floats of a panel stay in the first-level cache
constexpr Size kRowBlock = 32;     // rows of A that meet a panel while it is there

/// y [Rows, 8] (+)= a [Rows, k] panel [k, 8]
template <Size Rows>
void multiply_tile(const float* a, const float* panel, float* y, Size k, Size lda, Size ldy, bool add) {
    f32x4 left[Rows], right[Rows];
    for (Size r = 0; r < Rows; ++r) {
        left[r] = add ? f32x4::load(y + r * ldy) : f32x4::splat(0);
        right[r] = add ? f32x4::load(y + r * ldy + 4) : f32x4::splat(0);
    }
    for (Size i = 0; i < k; ++i) {
        const f32x4 b0 = f32x4::load(panel + i * kPanel), b1 = f32x4::load(panel + i * kPanel + 4);
        for (Size r = 0; r < Rows; ++r) {
            const f32x4 x = f32x4::splat(a[r * lda + i]);
            left[r] = multiply_add(x, b0, left[r]);
            right[r] = multiply_add(x, b1, right[r]);
        }
    }
    for (Size r = 0; r < Rows; ++r) {
        left[r].store(y + r * ldy);
        right[r].store(y + r * ldy + 4);
    }
}

void multiply_tile(const float* a, const float* panel, float* y, Size rows, Size k, Size lda, Size ldy, bool add) {
    switch (rows) {
        case 1: return multiply_tile<1>(a, panel, y, k, lda, ldy, add);
        case 2: return multiply_tile<2>(a, panel, y, k, lda, ldy, add);
        case 3: return multiply_tile<3>(a, panel, y, k, lda, ldy, add);
        default: return multiply_tile<kRows>(a, panel, y, k, lda, ldy, add);
    }
}

/// The tile at the right edge, where y has fewer than 8 columns left: computed aside.
void multiply_edge_tile(const float* a, const float* panel, float* y, Size rows, Size k, Size columns, Size lda, Size ldy,
                        bool add) {
    float tile[kRows * kPanel] = {};
    for (Size r = 0; add && r < rows; ++r) std::copy_n(y + r * ldy, columns, tile + r * kPanel);
    multiply_tile(a, panel, tile, rows, k, lda, kPanel, add);
    for (Size r = 0; r < rows; ++r) std::copy_n(tile + r * kPanel, columns, y + r * ldy);
}

}  // namespace

PackedMatrix::PackedMatrix(Size k, Size n) : k_(k), n_(n) {
    const Size panels = (n + kPanel - 1) / kPanel;
    check_bytes("matmul", {panels, k, kPanel}, sizeof(float));
    data_.assign(panels * k * kPanel, 0.0f);
}

PackedMatrix PackedMatrix::of(const float* b, Size k, Size n, Size ldb, float scale) {
    PackedMatrix packed(k, n);
    for (Size j = 0; j < n; j += kPanel) {
        const Size columns = std::min(kPanel, n - j);
        float* panel = packed.panel(j / kPanel);
        for (Size i = 0; i < k; ++i) {
            for (Size c = 0; c < columns; ++c) panel[i * kPanel + c] = scale * b[i * ldb + j + c];
        }
    }
    return packed;
}

PackedMatrix PackedMatrix::of_transposed(const float* b, Size k, Size n, Size ldb, float scale) {
    PackedMatrix packed(k, n);
    for (Size j = 0; j < n; ++j) {
        float* column = packed.panel(j / kPanel) + j % kPanel;
        for (Size i = 0; i < k; ++i) column[i * kPanel] = scale * b[j * ldb + i];
    }
    return packed;
}

void PackedMatrix::multiply(const float* a, float* y, Size m, Size k, Size n, Size lda, Size ldy) const {
    require(k <= k_ && n <= n_, "matmul: a packed matrix of ", k_, " x ", n_, " has no ", k, " x ", n, " part");
    if (k == 0) {
        for (Size r = 0; r < m; ++r) std::fill_n(y + r * ldy, n, 0.0f);
        return;
    }
    for (Size k0 = 0; k0 < k; k0 += kDepthBlock) {
        const Size depth = std::min(kDepthBlock, k - k0);
        for (Size m0 = 0; m0 < m; m0 += kRowBlock) {
            const Size last = std::min(m, m0 + kRowBlock);
            for (Size n0 = 0; n0 < n; n0 += kPanel) {
                const float* b = panel(n0 / kPanel) + k0 * kPanel;
                for (Size r = m0; r < last; r += kRows) {
                    const Size rows = std::min(kRows, last - r);
                    const float* x = a + r * lda + k0;
                    float* out = y + r * ldy + n0;
                    if (n - n0 >= kPanel) multiply_tile(x, b, out, rows, depth, lda, ldy, k0 > 0);
                    else multiply_edge_tile(x, b, out, rows, depth, n - n0, lda, ldy, k0 > 0);
                }
            }
        }
    }
}

}  // namespace clearformer
