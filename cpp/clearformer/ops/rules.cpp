#include "clearformer/ops/rules.hpp"

#include <cmath>
#include <numbers>

#include "clearformer/ops/activation.hpp"

namespace clearformer {
namespace {

/// The index with its last number replaced.
Index with_last(Index at, Size last) {
    at.back() = last;
    return at;
}

Index with(Index at, Size next, Size axis = kLastAxis) {
    at.insert(at.begin() + std::min(axis, at.size()), next);
    return at;
}

Index without(Index at, Size axis) {
    at.erase(at.begin() + std::min(axis, at.size() - 1));
    return at;
}

Index without_last(Index at) {
    at.pop_back();
    return at;
}

/// All of row `at` of a tensor.
void whole_row(Pen& pen, const char* symbol, const char* tensor, Size count, const Index& at, Size axis = kLastAxis) {
    pen.vector(symbol, tensor, count, [&](Size i) { return with(at, i, axis); });
}

}  // namespace

Rule given_rule(const char* words) {
    return [=](const Index&, Pen& pen) { pen.input(words); };
}

Rule entry_rule(EntryRule recipe) {
    return [r = std::move(recipe)](const Index& at, Pen& pen) {
        pen.rule(r.words, r.formula);
        for (const auto& [symbol, tensor] : r.operands) pen.scalar(symbol, tensor, at);
        for (const EntryRule::Constant& c : r.constants) pen.constant(c.symbol, c.name, c.value);
        for (const auto& [symbol, label, expression] : r.steps) pen.step(symbol, label, expression);
    };
}

Rule matmul_rule(const char* a, const char* b, Size inner) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("A row of the left matrix times a column of the right one, entry by entry, then summed.",
                 "\\sum_k a_{m,k}\\, b_{k,n}");
        pen.vector("a", a, inner, [&](Size k) { return with_last(at, k); });
        pen.vector("b", b, inner, [&](Size k) { return Index{k, at.back()}; });
        pen.step("p", "products", "a * b");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule linear_rule(const char* x, const char* weight, const char* bias, Size inner) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(bias ? "The row times one row of weights, entry by entry, summed, plus the bias."
                      : "The row times one row of weights, entry by entry, then summed.",
                 bias ? "\\sum_c x_c W_{n,c} + b_n" : "\\sum_c x_c W_{n,c}");
        pen.vector("x", x, inner, [&](Size c) { return with_last(at, c); });
        pen.vector("w", weight, inner, [&](Size c) { return Index{at.back(), c}; });
        if (bias) pen.scalar("b", bias, {at.back()});
        pen.step("p", "products", "x * w");
        pen.step("s", "sum", "sum(p)");
        if (bias) pen.step("y", "+ bias", "s + b");
    };
}

Rule add_rule(const char* a, const char* b) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The sum of the two.", "a + b");
        pen.scalar("a", a, at);
        pen.scalar("b", b, at);
        pen.step("y", "sum", "a + b");
    };
}

Rule scale_rule(const char* x, double factor, const char* factor_name) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The value times a constant.", "c\\,x");
        pen.scalar("x", x, at);
        pen.constant("c", factor_name, factor);
        pen.step("y", "product", "x * c");
    };
}

Rule embedding_rule(const char* table, const char* positions, std::vector<int> tokens) {
    return [=, tokens = std::move(tokens)](const Index& at, Pen& pen) {
        pen.rule(positions ? "The token's row of the table plus the position's row."
                           : "The token's row of the table, as it stands.",
                 positions ? "E_{\\text{token}_t} + P_t" : "E_{\\text{token}_t}");
        pen.scalar("E", table, {static_cast<Size>(tokens[at[0]]), at[1]});
        if (positions) pen.scalar("P", positions, at);
        pen.step("x", positions ? "sum" : "looked up", positions ? "E + P" : "E");
    };
}

Rule quotient_rule(const char* x, double divisor, const char* divisor_name) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The value divided by a constant.", "x / c");
        pen.scalar("x", x, at);
        pen.constant("c", divisor_name, divisor);
        pen.step("y", "quotient", "x / c");
    };
}

Rule row_max_rule(const char* x, Size count, Size axis) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(
            "The largest entry of the row. Subtracting it keeps the exponentials from overflowing and changes no weight.",
            "m_t = \\max_s x_{t,s}");
        whole_row(pen, "x", x, count, at, axis);
        pen.step("m", "largest", "max(x)");
    };
}

Rule exponential_rule(const char* x, const char* row_max, Size axis) {
    return [=](const Index& at, Pen& pen) {
        if (pen.value(x, at) == -kInfinity) {
            pen.rule("e to the power of minus infinity: a masked entry gets nothing.", "e^{-\\infty} = 0");
            pen.scalar("x", x, at);
            pen.step("e", "exponential", "exp(x)");
            return;
        }
        pen.rule("e to the power of the entry's distance from the row's largest.", "e^{x_{t,s} - m_t}");
        pen.scalar("x", x, at);
        pen.scalar("m", row_max, without(at, axis));
        pen.step("d", "distance", "x - m");
        pen.step("e", "exponential", "exp(d)");
    };
}

Rule row_sum_rule(const char* exponentials, Size count, Size axis) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The sum of the row's exponentials: what the weights are shares of.", "Z_t = \\sum_s e_{t,s}");
        whole_row(pen, "e", exponentials, count, at, axis);
        pen.step("Z", "sum", "sum(e)");
    };
}

Rule normalise_rule(const char* exponentials, const char* row_sum, Size axis, double empty) {
    return [=](const Index& at, Pen& pen) {
        const Index row = without(at, axis);
        if (pen.value(row_sum, row) == 0) {
            pen.rule(empty == 0 ? "Every entry of the row is masked, so there is nothing to share: the weight is 0."
                                : "Every entry of the row is masked; the weight is what was asked for such rows.",
                     empty == 0 ? "0" : "u");
            pen.scalar("Z", row_sum, row);
            pen.constant("u", "weight in a row without a key", empty);
            pen.step("A", "nothing to share", "u");
            return;
        }
        pen.rule("The exponential as a share of the row's sum.", "\\frac{e_{t,s}}{Z_t}");
        pen.scalar("e", exponentials, at);
        pen.scalar("Z", row_sum, row);
        pen.step("A", "÷ row sum", "e / Z");
    };
}

Rule logsumexp_rule(const char* row_max, const char* row_sum) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The logarithm of the sum of the exponentials, with the row's largest entry put back.", "m_t + \\ln Z_t");
        pen.scalar("m", row_max, at);
        pen.scalar("Z", row_sum, at);
        pen.step("y", "log of the sum", "m + log(Z)");
    };
}

Rule log_softmax_rule(const char* x, const char* row_max, const char* row_sum, Size axis) {
    return [=](const Index& at, Pen& pen) {
        const bool masked = pen.value(x, at) == -kInfinity;
        const Index row = without(at, axis);
        pen.rule(
            masked ? "The logarithm of a weight of 0." : "The logarithm of the weight: the entry minus the row's logsumexp.",
            masked ? "-\\infty" : "x_{t,s} - m_t - \\ln Z_t");
        pen.scalar("x", x, at);
        pen.scalar("m", row_max, row);
        pen.scalar("Z", row_sum, row);
        pen.step("y", "logarithm", masked ? "x" : "x - m - log(Z)");
    };
}

Rule mean_rule(const char* x, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The mean of the row.", "\\mu = \\frac{1}{C} \\sum_c x_c");
        whole_row(pen, "x", x, count, at);
        pen.constant("C", "number of entries", static_cast<double>(count));
        pen.step("mu", "mean", "sum(x) / C");
    };
}

Rule variance_rule(const char* x, const char* mean, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The mean squared distance of the row's entries from their mean.",
                 "\\sigma^2 = \\frac{1}{C} \\sum_c (x_c - \\mu)^2");
        whole_row(pen, "x", x, count, at);
        pen.scalar("mu", mean, at);
        pen.constant("C", "number of entries", static_cast<double>(count));
        pen.step("d", "distances", "x - mu");
        pen.step("v", "variance", "sum(d * d) / C");
    };
}

void write_normalised(Pen& pen, const Index& at, const Index& row, const char* x, const char* mean, const char* variance,
                      double eps) {
    const bool flat = pen.value(variance, row) + eps == 0;
    pen.rule(flat ? "All entries are equal and eps is 0: nothing is left after centring."
                  : "The distance from the mean, in standard deviations.",
             flat ? "0" : "\\frac{x_c - \\mu}{\\sqrt{\\sigma^2 + \\varepsilon}}");
    pen.scalar("x", x, at);
    pen.scalar("mu", mean, row);
    pen.scalar("v", variance, row);
    pen.constant("eps", "epsilon, against division by zero", eps);
    pen.step("d", "distance", "x - mu");
    pen.step("y", "normalised", flat ? "0" : "d / sqrt(v + eps)");
}

Rule normalised_rule(const char* x, const char* mean, const char* variance, double eps) {
    return [=](const Index& at, Pen& pen) { write_normalised(pen, at, without_last(at), x, mean, variance, eps); };
}

Rule rms_rule(const char* x, Size count, double eps) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The root of the mean square of the row.", "\\sqrt{\\tfrac{1}{C} \\sum_c x_c^2 + \\varepsilon}");
        whole_row(pen, "x", x, count, at);
        pen.constant("C", "number of entries", static_cast<double>(count));
        pen.constant("eps", "epsilon, against division by zero", eps);
        pen.step("q", "mean square", "sum(x * x) / C");
        pen.step("r", "root", "sqrt(q + eps)");
    };
}

Rule rms_normalised_rule(const char* x, const char* rms) {
    return [=](const Index& at, Pen& pen) {
        const Index row = without_last(at);
        const bool flat = pen.value(rms, row) == 0;
        pen.rule(
            flat ? "The row is all zeros and eps is 0: it stays zero." : "The entry divided by the row's root mean square.",
            flat ? "0" : "\\frac{x_c}{\\operatorname{rms}(x)}");
        pen.scalar("x", x, at);
        pen.scalar("r", rms, row);
        pen.step("y", "normalised", flat ? "0" : "x / r");
    };
}

Rule affine_rule(const char* x, const char* gamma, const char* beta, bool unit_offset) {
    return [=](const Index& at, Pen& pen) {
        const char* product = unit_offset ? "x * (1 + g)" : "x * g";
        const char* scaled = !gamma ? "x_c" : unit_offset ? "(1 + \\gamma_c)\\, x_c" : "\\gamma_c\\, x_c";
        pen.rule(sentence("The normalised entry with its feature's learned ", gamma ? "scale" : "",
                          gamma && beta ? " and " : "", beta ? "shift" : "", "."),
                 sentence(scaled, beta ? " + \\beta_c" : ""));
        pen.scalar("x", x, at);
        if (gamma) pen.scalar("g", gamma, {at.back()});
        if (beta) pen.scalar("b", beta, {at.back()});
        if (gamma) pen.step("s", "scaled", product);
        if (beta) pen.step("y", "shifted", gamma ? "s + b" : "x + b");
    };
}

Rule length_rule(const char* x, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The Euclidean length of the row.", "\\sqrt{\\sum_c x_c^2}");
        whole_row(pen, "x", x, count, at);
        pen.step("n", "length", "sqrt(sum(x * x))");
    };
}

Rule unit_rule(const char* x, const char* length, double eps) {
    return [=](const Index& at, Pen& pen) {
        const Index row = without_last(at);
        const double n = pen.value(length, row);
        const bool is_short = n < eps || n == 0;
        pen.rule(!is_short  ? "The entry divided by the row's length."
                 : eps == 0 ? "The row is all zeros and stays zero."
                            : "The row is shorter than eps, so its entries are divided by eps instead.",
                 "\\frac{x_c}{\\max(|x|, \\varepsilon)}");
        pen.scalar("x", x, at);
        pen.scalar("n", length, row);
        pen.constant("eps", "epsilon, the least divisor", eps);
        pen.step("y", "unit", !is_short ? "x / n" : eps == 0 ? "0" : "x / eps");
    };
}

namespace {

/// The activation, or its derivative, which follows from the same steps.
Rule opened_activation(const char* x, const std::string& given, bool slope) {
    find_activation(given);
    const std::string name = activation_name(given);
    struct Recipe {
        const char *name, *formula, *slope;
        std::vector<std::array<const char*, 3>> steps;  // symbol, label, expression
    };
    static const std::vector<Recipe> smooth = {
        {"sigmoid", "\\frac{1}{1 + e^{-x}}", "y * (1 - y)", {{"y", "sigmoid", "1 / (1 + exp(-x))"}}},
        {"tanh", "\\tanh x", "1 - y * y", {{"y", "tanh", "tanh(x)"}}},
        {"softplus", "\\log(1 + e^x)", "1 / (1 + exp(-x))", {{"y", "softplus", "(x + abs(x)) / 2 + log(1 + exp(-abs(x)))"}}},
        {"silu", "x\\,\\sigma(x)", "s + y * (1 - s)", {{"s", "sigmoid", "1 / (1 + exp(-x))"}, {"y", "product", "x * s"}}},
        {"quick_gelu",
         "x\\,\\sigma(1.702 x)",
         "s + 1.702 * y * (1 - s)",
         {{"s", "sigmoid of 1.702 x", "1 / (1 + exp(-1.702 * x))"}, {"y", "product", "x * s"}}},
        {"mish",
         "x \\tanh(\\log(1 + e^x))",
         "tanh(s) + x * (1 - tanh(s) * tanh(s)) / (1 + exp(-x))",
         {{"s", "softplus", "(x + abs(x)) / 2 + log(1 + exp(-abs(x)))"}, {"y", "product", "x * tanh(s)"}}},
        {"gelu_tanh",
         "\\tfrac{x}{2} \\bigl(1 + \\tanh(\\sqrt{2/\\pi}\\,(x + 0.044715\\,x^3))\\bigr)",
         "(1 + tanh(u)) / 2 + x * (1 - tanh(u) * tanh(u)) * sqrt(2 / 3.141592653589793) * (1 + 0.134145 * x * x) / 2",
         {{"u", "inside the tanh", "sqrt(2 / 3.141592653589793) * (x + 0.044715 * x * x * x)"},
          {"y", "product", "x * (1 + tanh(u)) / 2"}}},
        {"identity", "x", "1", {{"y", "unchanged", "x"}}},
        {"relu6",
         "\\min(\\max(x, 0), 6)",
         nullptr,
         {{"a", "at least 0", "(x + abs(x)) / 2"}, {"y", "at most 6", "(a + 6 - abs(a - 6)) / 2"}}},
        {"hard_swish",
         "\\tfrac{x}{6} \\min(\\max(x + 3, 0), 6)",
         nullptr,
         {{"a", "x + 3, at least 0", "(x + 3 + abs(x + 3)) / 2"},
          {"g", "at most 6", "(a + 6 - abs(a - 6)) / 2"},
          {"y", "product", "x * g / 6"}}},
    };
    struct Kinked {
        const char *name, *above, *below, *formula, *slope_above, *slope_below;
    };
    static constexpr Kinked kinked[] = {
        {"relu", "x", "0", "\\max(x, 0)", "1", "0"},
        {"relu2", "x * x", "0", "\\max(x, 0)^2", "2 * x", "0"},
        {"leaky_relu", "x", "0.01 * x", "\\max(x, 0.01\\,x)", "1", "0.01"},
        {"elu", "x", "exp(x) - 1", "x \\text{ or } e^x - 1", "1", "exp(x)"},
        {"selu", "1.0507009873554805 * x", "1.0507009873554805 * 1.6732632423543772 * (exp(x) - 1)",
         "\\lambda x \\text{ or } \\lambda \\alpha (e^x - 1)", "1.0507009873554805",
         "1.0507009873554805 * 1.6732632423543772 * exp(x)"},
    };
    const auto formula = [slope](const char* of) { return slope ? sentence("\\frac{d}{dx}\\, ", of) : std::string(of); };
    const auto words = [](bool of_slope) {
        return of_slope ? "How fast the activation rises at this entry." : "The activation, applied to this entry alone.";
    };
    for (const Recipe& recipe : smooth) {
        if (name != recipe.name) continue;
        return [=, &recipe](const Index& at, Pen& pen) {
            pen.rule(words(slope), formula(recipe.formula));
            pen.scalar("x", x, at);
            const double value = pen.value(x, at);
            if (slope && recipe.name[0] == 'g' && std::fabs(value) > 20) {  // gelu_tanh: its squares could overflow
                pen.step("d", "derivative", value > 0 ? "1" : "0");
                return;
            }
            if (slope && !recipe.slope) {  // three straight or bent pieces
                const bool is_relu6 = recipe.name[0] == 'r';
                const double low = is_relu6 ? 0 : -3, high = is_relu6 ? 6 : 3;
                const char* inside = is_relu6 ? "1" : "(2 * x + 3) / 6";
                pen.step("d", "derivative", value <= low ? "0" : value <= high ? inside : is_relu6 ? "0" : "1");
                return;
            }
            for (const auto& [symbol, label, expression] : recipe.steps) pen.step(symbol, label, expression);
            if (slope) pen.step("d", "derivative", recipe.slope);
        };
    }
    for (const Kinked& recipe : kinked) {
        if (name != recipe.name) continue;
        return [=, &recipe](const Index& at, Pen& pen) {
            const bool above = pen.value(x, at) > 0;
            pen.rule(above ? "The entry is above 0, where the activation rises freely."
                           : "The entry is not above 0, where the activation is held down.",
                     formula(recipe.formula));
            pen.scalar("x", x, at);
            const char *of_above = slope ? recipe.slope_above : recipe.above,
                       *of_below = slope ? recipe.slope_below : recipe.below;
            pen.step("y", above ? "above 0" : "not above 0", above ? of_above : of_below);
        };
    }
    return [=](const Index& at, Pen& pen) {  // gelu_exact
        pen.rule(slope ? "How fast the activation rises at this entry."
                       : "The entry times the share of a standard normal distribution that lies below it.",
                 formula("x\\,\\Phi(x)"));
        pen.scalar("x", x, at);
        pen.constant("P", "share of the normal distribution below x",
                     0.5 * std::erfc(-pen.value(x, at) / std::numbers::sqrt2));
        pen.step("y", "product", "x * P");
        if (slope) pen.step("d", "derivative", "P + x * exp(-x * x / 2) / sqrt(2 * 3.141592653589793)");
    };
}

}  // namespace

Rule activation_rule(const char* x, const std::string& name) { return opened_activation(x, name, false); }
Rule activation_slope_rule(const char* x, const std::string& name) { return opened_activation(x, name, true); }

}  // namespace clearformer
