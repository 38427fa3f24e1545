#include "clearformer/ops/activation.hpp"

#include <cmath>
#include <numbers>

namespace clearformer {
namespace {

/// 1 / (1 + e^-x); e^-|x| cannot overflow.
double sigmoid(double x) {
    const double e = std::exp(-std::fabs(x));
    return (x >= 0 ? 1.0 : e) / (1.0 + e);
}

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

/// Phi(x) and its derivative; erfc keeps the digits of the lower tail.
double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double normal_density(double x) { return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2; }

/// x * factor, where a factor that has vanished wins over an x however large.
double damped(double x, double factor) { return factor == 0 ? 0.0 : x * factor; }

ActivationValue scaled_silu(double x, double slope) {
    const double s = sigmoid(slope * x);
    return {x * s, s + damped(slope * x, s * sigmoid(-slope * x))};
}

ActivationValue gelu_tanh(double x) {
    // From |x| = 20 on, tanh is 1 to the last bit; bounding x keeps its cube finite.
    const double root = std::sqrt(2.0 / std::numbers::pi), bounded = std::min(std::max(x, -20.0), 20.0);
    const double t = std::tanh(root * (bounded + 0.044715 * bounded * bounded * bounded));
    const double slope = root * (1.0 + 3.0 * 0.044715 * bounded * bounded);
    return {0.5 * x * (1.0 + t), 0.5 * (1.0 + t) + 0.5 * bounded * (1.0 - t * t) * slope};
}

ActivationValue mish(double x) {
    const double t = std::tanh(softplus(x));
    return {x * t, t + damped(x, (1.0 - t * t) * sigmoid(x))};
}

struct Named {
    const char* name;
    ActivationFunction function;
};

constexpr Named kActivations[] = {
    {"relu",
     [](double x) {
         return ActivationValue{x > 0 ? x : 0, x > 0 ? 1.0 : 0.0};
     }},
    {"gelu_exact",
     [](double x) {
         return ActivationValue{x * normal_distribution(x), normal_distribution(x) + damped(x, normal_density(x))};
     }},
    {"gelu_tanh", gelu_tanh},
    {"sigmoid",
     [](double x) {
         return ActivationValue{sigmoid(x), sigmoid(x) * sigmoid(-x)};
     }},
    {"tanh",
     [](double x) {
         const double t = std::tanh(x);
         return ActivationValue{t, 1.0 - t * t};
     }},
    {"silu", [](double x) { return scaled_silu(x, 1.0); }},
    {"relu2",
     [](double x) {
         return ActivationValue{x > 0 ? x * x : 0, x > 0 ? 2 * x : 0};
     }},
    {"mish", mish},
    {"elu",
     [](double x) {
         return ActivationValue{x > 0 ? x : std::expm1(x), x > 0 ? 1.0 : std::exp(x)};
     }},
    {"softplus",
     [](double x) {
         return ActivationValue{softplus(x), sigmoid(x)};
     }},
    {"leaky_relu",
     [](double x) {
         return ActivationValue{x > 0 ? x : 0.01 * x, x > 0 ? 1.0 : 0.01};
     }},
    {"quick_gelu", [](double x) { return scaled_silu(x, 1.702); }},
    {"relu6",
     [](double x) {
         return ActivationValue{std::min(std::max(x, 0.0), 6.0), x > 0 && x <= 6 ? 1.0 : 0.0};
     }},
    {"selu",
     [](double x) {
         // Klambauer et al. 2017, equation 14.
         constexpr double kScale = 1.0507009873554805, kAlpha = 1.6732632423543772;
         return ActivationValue{kScale * (x > 0 ? x : kAlpha * std::expm1(x)),
                                kScale * (x > 0 ? 1.0 : kAlpha * std::exp(x))};
     }},
    {"hard_swish",
     [](double x) {
         // Howard et al. 2019, section 5.2.
         const double gate = std::min(std::max(x + 3, 0.0), 6.0) / 6;
         return ActivationValue{x * gate, x <= -3 ? 0.0 : x > 3 ? 1.0 : (2 * x + 3) / 6};
     }},
    {"identity",
     [](double x) {
         return ActivationValue{x, 1.0};
     }},
};

/// What the libraries call the same functions.
constexpr const char* kAliases[][2] = {
    {"gelu", "gelu_exact"}, {"gelu_new", "gelu_tanh"}, {"gelu_pytorch_tanh", "gelu_tanh"}, {"gelu_quick", "quick_gelu"},
    {"swish", "silu"},      {"relu_squared", "relu2"}, {"squared_relu", "relu2"},          {"hardswish", "hard_swish"}};

}  // namespace

std::string activation_name(const std::string& given) {
    for (const auto& [alias, name] : kAliases) {
        if (given == alias) return name;
    }
    return given;
}

ActivationFunction find_activation(const std::string& given) {
    const std::string name = activation_name(given);
    std::string names;
    for (const Named& known : kActivations) {
        if (name == known.name) return known.function;
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    throw DomainError(sentence("activation: name must be one of ", names, ", got \"", given, "\""));
}

template <class Real>
ActivationResult<Real> activation(const ActivationOptions<Real>& o) {
    check_shapes(o);
    const ActivationFunction function = find_activation(o.name);
    ActivationResult<Real> r{o.x, o.x};
    for (Size i = 0; i < o.x.size(); ++i) {
        const ActivationValue value = function(static_cast<double>(o.x.data[i]));
        r.y.data[i] = static_cast<Real>(value.y);
        r.derivative.data[i] = static_cast<Real>(value.derivative);
    }
    return r;
}

template ActivationResult<float> activation(const ActivationOptions<float>&);
template ActivationResult<double> activation(const ActivationOptions<double>&);

}  // namespace clearformer
