#include "clearformer/ops/activation.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

const std::vector<std::string> kNames = {"relu",  "gelu_exact", "gelu_tanh",  "sigmoid",  "tanh",       "silu",
                                         "relu2", "mish",       "elu",        "softplus", "leaky_relu", "quick_gelu",
                                         "relu6", "selu",       "hard_swish", "identity"};

ActivationResult<double> activate(const std::string& name, std::vector<double> x) {
    ActivationOptions<double> o;
    o.name = name;
    o.x = Array<double>({x.size()}, x);
    return activation(o);
}

}  // namespace

TEST_CASE("every derivative equals the central difference") {
    constexpr double kStep = 1e-5;
    for (const std::string& name : kNames) {
        CAPTURE(name);
        for (double x : {-30.0, -6.3, -2.1, -1.0, -0.31, -0.01, 0.02, 0.5, 1.3, 2.9, 7.7, 21.5}) {
            CAPTURE(x);
            const auto r = activate(name, {x - kStep, x, x + kStep});
            const double slope = (r.y.data[2] - r.y.data[0]) / (2 * kStep);
            CHECK(std::fabs(r.derivative.data[1] - slope) < 2e-9 * (1 + std::fabs(x)));
        }
    }
}

TEST_CASE("activations have their known values at 0 and 1") {
    const auto at = [](const std::string& name, double x) { return activate(name, {x}).y.data[0]; };
    for (const char* name :
         {"relu", "gelu_exact", "gelu_tanh", "tanh", "silu", "relu2", "mish", "elu", "leaky_relu", "quick_gelu"}) {
        CHECK(at(name, 0) == 0);
    }
    CHECK(at("sigmoid", 0) == 0.5);
    CHECK(at("softplus", 0) == doctest::Approx(std::log(2.0)));
    CHECK(at("gelu_exact", 1) == doctest::Approx(0.8413447460685429));
    CHECK(at("silu", 1) == doctest::Approx(0.7310585786300049));
    CHECK(at("leaky_relu", -1) == -0.01);
}

TEST_CASE("at the kinks the derivative is the one from the left, as in PyTorch") {
    CHECK(activate("relu", {0}).derivative.data[0] == 0);
    CHECK(activate("relu2", {0}).derivative.data[0] == 0);
    CHECK(activate("leaky_relu", {0}).derivative.data[0] == 0.01);
    CHECK(activate("elu", {0}).derivative.data[0] == 1);
}

TEST_CASE("activations stay finite and right far from 0") {
    for (const std::string& name : kNames) {
        CAPTURE(name);
        const auto r = activate(name, {-1e150, -1e4, -800, 800, 1e4, 1e150});
        for (Size i = 0; i < 6; ++i) {
            CHECK(std::isfinite(r.y.data[i]));
            CHECK(std::isfinite(r.derivative.data[i]));
        }
        if (name == "identity" || name == "leaky_relu") continue;
        if (name == "selu") continue;
        CHECK(r.y.data[0] == (name == "tanh" || name == "elu" ? -1 : 0));
        if (name == "relu2") continue;
        CHECK(r.y.data[5] == (name == "tanh" || name == "sigmoid" ? 1 : name == "relu6" ? 6 : 1e150));
    }
}

TEST_CASE("the exact and the approximate GELU differ by less than 5e-4") {
    std::vector<double> x;
    for (int i = -600; i <= 600; ++i) x.push_back(i * 0.01);
    CHECK(distance(activate("gelu_exact", x).y.data, activate("gelu_tanh", x).y.data) < 5e-4);
}

TEST_CASE("an unknown activation is refused with the names that there are") {
    CHECK_THROWS_WITH_AS(
        activate("swoosh", {1}),
        "activation: name must be one of relu, gelu_exact, gelu_tanh, sigmoid, tanh, silu, relu2, mish, elu, "
        "softplus, leaky_relu, quick_gelu, relu6, selu, hard_swish, identity, got \"swoosh\"",
        DomainError);
}

TEST_CASE("the libraries' other names mean the same functions") {
    for (const auto& [alias, name] :
         {std::pair{"gelu", "gelu_exact"}, {"gelu_new", "gelu_tanh"}, {"swish", "silu"}, {"squared_relu", "relu2"}}) {
        CHECK(activate(alias, {-1.5, 0.3}).y.data == activate(name, {-1.5, 0.3}).y.data);
    }
}
