#include "clearformer/train/preference.hpp"

#include <cmath>

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/finite.hpp"
#include "clearformer/train/preference_traces.hpp"

namespace clearformer {

DpoResult dpo(const DpoOptions& o) {
    const Size N = check_shapes(o)["N"];
    require(o.beta > 0, "dpo: beta must be above 0, got ", o.beta);
    const ActivationFunction softplus = find_activation("softplus");
    const Array<double> empty({N});
    DpoResult r{empty, empty, empty, empty, 0};
    for (Size i = 0; i < N; ++i) {
        r.chosen_rewards.data[i] = o.beta * (o.policy_chosen.data[i] - o.reference_chosen.data[i]);
        r.rejected_rewards.data[i] = o.beta * (o.policy_rejected.data[i] - o.reference_rejected.data[i]);
        r.margin.data[i] = r.chosen_rewards.data[i] - r.rejected_rewards.data[i];
        r.losses.data[i] = softplus(-r.margin.data[i]).y;  // -log sigmoid(m) = log(1 + e^-m)
        r.loss += r.losses.data[i] / static_cast<double>(N);
    }
    check_finite("dpo", "margin", r.margin);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

DpoBackwardResult dpo_backward(const DpoBackwardOptions& o) {
    check_shapes(o);
    DpoResult forward = dpo(o.forward);
    const ActivationFunction sigmoid = find_activation("sigmoid");
    DpoBackwardResult r{o.dy, o.dy};
    for (Size i = 0; i < o.dy.size(); ++i) {
        const double gradient = o.forward.beta * sigmoid(-forward.margin.data[i]).y * o.dy.data[i];
        r.d_policy_chosen.data[i] = -gradient;
        r.d_policy_rejected.data[i] = gradient;
    }
    check_finite("dpo_backward", "the gradients", r.d_policy_rejected);
    if (forward.trace) r.trace = trace_of(o, r, std::move(*forward.trace));
    return r;
}

GrpoResult grpo_advantages(const GrpoOptions& o) {
    const Size N = check_shapes(o)["N"];
    const bool sample = o.deviation == "sample", none = o.deviation == "none";
    require(N > 0, "grpo_advantages: rows must have at least one reward, got shape ", o.rewards.shape);
    require(sample || none || o.deviation == "population",
            "grpo_advantages: deviation must be sample, population or none, got \"", o.deviation, "\"");
    require(o.eps >= 0, "grpo_advantages: eps must be at least 0, got ", o.eps);
    const Array<double> per_row(Shape(o.rewards.shape.begin(), o.rewards.shape.end() - 1));
    GrpoResult r{o.rewards, per_row, per_row};
    for (Size row = 0; row < o.rewards.rows(); ++row) {
        const double* rewards = o.rewards.row(row);
        double mean = 0, square = 0;
        for (Size i = 0; i < N; ++i) mean += rewards[i] / static_cast<double>(N);
        for (Size i = 0; i < N; ++i) square += (rewards[i] - mean) * (rewards[i] - mean);
        const double deviation = none ? 1 : std::sqrt(square / static_cast<double>(std::max<Size>(sample ? N - 1 : N, 1)));
        const double divisor = none ? 1 : deviation + o.eps;
        r.mean.data[row] = mean;
        r.deviation.data[row] = deviation;
        for (Size i = 0; i < N; ++i) r.advantages.row(row)[i] = divisor == 0 ? 0 : (rewards[i] - mean) / divisor;
    }
    check_finite("grpo_advantages", "deviation", r.deviation);
    check_finite("grpo_advantages", "advantages", r.advantages);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

PpoResult ppo_objective(const PpoOptions& o) {
    check_same_shape("ppo_objective", "advantages", o.advantages.shape, "ratio", o.ratio.shape);
    require(o.clip >= 0 && o.clip <= 1, "ppo_objective: clip must be from 0 to 1, got ", o.clip);
    PpoResult r{o.ratio, o.ratio};
    for (Size i = 0; i < o.ratio.size(); ++i) {
        const double ratio = o.ratio.data[i], advantage = o.advantages.data[i];
        require(ratio >= 0, "ppo_objective: a ratio of probabilities must be at least 0, got ", ratio);
        const double free = ratio * advantage, held = std::min(std::max(ratio, 1 - o.clip), 1 + o.clip) * advantage;
        r.objective.data[i] = std::min(free, held);
        r.clipped.data[i] = held < free ? 1 : 0;
    }
    check_finite("ppo_objective", "objective", r.objective);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

PpoBackwardResult ppo_backward(const PpoBackwardOptions& o) {
    check_same_shape("ppo_backward", "dy", o.dy.shape, "ratio", o.forward.ratio.shape);
    PpoResult forward = ppo_objective(o.forward);
    PpoBackwardResult r{o.dy};
    for (Size i = 0; i < o.dy.size(); ++i) {
        r.d_ratio.data[i] = forward.clipped.data[i] != 0 ? 0.0 : o.forward.advantages.data[i] * o.dy.data[i];
    }
    check_finite("ppo_backward", "d_ratio", r.d_ratio);
    if (forward.trace) r.trace = trace_of(o, r, std::move(*forward.trace));
    return r;
}

}  // namespace clearformer
