#pragma once

// Gradient descent and its relatives, as PyTorch defines them. With w the weights, g the gradient and t the step from 1:
//
//     sgd      b = momentum b + g (the first b is g); w -= lr b, with nesterov lr (g + momentum b)
//              (Polyak 1964; Sutskever et al. 2013)
//     rmsprop  s = alpha s + (1 - alpha) g²; g / (sqrt(s) + eps) takes the place of g, and with a momentum
//              b = momentum b + that; w -= lr b (Hinton 2012)
//     adam     m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g²;
//              w -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) (Kingma and Ba 2015, algorithm 1)
//     adamw    adam, and weights shrink by their own share: w -= lr weight_decay w, before (Loshchilov and Hutter 2019)
//
// Except in adamw, weight_decay is added to the gradient: g + weight_decay w.

#include "clearformer/train/named.hpp"

namespace clearformer {

/// Which rule, and its numbers. weight_decay is 0 unless given, for adamw 0.01, as in PyTorch.
struct OptimizerRule {
    std::string name;
    double learning_rate = 0;
    double momentum = 0;
    bool nesterov = false;
    double alpha = 0.99;
    std::vector<double> betas = {0.9, 0.999};
    double eps = 1e-8;
    std::optional<double> weight_decay;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("name", name);
        field.required("learning_rate", learning_rate);
        field.optional("momentum", momentum);
        field.optional("nesterov", nesterov);
        field.optional("alpha", alpha);
        field.optional("betas", betas);
        field.optional("eps", eps);
        field.optional("weight_decay", weight_decay);
    }
};

/// A rule that has been checked, and that updates raw entries.
class Optimizer {
public:
    /// Throws DomainError for an unknown name, a negative learning rate, momentum, eps or weight_decay, nesterov without a
    /// momentum, alpha outside 0 to 1, and betas that are not two numbers from 0 to below 1.
    Optimizer(const char* function, const OptimizerRule& rule);

    /// The names of what is kept between two steps, at most two: "velocity", "square", "mean"; null where there is none.
    const char* first_name() const { return first_; }
    const char* second_name() const { return second_; }

    /// The step number t, from 1, on `count` entries; first and second are what is kept, zeros before step 1.
    template <class Real>
    void update(int t, Real* weights, const Real* gradients, Real* first, Real* second, Size count) const;

private:
    enum class Kind { kSgd, kRmsprop, kAdam, kAdamw } kind_;
    OptimizerRule rule_;
    double decay_;
    const char *first_ = nullptr, *second_ = nullptr;
};

/// What a step of adam or adamw needs besides its entries.
struct AdamStep {
    const OptimizerRule& rule;
    double decay;
    bool decoupled;  // adamw
    int t;
};

/// Optimizer::update of these two in float, with SIMD.
void adam_entries(const AdamStep& step, float* weights, const float* gradients, float* first, float* second, Size count);

/// parameters and gradients: the same names and shapes. `state` is what the step before gave, and may be left out before the
/// first; `step` counts the steps already done.
struct OptimizerStepOptions {
    static constexpr const char* kFunction = "optimizer_step";
    OptimizerRule rule;
    std::vector<NamedTensor> parameters, gradients, state;
    int step = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        rule.fields(field);
        field.required("parameters", parameters);
        field.required("gradients", gradients);
        field.optional("state", state);
        field.optional("step", step);
        field.optional("trace", trace);
    }
};

struct OptimizerStepResult {
    std::vector<NamedTensor> parameters;
    std::vector<NamedTensor> state;  // "wte.mean", "wte.square", ..: as many entries as the parameters
    int step = 0;
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("parameters", parameters);
        field.required("state", state);
        field.required("step", step);
        field.optional("trace", trace);
    }
};

/// For each parameter w: w.before, w.gradient, what is kept of it before and after the step ("w.mean.before", "w.mean"), and w.
Trace trace_of(const OptimizerStepOptions& options, const OptimizerStepResult& result);

/// One step of the rule on every parameter. Throws DomainError as Optimizer does, for gradients or a state that do not fit the
/// parameters, and for weights that would become infinite.
OptimizerStepResult optimizer_step(const OptimizerStepOptions& options);

/// weights [..], and one gradient of the same shape for each step.
struct OptimizerPathOptions {
    static constexpr const char* kFunction = "optimizer_path";
    OptimizerRule rule;
    Array<double> weights;
    std::vector<NamedTensor> gradients;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        rule.fields(field);
        field.required("weights", weights, "..");
        field.required("gradients", gradients);
        field.optional("trace", trace);
    }
};

struct OptimizerPathResult {
    std::vector<NamedTensor> path;  // the weights after each step, under the names of the gradients
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("path", path);
        field.optional("trace", trace);
    }
};

/// weights; for each step's gradient g: g.gradient, what is kept after it ("g.mean"), and g: the weights after it.
Trace trace_of(const OptimizerPathOptions& options, const OptimizerPathResult& result);

/// The weights after each of the gradients, one step for each. Errors as optimizer_step.
OptimizerPathResult optimizer_path(const OptimizerPathOptions& options);

}  // namespace clearformer
