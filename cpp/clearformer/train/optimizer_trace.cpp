#include "clearformer/train/optimizers.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"

namespace clearformer {
namespace {

/// The names of one parameter's tensors; those that the rule does not keep are null.
struct Names {
    const char *before, *gradient, *first_before = nullptr, *second_before = nullptr, *first = nullptr, *second = nullptr,
                                   *after;
};

/// What one step does to one entry.
struct StepRule {
    OptimizerRule rule;
    double decay;
    int step;
    Names names;

    bool adam() const { return rule.name == "adam" || rule.name == "adamw"; }
    bool decoupled() const { return rule.name == "adamw"; }
    double keep() const { return rule.name == "rmsprop" ? rule.alpha : rule.betas[1]; }

    /// The gradient `a` that the rule works with.
    void write_gradient(const Index& at, Pen& pen) const {
        pen.scalar("g", names.gradient, at);
        const bool decays = decay != 0 && !decoupled();
        if (decays) {
            pen.scalar("w", names.before, at);
            pen.constant("d", "weight decay", decay);
        }
        pen.step("a", decays ? "with weight decay" : "gradient", decays ? "g + d * w" : "g");
    }
    /// What is moved by without a momentum, `u`.
    void write_move(const Index& at, Pen& pen) const {
        write_gradient(at, pen);
        if (!names.second) return pen.step("u", "move", "a");
        pen.scalar("v", names.second, at);
        pen.constant("eps", "epsilon, against division by zero", rule.eps);
        const bool none = std::sqrt(pen.value(names.second, at)) + rule.eps == 0;
        pen.step("u", "over the root mean square", none ? "0" : "a / (sqrt(v) + eps)");
    }
    Rule second_rule() const {
        return [self = *this](const Index& at, Pen& pen) {
            pen.rule("The running mean of the squared gradients.", "\\beta v + (1 - \\beta) g^2");
            self.write_gradient(at, pen);
            pen.scalar("s", self.names.second_before, at);
            pen.constant("b", "share that is kept", self.keep());
            pen.step("v", "running mean", "b * s + (1 - b) * a * a");
        };
    }
    Rule first_rule() const {
        return [self = *this](const Index& at, Pen& pen) {
            if (self.adam()) {
                pen.rule("The running mean of the gradients.", "\\beta_1 m + (1 - \\beta_1) g");
                self.write_gradient(at, pen);
            } else {
                pen.rule("The move so far, slowed down, plus the new one.", "\\mu b + g");
                self.write_move(at, pen);
            }
            pen.scalar("p", self.names.first_before, at);
            pen.constant("b", "share that is kept", self.adam() ? self.rule.betas[0] : self.rule.momentum);
            pen.step("m", "running value", self.adam() ? "b * p + (1 - b) * a" : "b * p + u");
        };
    }
    Rule weight_rule() const {
        return [self = *this](const Index& at, Pen& pen) {
            const OptimizerRule& chosen = self.rule;
            const bool nesterov = chosen.nesterov && chosen.name == "sgd";
            if (!self.adam()) {
                pen.rule("The weight, moved against its gradient by a step of the learning rate.", "w - \\eta\\, u");
                if (nesterov || !self.names.first) self.write_move(at, pen);
                if (self.names.first) pen.scalar("m", self.names.first, at);
                if (nesterov) pen.constant("b", "momentum", chosen.momentum);
                pen.scalar("q", self.names.before, at);
                pen.constant("r", "learning rate", chosen.learning_rate);
                pen.step("y", "moved", !self.names.first ? "q - r * u" : nesterov ? "q - r * (u + b * m)" : "q - r * m");
                return;
            }
            pen.rule(
                "The weight, moved by the running mean over the root of the running mean square, both freed of their start "
                "at 0.",
                "w - \\eta\\, \\frac{m / (1 - \\beta_1^t)}{\\sqrt{v / (1 - \\beta_2^t)} + \\varepsilon}");
            const double mean_share = 1 - std::pow(chosen.betas[0], self.step),
                         square_share = 1 - std::pow(chosen.betas[1], self.step);
            const bool none = std::sqrt(pen.value(self.names.second, at) / square_share) + chosen.eps == 0;
            pen.scalar("w", self.names.before, at);
            pen.scalar("m", self.names.first, at);
            pen.scalar("v", self.names.second, at);
            pen.constant("r", "learning rate", chosen.learning_rate);
            pen.constant("eps", "epsilon, against division by zero", chosen.eps);
            pen.constant("c", "1 - beta1 to the power of the step", mean_share);
            pen.constant("k", "1 - beta2 to the power of the step", square_share);
            if (self.decoupled()) pen.constant("d", "weight decay", self.decay);
            pen.step("q", self.decoupled() ? "shrunk by its own share" : "weight",
                     self.decoupled() ? "w * (1 - r * d)" : "w");
            pen.step("u", "move", none ? "0" : "(m / c) / (sqrt(v / k) + eps)");
            pen.step("y", "moved", "q - r * u");
        };
    }
};

/// What is kept after a step, and the weights.
void add_step(Trace& trace, const StepRule& rule, const Array<double>& first, const Array<double>& second,
              const Array<double>& after) {
    const Names& names = rule.names;
    if (names.second) {
        add_made(trace, {names.second, "v", "running mean square", "scores", ".."}, second, rule.second_rule());
    }
    if (names.first) add_made(trace, {names.first, "m", "running mean", "scores", ".."}, first, rule.first_rule());
    add_made(trace, {names.after, "w", "parameter after the step", "residual", ".."}, after, rule.weight_rule());
}

}  // namespace

Trace trace_of(const OptimizerStepOptions& o, const OptimizerStepResult& r) {
    const Optimizer optimizer("optimizer_step", o.rule);
    const double decay = o.rule.weight_decay.value_or(o.rule.name == "adamw" ? 0.01 : 0.0);
    Trace trace;
    for (const NamedTensor& parameter : o.parameters) {
        const std::string& name = parameter.name;
        const auto own = [&](const char* rest) { return trace.own(name + rest); };
        const auto kept = [&](const char* part) { return trace.own(name + "." + part); };
        const auto before = [&](const char* known) {
            const Array<double>* given = find_tensor(o.state, known);
            const char* label = trace.own(std::string(known) + ".before");
            add_given(trace, {label, "s", "what was kept before the step", "input", ".."},
                      given ? *given : Array<double>(parameter.tensor.shape));
            return label;
        };
        Names names{own(".before"), own(".gradient"), nullptr, nullptr, nullptr, nullptr, own("")};
        add_given(trace, {names.before, "w", "parameter before the step", "input", ".."}, parameter.tensor);
        add_given(trace, {names.gradient, "g", "gradient", "scores", ".."}, *find_tensor(o.gradients, name));
        if (optimizer.first_name()) names.first_before = before(names.first = kept(optimizer.first_name()));
        if (optimizer.second_name()) names.second_before = before(names.second = kept(optimizer.second_name()));
        const Array<double> none;
        add_step(trace, {o.rule, decay, r.step, names}, names.first ? *find_tensor(r.state, names.first) : none,
                 names.second ? *find_tensor(r.state, names.second) : none, *find_tensor(r.parameters, name));
    }
    return trace;
}

Trace trace_of(const OptimizerPathOptions& o, const OptimizerPathResult& r) {
    const Optimizer optimizer("optimizer_path", o.rule);
    const double decay = o.rule.weight_decay.value_or(o.rule.name == "adamw" ? 0.01 : 0.0);
    Trace trace;
    Array<double> weights = o.weights, first(weights.shape), second(weights.shape);
    Names names{nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, "weights"};
    add_given(trace, {names.after, "w", "weight before the first step", "input", ".."}, weights);
    const auto start = [&](const char* part) {
        const char* name = trace.own(std::string(part) + ".before");
        add_given(trace, {name, "s", "what was kept before the first step", "input", ".."}, Array<double>(weights.shape));
        return name;
    };
    if (optimizer.first_name()) names.first = start(optimizer.first_name());
    if (optimizer.second_name()) names.second = start(optimizer.second_name());
    for (Size i = 0; i < r.path.size(); ++i) {
        const std::string& name = r.path[i].name;
        const auto kept = [&](const char* part) { return part ? trace.own(name + "." + part) : nullptr; };
        names = {names.after,
                 kept("gradient"),
                 names.first,
                 names.second,
                 kept(optimizer.first_name()),
                 kept(optimizer.second_name()),
                 trace.own(name)};
        const Array<double>& gradient = o.gradients[i].tensor;
        add_given(trace, {names.gradient, "g", "gradient", "scores", ".."}, gradient);
        optimizer.update(static_cast<int>(i) + 1, weights.data.data(), gradient.data.data(), first.data.data(),
                         second.data.data(), weights.size());
        add_step(trace, {o.rule, decay, static_cast<int>(i) + 1, names}, first, second, weights);
    }
    return trace;
}

}  // namespace clearformer
