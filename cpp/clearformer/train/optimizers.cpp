#include "clearformer/train/optimizers.hpp"

#include <cmath>

#include "clearformer/ops/finite.hpp"

namespace clearformer {

Optimizer::Optimizer(const char* function, const OptimizerRule& rule) : kind_(Kind::kSgd), rule_(rule) {
    if (rule.name == "rmsprop") kind_ = Kind::kRmsprop;
    else if (rule.name == "adam") kind_ = Kind::kAdam;
    else if (rule.name == "adamw") kind_ = Kind::kAdamw;
    else require(rule.name == "sgd", function, ": name must be sgd, rmsprop, adam or adamw, got \"", rule.name, "\"");
    decay_ = rule.weight_decay.value_or(kind_ == Kind::kAdamw ? 0.01 : 0.0);
    require(rule.learning_rate >= 0, function, ": learning_rate must be at least 0, got ", rule.learning_rate);
    require(rule.momentum >= 0, function, ": momentum must be at least 0, got ", rule.momentum);
    require(!rule.nesterov || rule.momentum > 0, function, ": nesterov needs a momentum above 0, got ", rule.momentum);
    require(rule.alpha >= 0 && rule.alpha <= 1, function, ": alpha must be from 0 to 1, got ", rule.alpha);
    require(rule.eps >= 0, function, ": eps must be at least 0, got ", rule.eps);
    require(decay_ >= 0, function, ": weight_decay must be at least 0, got ", decay_);
    require(rule.betas.size() == 2, function, ": betas must be two numbers, got ", rule.betas.size());
    for (double beta : rule.betas) require(beta >= 0 && beta < 1, function, ": betas must be from 0 to below 1, got ", beta);
    if (kind_ == Kind::kAdam || kind_ == Kind::kAdamw) first_ = "mean";
    else if (rule.momentum > 0) first_ = "velocity";
    if (kind_ != Kind::kSgd) second_ = "square";
}

template <class Real>
void Optimizer::update(int t, Real* weights, const Real* gradients, Real* first, Real* second, Size count) const {
    if constexpr (std::is_same_v<Real, float>) {
        if (kind_ == Kind::kAdam || kind_ == Kind::kAdamw) {
            return adam_entries({rule_, decay_, kind_ == Kind::kAdamw, t}, weights, gradients, first, second, count);
        }
    }
    const double rate = rule_.learning_rate, momentum = rule_.momentum, beta1 = rule_.betas[0], beta2 = rule_.betas[1];
    const double keep = kind_ == Kind::kRmsprop ? rule_.alpha : beta2;
    const double mean_share = 1 - std::pow(beta1, t), square_share = std::sqrt(1 - std::pow(beta2, t));
    // A gradient of 0 without an epsilon would be 0 / 0: nothing has asked for a change.
    const auto divided = [](double x, double divisor) { return divisor == 0 ? 0.0 : x / divisor; };
    for (Size i = 0; i < count; ++i) {
        double w = static_cast<double>(weights[i]), g = static_cast<double>(gradients[i]);
        if (kind_ == Kind::kAdamw) w *= 1 - rate * decay_;
        else g += decay_ * w;
        if (second_) second[i] = static_cast<Real>(keep * static_cast<double>(second[i]) + (1 - keep) * g * g);
        const double root = second_ ? std::sqrt(static_cast<double>(second[i])) : 0;
        if (kind_ == Kind::kAdam || kind_ == Kind::kAdamw) {
            first[i] = static_cast<Real>(beta1 * static_cast<double>(first[i]) + (1 - beta1) * g);
            w -= rate * divided(static_cast<double>(first[i]) / mean_share, root / square_share + rule_.eps);
        } else {
            double move = kind_ == Kind::kRmsprop ? divided(g, root + rule_.eps) : g;
            if (first_) {
                first[i] = static_cast<Real>(momentum * static_cast<double>(first[i]) + move);
                move = rule_.nesterov && kind_ == Kind::kSgd ? move + momentum * static_cast<double>(first[i])
                                                             : static_cast<double>(first[i]);
            }
            w -= rate * move;
        }
        weights[i] = static_cast<Real>(w);
    }
}
template void Optimizer::update(int, float*, const float*, float*, float*, Size) const;
template void Optimizer::update(int, double*, const double*, double*, double*, Size) const;

namespace {

/// What is kept for one parameter: the tensor of the state before, or zeros.
Array<double> kept(const OptimizerStepOptions& o, const NamedTensor& parameter, const char* part) {
    if (!part) return {};
    const std::string name = parameter.name + "." + part;
    const Array<double>* before = find_tensor(o.state, name);
    require(before || o.step == 0, "optimizer_step: after the first step the state must hold ", name);
    if (!before) return Array<double>(parameter.tensor.shape);
    check_same_shape("optimizer_step", name.c_str(), before->shape, parameter.name.c_str(), parameter.tensor.shape);
    for (double value : before->data) {
        require(value >= 0 || part[0] != 's', "optimizer_step: ", name, " must not be negative, got ", value);
    }
    return *before;
}

}  // namespace

OptimizerStepResult optimizer_step(const OptimizerStepOptions& o) {
    const Optimizer optimizer("optimizer_step", o.rule);
    require(o.step >= 0 && o.step < std::numeric_limits<int>::max(), "optimizer_step: step must be at least 0, got ",
            o.step);
    require(o.gradients.size() == o.parameters.size(), "optimizer_step: every parameter needs one gradient, got ",
            o.parameters.size(), " parameters and ", o.gradients.size(), " gradients");
    check_distinct("optimizer_step", "parameters", o.parameters);
    OptimizerStepResult r{o.parameters, {}, o.step + 1};
    for (NamedTensor& parameter : r.parameters) {
        const Array<double>* gradient = find_tensor(o.gradients, parameter.name);
        require(gradient != nullptr, "optimizer_step: there is no gradient for ", parameter.name);
        check_same_shape("optimizer_step", "a gradient", gradient->shape, parameter.name.c_str(), parameter.tensor.shape);
        Array<double> first = kept(o, parameter, optimizer.first_name()),
                      second = kept(o, parameter, optimizer.second_name());
        optimizer.update(r.step, parameter.tensor.data.data(), gradient->data.data(), first.data.data(), second.data.data(),
                         parameter.tensor.size());
        check_finite("optimizer_step", parameter.name.c_str(), parameter.tensor);
        check_finite("optimizer_step", "the state", first);
        check_finite("optimizer_step", "the state", second);
        if (optimizer.first_name()) r.state.push_back({parameter.name + "." + optimizer.first_name(), std::move(first)});
        if (optimizer.second_name()) r.state.push_back({parameter.name + "." + optimizer.second_name(), std::move(second)});
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

OptimizerPathResult optimizer_path(const OptimizerPathOptions& o) {
    const Optimizer optimizer("optimizer_path", o.rule);
    Array<double> weights = o.weights, first(weights.shape), second(weights.shape);
    OptimizerPathResult r;
    for (const NamedTensor& gradient : o.gradients) {
        check_same_shape("optimizer_path", gradient.name.c_str(), gradient.tensor.shape, "the weights", weights.shape);
        optimizer.update(static_cast<int>(r.path.size()) + 1, weights.data.data(), gradient.tensor.data.data(),
                         first.data.data(), second.data.data(), weights.size());
        check_finite("optimizer_path", "the weights", weights);
        check_finite("optimizer_path", "the state", second);
        r.path.push_back({gradient.name, weights});
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
