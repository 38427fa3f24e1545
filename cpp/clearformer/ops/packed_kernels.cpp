#include "clearformer/ops/packed.hpp"

#include <algorithm>

#include "clearformer/simd.hpp"

namespace clearformer {
namespace {

constexpr Size kPanel = 8;         // columns of a panel: two vectors
constexpr Size kDepthBlock = 256;  // a panel and the rows it meets, 256 deep, fit into the first-level cache
constexpr Size kRows = PackedMatrix::kRows;
constexpr Size kRowBlock = PackedMatrix::kRowBlock;

/// A 4 x 4 square given by its rows: the columns go to `to`, `stride` apart.
void store_columns(f32x4 r0, f32x4 r1, f32x4 r2, f32x4 r3, float* to, Size stride) {
    const f32x4 low02 = zip_low(r0, r2), low13 = zip_low(r1, r3), high02 = zip_high(r0, r2), high13 = zip_high(r1, r3);
    zip_low(low02, low13).store(to);
    zip_high(low02, low13).store(to + stride);
    zip_low(high02, high13).store(to + 2 * stride);
    zip_high(high02, high13).store(to + 3 * stride);
}

/// a [Rows, k] as [k, Rows]: so the kernel reads one stream, wherever the rows of a lie. (Rows a power of two apart compete for the same
/// lines of the cache.)
template <Size Rows>
void pack_rows(const float* a, float* to, Size k, Size lda) {
    const float* row[Rows];
    for (Size r = 0; r < Rows; ++r) row[r] = a + r * lda;
    for (const float* end = to + k / 4 * 4 * Rows; to != end; to += 4 * Rows) {
        if constexpr (Rows >= 4) {
            store_columns(f32x4::load(row[0]), f32x4::load(row[1]), f32x4::load(row[2]), f32x4::load(row[3]), to, Rows);
        }
        if constexpr (Rows % 4 >= 2) {
            constexpr Size r = Rows / 4 * 4;
            const f32x4 first = f32x4::load(row[r]), second = f32x4::load(row[r + 1]);
            const f32x4 low = zip_low(first, second), high = zip_high(first, second);
            low.store_low(to + r);
            low.store_high(to + r + Rows);
            high.store_low(to + r + 2 * Rows);
            high.store_high(to + r + 3 * Rows);
        }
        if constexpr (Rows % 2 == 1) {
            for (Size i = 0; i < 4; ++i) to[i * Rows + Rows - 1] = row[Rows - 1][i];
        }
        for (const float*& p : row) p += 4;
    }
    for (Size i = 0; i < k % 4; ++i) {
        for (Size r = 0; r < Rows; ++r) to[i * Rows + r] = row[r][i];
    }
}

template <Size Rows = kRows>
void pack_rows(const float* a, float* to, Size rows, Size k, Size lda) {
    if (rows == Rows) return pack_rows<Rows>(a, to, k, lda);
    if constexpr (Rows > 1) pack_rows<Rows - 1>(a, to, rows, k, lda);
}

/// The same of aᵀ: a [k, Rows], its rows lda apart.
template <Size Rows>
void copy_columns(const float* a, float* to, Size k, Size lda) {
    for (const float* end = to + k * Rows; to != end; to += Rows, a += lda) {
        if constexpr (Rows >= 4) f32x4::load(a).store(to);
        for (Size r = Rows / 4 * 4; r < Rows; ++r) to[r] = a[r];
    }
}

template <Size Rows = kRows>
void copy_columns(const float* a, float* to, Size rows, Size k, Size lda) {
    if (rows == Rows) return copy_columns<Rows>(a, to, k, lda);
    if constexpr (Rows > 1) copy_columns<Rows - 1>(a, to, rows, k, lda);
}

/// y [Rows, 8] (+)= a [Rows, k] panel [k, 8], with a packed as [k, Rows]
template <Size Rows>
void multiply_tile(const float* a, const float* panel, float* y, Size k, Size ldy, bool add) {
    f32x4 left[Rows], right[Rows];
    for (Size r = 0; r < Rows; ++r) {
        left[r] = add ? f32x4::load(y + r * ldy) : f32x4::splat(0);
        right[r] = add ? f32x4::load(y + r * ldy + 4) : f32x4::splat(0);
    }
    // Two pointers that move on, and fixed distances from them: no address is computed inside.
    for (const float* end = panel + k * kPanel; panel != end; panel += kPanel, a += Rows) {
        const f32x4 b0 = f32x4::load(panel), b1 = f32x4::load(panel + 4);
        for (Size r = 0; r < Rows; ++r) {
            const f32x4 x = f32x4::splat(a[r]);
            left[r] = multiply_add(x, b0, left[r]);
            right[r] = multiply_add(x, b1, right[r]);
        }
    }
    for (Size r = 0; r < Rows; ++r) {
        left[r].store(y + r * ldy);
        right[r].store(y + r * ldy + 4);
    }
}

template <Size Rows = kRows>
void multiply_tile(const float* a, const float* panel, float* y, Size rows, Size k, Size ldy, bool add) {
    if (rows == Rows) return multiply_tile<Rows>(a, panel, y, k, ldy, add);
    if constexpr (Rows > 1) multiply_tile<Rows - 1>(a, panel, y, rows, k, ldy, add);
}

/// The tile at the right edge, where y has fewer than 8 columns left: computed aside.
void multiply_edge_tile(const float* a, const float* panel, float* y, Size rows, Size k, Size columns, Size ldy, bool add) {
    float tile[kRows * kPanel] = {};
    for (Size r = 0; add && r < rows; ++r) std::copy_n(y + r * ldy, columns, tile + r * kPanel);
    multiply_tile(a, panel, tile, rows, k, kPanel, add);
    for (Size r = 0; r < rows; ++r) std::copy_n(tile + r * kPanel, columns, y + r * ldy);
}

}  // namespace

void PackedMatrix::resize(Size k, Size n) {
    const Size panels = (n + kPanel - 1) / kPanel;
    check_bytes("matmul", {panels, k, kPanel}, sizeof(float));
    const Size needed = panels * k * kPanel;
    if (needed > capacity_) {
        data_ = std::make_unique_for_overwrite<float[]>(needed);
        capacity_ = needed;
    }
    k_ = k;
    n_ = n;
    if (n % kPanel != 0) std::fill_n(panel(panels - 1), k * kPanel, 0.0f);
}

PackedMatrix PackedMatrix::of(const float* b, Size k, Size n, Size ldb, float scale) {
    PackedMatrix packed;
    packed.pack(b, k, n, ldb, scale);
    return packed;
}

PackedMatrix PackedMatrix::of_transposed(const float* b, Size k, Size n, Size ldb, float scale) {
    PackedMatrix packed;
    packed.pack_transposed(b, k, n, ldb, scale);
    return packed;
}

void PackedMatrix::pack(const float* b, Size k, Size n, Size ldb, float scale) {
    resize(k, n);
    const f32x4 factor = f32x4::splat(scale);
    for (Size j = 0; j < n; j += kPanel) {
        const Size columns = std::min(kPanel, n - j);
        float* to = panel(j / kPanel);
        if (columns == kPanel) {
            for (Size i = 0; i < k; ++i) {
                const float* from = b + i * ldb + j;
                (f32x4::load(from) * factor).store(to + i * kPanel);
                (f32x4::load(from + 4) * factor).store(to + i * kPanel + 4);
            }
        } else {
            for (Size i = 0; i < k; ++i) {
                for (Size c = 0; c < columns; ++c) to[i * kPanel + c] = scale * b[i * ldb + j + c];
            }
        }
    }
}

void PackedMatrix::pack_transposed(const float* b, Size k, Size n, Size ldb, float scale) {
    resize(k, n);
    if (k == 0) return;
    const f32x4 factor = f32x4::splat(scale);
    // Squares of 4 x 4 turn at once; what is left at the edges one by one.
    const Size squares = k / 4 * 4;
    Size j = 0;
    for (; j + 4 <= n; j += 4) {
        const float* from = b + j * ldb;
        float* to = panel(j / kPanel) + j % kPanel;
        for (Size i = 0; i < squares; i += 4) {
            const float* x = from + i;
            store_columns(f32x4::load(x) * factor, f32x4::load(x + ldb) * factor, f32x4::load(x + 2 * ldb) * factor,
                          f32x4::load(x + 3 * ldb) * factor, to + i * kPanel, kPanel);
        }
        for (Size i = squares; i < k; ++i) {
            for (Size c = 0; c < 4; ++c) to[i * kPanel + c] = scale * from[c * ldb + i];
        }
    }
    for (; j < n; ++j) {
        float* column = panel(j / kPanel) + j % kPanel;
        for (Size i = 0; i < k; ++i) column[i * kPanel] = scale * b[j * ldb + i];
    }
}

namespace {

/// kRows rows of the product and the part of it that they need.
struct Strip {
    Size row, rows;
    Range depths, columns;
};

/// The left factor: a [m, k], or its transpose stored as [k, m]; and where the product goes.
struct Left {
    const float* a;
    Size lda;
    bool turned;
    float* y;
    Size ldy;
    bool add;

    void pack(const Strip& strip, Range depths, float* to) const {
        if (turned) copy_columns(a + depths.first * lda + strip.row, to, strip.rows, depths.size(), lda);
        else pack_rows(a + strip.row * lda + depths.first, to, strip.rows, depths.size(), lda);
    }
};

/// A few strips of y (+)= a panels, panel by panel, so that each serves all strips while it is in the first-level cache. `packed` has
/// room for kRowBlock x kDepthBlock floats.
void multiply_strips(const Strip* strips, Size count, const Left& left, const float* panels, Size k, Size n, float* packed) {
    Range depths, columns;
    for (Size i = 0; i < count; ++i) {
        const Strip& strip = strips[i];
        depths = hull(depths, strip.depths);
        columns = hull(columns, strip.columns);
        for (Size r = 0; !left.add && strip.depths.empty() && r < strip.rows; ++r) {
            std::fill_n(left.y + (strip.row + r) * left.ldy + strip.columns.first, strip.columns.size(), 0.0f);
        }
    }
    for (Size k0 = depths.first; k0 < depths.last; k0 += kDepthBlock) {
        Range parts[kRowBlock / kRows];
        const float* rows[kRowBlock / kRows];
        float* next = packed;
        for (Size i = 0; i < count; ++i) {
            const Strip& strip = strips[i];
            parts[i] = common(strip.depths, {k0, k0 + kDepthBlock});
            rows[i] = next;
            if (parts[i].empty()) continue;
            left.pack(strip, parts[i], next);
            next += strip.rows * parts[i].size();
        }
        for (Size n0 = columns.first / kPanel * kPanel; n0 < columns.last; n0 += kPanel) {
            for (Size i = 0; i < count; ++i) {
                const Strip& strip = strips[i];
                if (parts[i].empty() || common(strip.columns, {n0, n0 + kPanel}).empty()) continue;
                const float* panel = panels + n0 * k + parts[i].first * kPanel;
                float* out = left.y + strip.row * left.ldy + n0;
                const bool add = left.add || parts[i].first > strip.depths.first;
                if (n - n0 >= kPanel) multiply_tile(rows[i], panel, out, strip.rows, parts[i].size(), left.ldy, add);
                else multiply_edge_tile(rows[i], panel, out, strip.rows, parts[i].size(), n - n0, left.ldy, add);
            }
        }
    }
}

/// The whole product in blocks of rows; `needs(row, rows)` is the strip that starts at a row.
template <class Needs>
void multiply_blocks(Size m, const Left& left, const float* panels, Size k, Size n, Needs needs) {
    alignas(16) float packed[kRowBlock * kDepthBlock];
    for (Size m0 = 0; m0 < m; m0 += kRowBlock) {
        Strip strips[kRowBlock / kRows];
        Size count = 0;
        for (Size r = m0; r < std::min(m, m0 + kRowBlock); r += kRows) strips[count++] = needs(r, std::min(kRows, m - r));
        multiply_strips(strips, count, left, panels, k, n, packed);
    }
}

Range hull(const Range* ranges, Size count) {
    Range all;
    for (Size i = 0; i < count; ++i) all = clearformer::hull(all, ranges[i]);
    return all;
}

}  // namespace

void PackedMatrix::multiply(const float* a, float* y, Size m, Size k, Size n, Size lda, Size ldy) const {
    require(k <= k_ && n <= n_, "matmul: a packed matrix of ", k_, " x ", n_, " has no ", k, " x ", n, " part");
    multiply_blocks(m, {a, lda, false, y, ldy, false}, data_.get(), k_, n, [&](Size row, Size rows) {
        return Strip{row, rows, {0, k}, {0, n}};
    });
}

void PackedMatrix::multiply_columns(const float* a, float* y, Size m, const Range* wanted, Size lda, Size ldy) const {
    multiply_blocks(m, {a, lda, false, y, ldy, false}, data_.get(), k_, n_, [&](Size row, Size rows) {
        return Strip{row, rows, {0, k_}, common(hull(wanted + row, rows), {0, n_})};
    });
}

void PackedMatrix::multiply_depths(const float* a, float* y, Size m, const Range* used, Size lda, Size ldy) const {
    multiply_blocks(m, {a, lda, false, y, ldy, false}, data_.get(), k_, n_, [&](Size row, Size rows) {
        return Strip{row, rows, common(hull(used + row, rows), {0, k_}), {0, n_}};
    });
}

void PackedMatrix::multiply_turned(const float* a, float* y, Size m, const Range* used, Size lda, Size ldy, bool add) const {
    multiply_blocks(m, {a, lda, true, y, ldy, add}, data_.get(), k_, n_, [&](Size row, Size rows) {
        return Strip{row, rows, used ? common(hull(used + row, rows), {0, k_}) : Range{0, k_}, {0, n_}};
    });
}

}  // namespace clearformer
