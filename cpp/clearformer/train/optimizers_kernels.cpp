#include <cmath>

#include "clearformer/simd.hpp"
#include "clearformer/train/optimizers.hpp"

namespace clearformer {
namespace {

/// The factors of a step, each in all lanes.
struct Factors {
    f32x4 shrink, pull, keep1, take1, keep2, take2, rate, square_share, eps;

    explicit Factors(const AdamStep& s) {
        const auto all = [](double x) { return f32x4::splat(static_cast<float>(x)); };
        const double rate_now = s.rule.learning_rate, beta1 = s.rule.betas[0], beta2 = s.rule.betas[1];
        shrink = all(s.decoupled ? 1 - rate_now * s.decay : 1);
        pull = all(s.decoupled ? 0 : s.decay);
        keep1 = all(beta1);
        take1 = all(1 - beta1);
        keep2 = all(beta2);
        take2 = all(1 - beta2);
        rate = all(rate_now / (1 - std::pow(beta1, s.t)));
        square_share = all(1 / std::sqrt(1 - std::pow(beta2, s.t)));
        eps = all(s.rule.eps);
    }

    void step(float* weights, const float* gradients, float* first, float* second) const {
        f32x4 w = f32x4::load(weights), g = multiply_add(pull, w, f32x4::load(gradients));
        const f32x4 m = multiply_add(keep1, f32x4::load(first), take1 * g);
        const f32x4 v = multiply_add(keep2, f32x4::load(second), take2 * g * g);
        m.store(first);
        v.store(second);
        const f32x4 divisor = multiply_add(sqrt(v), square_share, eps);
        // A gradient of 0 without an epsilon would be 0 / 0: nothing has asked for a change.
        const f32x4 move = keep_where_at_least(m / divisor, divisor, f32x4::splat(std::numeric_limits<float>::min()));
        subtract_product(rate, move, w * shrink).store(weights);
    }
};

}  // namespace

void adam_entries(const AdamStep& step, float* weights, const float* gradients, float* first, float* second, Size count) {
    const Factors factors(step);
    Size i = 0;
    for (; i + 4 <= count; i += 4) factors.step(weights + i, gradients + i, first + i, second + i);
    if (i == count) return;
    float last[4][4] = {};
    std::copy(weights + i, weights + count, last[0]);
    std::copy(gradients + i, gradients + count, last[1]);
    std::copy(first + i, first + count, last[2]);
    std::copy(second + i, second + count, last[3]);
    factors.step(last[0], last[1], last[2], last[3]);
    std::copy_n(last[0], count - i, weights + i);
    std::copy_n(last[2], count - i, first + i);
    std::copy_n(last[3], count - i, second + i);
}

}  // namespace clearformer
