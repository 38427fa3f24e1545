#include "clearformer/moe/rules.hpp"

#include <cmath>

#include "clearformer/moe/routing.hpp"

namespace clearformer::moe {

Rule chosen_rule(const char* x, const Array<double>& indices) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The entry of the expert that the token chose, as it stands.", "x_{t,\\,e_{t,i}}");
        pen.scalar("x", x, {at[0], static_cast<Size>(indices.at(at))});
        pen.step("y", "of the chosen expert", "x");
    };
}

Rule total_rule(const char* x, Size count, const char* words) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(words, "\\sum_i x_{t,i}");
        pen.vector("x", x, count, [&](Size i) { return Index{at[0], i}; });
        pen.step("y", "sum", "sum(x)");
    };
}

Rule share_rule(const char* x, const char* total, double eps, double scale) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(scale == 1 ? "The entry as a share of the chosen experts' sum."
                            : "The entry as a share of the chosen experts' sum, times a constant.",
                 scale == 1 ? "\\frac{x_{t,i}}{\\sum_j x_{t,j}}" : "\\lambda\\,\\frac{x_{t,i}}{\\sum_j x_{t,j}}");
        pen.scalar("x", x, at);
        pen.scalar("Z", total, {at[0]});
        if (eps != 0) pen.constant("eps", "epsilon, against division by zero", eps);
        if (scale != 1) pen.constant("c", "routed scale", scale);
        pen.step("s", "share", eps != 0 ? "x / (Z + eps)" : "x / Z");
        if (scale != 1) pen.step("y", "scaled", "s * c");
    };
}

Rule divide_rule(const char* x, double divisor, const char* divisor_name) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(sentence("The value divided by the ", divisor_name, "."), "\\frac{x}{c}");
        pen.scalar("x", x, at);
        pen.constant("c", divisor_name, divisor);
        pen.step("y", "quotient", "x / c");
    };
}

Rule product_rule(const char* a, const char* b) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The product of the two.", "a\\,b");
        pen.scalar("a", a, at);
        pen.scalar("b", b, at);
        pen.step("y", "product", "a * b");
    };
}

Rule expert_linear_rule(const char* x, const char* w, const Array<double>& indices, Size inner, bool per_choice) {
    return [=](const Index& at, Pen& pen) {
        const Size expert = static_cast<Size>(indices.at({at[0], at[1]}));
        pen.rule("The row times one row of the chosen expert's weights, entry by entry, then summed.",
                 "\\sum_c x_c W_{e,n,c}");
        pen.vector("x", x, inner, [&](Size c) { return per_choice ? Index{at[0], at[1], c} : Index{at[0], c}; });
        pen.vector("w", w, inner, [&](Size c) { return Index{expert, at[2], c}; });
        pen.step("p", "products", "x * w");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule slot_linear_rule(const char* x, const char* w, Size slots_per_expert, Size inner) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The slot's row times one row of its expert's weights, entry by entry, then summed.",
                 "\\sum_c x_{s,c} W_{e,n,c}");
        pen.vector("x", x, inner, [&](Size c) { return Index{at[0], c}; });
        pen.vector("w", w, inner, [&](Size c) { return Index{at[0] / slots_per_expert, at[1], c}; });
        pen.step("p", "products", "x * w");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule weighted_outputs_rule(const char* weights, const char* outputs, Size K) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The outputs of the chosen experts, each times its weight, summed.",
                 "\\sum_i w_{t,i}\\, E_{e_{t,i}}(x_t)_c");
        pen.vector("w", weights, K, [&](Size i) { return Index{at[0], i}; });
        pen.vector("o", outputs, K, [&](Size i) { return Index{at[0], i, at[1]}; });
        pen.step("p", "products", "w * o");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule gated_rule(const char* gate, const char* x) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The shared expert's output times its gate.", "g_t\\, x_{t,c}");
        pen.scalar("x", x, at);
        pen.scalar("g", gate, {at[0], 0});
        pen.step("y", "product", "x * g");
    };
}

Rule transpose_rule(const char* x) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The same number, with rows and columns exchanged.", "x_{t,s}");
        pen.scalar("x", x, {at[1], at[0]});
        pen.step("y", "exchanged", "x");
    };
}

Rule group_score_rule(const char* x, Size members, Size best) {
    return [=](const Index& at, Pen& pen) {
        const Size first = at[1] * members, count = std::min(best, members);
        std::vector<double> group(members);
        for (Size i = 0; i < members; ++i) group[i] = pen.value(x, {at[0], first + i});
        const std::vector<Size> top = largest(group.data(), members, count);
        pen.rule(count == 1 ? "The largest score of the group." : "The sum of the group's two largest scores.",
                 count == 1 ? "\\max_{e \\in g} x_{t,e}" : "\\sum_{e \\in \\text{top 2 of } g} x_{t,e}");
        pen.vector("x", x, count, [&](Size i) { return Index{at[0], first + top[i]}; });
        pen.step("y", "sum", "sum(x)");
    };
}

Rule bias_rule(const char* x, const char* bias) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The score plus the expert's bias, which counts for the choice alone.", "s_{t,e} + b_e");
        pen.scalar("s", x, at);
        pen.scalar("b", bias, {at[1]});
        pen.step("y", "sum", "s + b");
    };
}

Rule largest_rule(const char* x, Size E) {
    return [=](const Index& at, Pen& pen) {
        std::vector<double> row(E);
        for (Size e = 0; e < E; ++e) row[e] = pen.value(x, {at[0], e});
        const bool chosen = largest(row.data(), E, 1)[0] == at[1];
        pen.rule(chosen ? "This is the largest entry of the row (the first, where there are several): it counts 1."
                        : "The row has a larger entry, or an equal one before this: it counts 0.",
                 chosen ? "1" : "0");
        pen.vector("x", x, E, [&](Size e) { return Index{at[0], e}; });
        pen.step("m", "largest of the row", "max(x)");
        pen.step("y", "count", chosen ? "1" : "0");
    };
}

Rule column_mean_rule(const char* x, Size T, const char* words) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(words, "\\frac{1}{T} \\sum_t x_{t,e}");
        pen.vector("x", x, T, [&](Size t) { return Index{t, at[0]}; });
        pen.constant("T", "number of tokens", static_cast<double>(T));
        pen.step("y", "mean", "sum(x) / T");
    };
}

Rule balance_rule(const char* f, const char* p, Size E) {
    return [=](const Index&, Pen& pen) {
        pen.rule(
            "Share of tokens times mean probability, summed over the experts, times their number: 1 when both are even.",
            "E \\sum_e f_e P_e");
        pen.vector("f", f, E, [](Size e) { return Index{e}; });
        pen.vector("P", p, E, [](Size e) { return Index{e}; });
        pen.constant("E", "number of experts", static_cast<double>(E));
        pen.step("s", "sum", "sum(f * P)");
        pen.step("y", "times the number of experts", "s * E");
    };
}

}  // namespace clearformer::moe
