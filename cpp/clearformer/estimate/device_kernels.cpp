#include "clearformer/estimate/device.hpp"
#include "clearformer/simd.hpp"

namespace clearformer::estimate {

// Twelve sums that do not wait for each other: more than any processor has multiply-adds under way, few enough for its registers. Each
// tends to a fixed point, x -> 0.5 x + c, so that no sum overflows or becomes subnormal.
float multiply_adds(Size rounds) {
    constexpr int kSums = 12;
    static_assert(kMultiplyAddsPerRound == kSums * f32x4::kLanes);
    f32x4 sums[kSums];
    for (int i = 0; i < kSums; ++i) sums[i] = f32x4::splat(static_cast<float>(i));
    const f32x4 half = f32x4::splat(0.5f), step = f32x4::splat(0.75f);
    for (Size round = 0; round < rounds; ++round) {
        for (f32x4& one : sums) one = multiply_add(one, half, step);
    }
    f32x4 all = sums[0];
    for (int i = 1; i < kSums; ++i) all = all + sums[i];
    return sum(all);
}

// Four vectors at a time.
void copy_floats(const float* from, float* to, Size count) {
    constexpr Size kStep = 4 * f32x4::kLanes;
    Size i = 0;
    for (; i + kStep <= count; i += kStep) {
        const f32x4 a = f32x4::load(from + i), b = f32x4::load(from + i + 4), c = f32x4::load(from + i + 8),
                    d = f32x4::load(from + i + 12);
        a.store(to + i);
        b.store(to + i + 4);
        c.store(to + i + 8);
        d.store(to + i + 12);
    }
    for (; i < count; ++i) to[i] = from[i];
}

}  // namespace clearformer::estimate
