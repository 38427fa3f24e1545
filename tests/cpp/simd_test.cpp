#include "clearformer/simd.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace clearformer;

namespace {

float exp_of(float x) {
    float lane[4];
    exp(f32x4::splat(x)).store(lane);
    return lane[0];
}

}  // namespace

TEST_CASE("four lanes add, subtract, multiply, divide, take roots and compare one by one") {
    const float a[4] = {1, -2, 3.5f, 0}, b[4] = {4, 5, -6, 0.25f};
    const f32x4 x = f32x4::load(a), y = f32x4::load(b);
    float plus[4], minus[4], times[4], most[4], least[4], fused[4], kept[4];
    (x + y).store(plus);
    (x - y).store(minus);
    (x * y).store(times);
    max(x, y).store(most);
    min(x, y).store(least);
    multiply_add(x, y, f32x4::splat(1)).store(fused);
    float over[4], root[4];
    (x / y).store(over);
    sqrt(y * y).store(root);
    float less[4];
    subtract_product(x, y, f32x4::splat(1)).store(less);
    keep_where_at_least(x, y, f32x4::splat(0.25f)).store(kept);
    float dropped[4];
    drop_where_below(x, y, f32x4::splat(0.25f)).store(dropped);
    for (int i = 0; i < 4; ++i) {
        CHECK(plus[i] == a[i] + b[i]);
        CHECK(minus[i] == a[i] - b[i]);
        CHECK(times[i] == a[i] * b[i]);
        CHECK(over[i] == a[i] / b[i]);
        CHECK(root[i] == std::fabs(b[i]));
        CHECK(most[i] == std::max(a[i], b[i]));
        CHECK(least[i] == std::min(a[i], b[i]));
        CHECK(fused[i] == a[i] * b[i] + 1);
        CHECK(less[i] == 1 - a[i] * b[i]);
        CHECK(kept[i] == (b[i] >= 0.25f ? a[i] : 0));
        CHECK(dropped[i] == kept[i]);
    }
    CHECK(sum(x) == (1 + 3.5f) + (-2 + 0.0f));
    CHECK(largest(x) == 3.5f);
}

TEST_CASE("lanes of two vectors are dealt out and zipped") {
    const float pairs[8] = {0, 10, 1, 11, 2, 12, 3, 13};
    const f32x4 even = even_lanes(f32x4::load(pairs), f32x4::load(pairs + 4)),
                odd = odd_lanes(f32x4::load(pairs), f32x4::load(pairs + 4));
    float lanes[8];
    even.store(lanes);
    odd.store(lanes + 4);
    for (int i = 0; i < 4; ++i) {
        CHECK(lanes[i] == static_cast<float>(i));
        CHECK(lanes[4 + i] == static_cast<float>(10 + i));
    }
    zip_low(even, odd).store(lanes);
    zip_high(even, odd).store(lanes + 4);
    for (int i = 0; i < 8; ++i) CHECK(lanes[i] == pairs[i]);
}

TEST_CASE("half a vector is stored alone") {
    const float lanes[4] = {1, 2, 3, 4};
    float room[3] = {0, 0, 9};
    f32x4::load(lanes).store_high(room);
    CHECK(room[0] == 3);
    CHECK(room[1] == 4);
    f32x4::load(lanes).store_low(room);
    CHECK(room[0] == 1);
    CHECK(room[1] == 2);
    CHECK(room[2] == 9);
}

TEST_CASE("loads and stores need no alignment") {
    float room[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    f32x4::load(room + 1).store(room + 5);
    CHECK(room[5] == 1);
    CHECK(room[8] == 4);
}

TEST_CASE("the polynomial exp is within 3e-7 of the true one over its whole domain") {
    double worst = 0;
    for (int i = -87329; i < 88000; ++i) {
        const float x = static_cast<float>(i) * 0.001f;
        const double truth = std::exp(static_cast<double>(x));
        worst = std::max(worst, std::fabs(static_cast<double>(exp_of(x)) - truth) / truth);
    }
    CHECK(worst < 3e-7);
}

TEST_CASE("the polynomial exp is 1 at 0 and 0 far below, and does not overflow") {
    CHECK(exp_of(0) == 1);
    CHECK(exp_of(-87.4f) == 0);
    CHECK(exp_of(-1e30f) == 0);
    CHECK(exp_of(-std::numeric_limits<float>::infinity()) == 0);
    CHECK(exp_of(1000.0f) == exp_of(88.0f));
}

TEST_CASE("the exp for numbers up to 0 is as near as it says") {
    double worst = 0, near = 0, absolute = 0;
    for (int i = 0; i < 86980; ++i) {
        const float x = static_cast<float>(i) * -0.001f;
        float lane[4];
        exp_of_negative(f32x4::splat(x)).store(lane);
        const double truth = std::exp(static_cast<double>(x)), error = std::fabs(static_cast<double>(lane[0]) - truth);
        worst = std::max(worst, error / truth);
        absolute = std::max(absolute, error);
        if (i < 1000) near = std::max(near, error / truth);
    }
    CHECK(near < 3e-7);
    CHECK(worst < 6e-6);
    CHECK(absolute < 2e-7);
}

TEST_CASE("the exp for numbers up to 0 is 1 at 0, 0 far below, and keeps NaN") {
    for (const float x : {-87.0f, -1e30f, -std::numeric_limits<float>::infinity()}) {
        float lane[4];
        exp_of_negative(f32x4::splat(x)).store(lane);
        CHECK(lane[2] == 0);
    }
    float one[4], none[4];
    exp_of_negative(f32x4::splat(0)).store(one);
    exp_of_negative(f32x4::splat(std::numeric_limits<float>::quiet_NaN())).store(none);
    CHECK(one[3] == 1);
    CHECK(std::isnan(none[0]));
}
