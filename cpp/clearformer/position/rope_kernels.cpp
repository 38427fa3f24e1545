#include <algorithm>

#include "clearformer/position/rope.hpp"
#include "clearformer/simd.hpp"

namespace clearformer {
namespace {

/// N rows at the same position, `distance` apart, turned in place by one row of a RotationTable.
template <Pairing P, Size N>
void turn_rows(float* x, Size distance, const float* table, Size pairs) {
    constexpr bool apart = P == Pairing::kHalfSplit;
    float* rows[N];
    for (Size r = 0; r < N; ++r) rows[r] = x + r * distance;
    const Size fours = pairs / 4;
    for (const float* end = table + 8 * fours; table != end; table += 8) {
        const f32x4 c = f32x4::load(table), s = f32x4::load(table + 4);
        for (Size r = 0; r < N; ++r) {
            float *first = rows[r], *second = first + (apart ? pairs : 4);
            const f32x4 low = f32x4::load(first), high = f32x4::load(second);
            const f32x4 a = apart ? low : even_lanes(low, high), b = apart ? high : odd_lanes(low, high);
            const f32x4 turned_a = subtract_product(b, s, a * c), turned_b = multiply_add(a, s, b * c);
            (apart ? turned_a : zip_low(turned_a, turned_b)).store(first);
            (apart ? turned_b : zip_high(turned_a, turned_b)).store(second);
            rows[r] = first + (apart ? 4 : 8);
        }
    }
    for (Size i = 0; i < pairs - 4 * fours; ++i) {
        const float c = table[i], s = table[4 + i];
        for (Size r = 0; r < N; ++r) {
            float *first = rows[r] + (apart ? i : 2 * i), *second = first + (apart ? pairs : 1);
            const float a = *first, b = *second;
            *first = a * c - b * s;
            *second = a * s + b * c;
        }
    }
}

template <Pairing P, Size N>
void turn_heads(float* x, const float* table, Size positions, Size width, Size pairs, Size stride) {
    for (Size t = 0; t < positions; ++t) turn_rows<P, N>(x + t * width, positions * width, table + t * stride, pairs);
}

template <Pairing P>
void turn_all(float* x, const float* table, Size heads, Size positions, Size width, Size pairs, Size stride) {
    for (; heads >= 4; heads -= 4, x += 4 * positions * width) turn_heads<P, 4>(x, table, positions, width, pairs, stride);
    for (; heads > 0; --heads, x += positions * width) turn_heads<P, 1>(x, table, positions, width, pairs, stride);
}

}  // namespace

RotationTable::RotationTable(const double* cos, const double* sin, Size positions, Size pairs)
    : positions_(positions), pairs_(pairs), stride_((pairs + 3) / 4 * 8) {
    check_bytes("rope", {positions, stride_}, sizeof(float));
    table_.resize(positions * stride_);
    for (Size t = 0; t < positions; ++t) {
        for (Size i = 0; i < pairs; ++i) {
            float* four = table_.data() + t * stride_ + i / 4 * 8;
            four[i % 4] = static_cast<float>(cos[t * pairs + i]);
            four[4 + i % 4] = static_cast<float>(sin[t * pairs + i]);
        }
    }
}

void RotationTable::turn(float* x, Size heads, Size width, Pairing pairing) const {
    if (pairing == Pairing::kHalfSplit) {
        turn_all<Pairing::kHalfSplit>(x, table_.data(), heads, positions_, width, pairs_, stride_);
    } else {
        turn_all<Pairing::kInterleaved>(x, table_.data(), heads, positions_, width, pairs_, stride_);
    }
}

}  // namespace clearformer
