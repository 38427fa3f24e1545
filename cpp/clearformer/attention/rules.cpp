#include "clearformer/attention/rules.hpp"

namespace clearformer {

Rule projection_rule(const char* x, const char* w, Size C, Size D) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(sentence("The token's vector times one column of the weight matrix: head ", at[0] + 1, " owns columns ",
                          at[0] * D + 1, " to ", (at[0] + 1) * D, "."),
                 "\\sum_c X_{t,c} W_{c,\\,hD+d}");
        pen.vector("x", x, C, [&](Size c) { return Index{at[1], c}; });
        pen.vector("w", w, C, [&](Size c) { return Index{c, at[0] * D + at[2]}; });
        pen.step("p", "products", "x * w");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule score_rule(const char* q, const char* k, Size D, Size group) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The query's row times the key's row, entry by entry, then summed.",
                 "q_t \\cdot k_s = \\sum_d q_{t,d}\\, k_{s,d}");
        pen.vector("q", q, D, [&](Size d) { return Index{at[0], at[1], d}; });
        pen.vector("k", k, D, [&](Size d) { return Index{at[0] / group, at[2], d}; });
        pen.step("p", "products", "q * k");
        pen.step("s", "q · k", "sum(p)");
    };
}

Rule weighted_sum_rule(const char* a, const char* v, Size S, Size group) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("Every token's value, weighted by the attention it gets, then summed.", "\\sum_s A_{t,s} V_{s,d}");
        pen.vector("a", a, S, [&](Size s) { return Index{at[0], at[1], s}; });
        pen.vector("v", v, S, [&](Size s) { return Index{at[0] / group, s, at[2]}; });
        pen.step("p", "weight × value", "a * v");
        pen.step("o", "sum", "sum(p)");
    };
}

Rule entropy_rule(const char* a, Size S, bool bits) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(
            "How widely the row is spread: 0 when one key has all the weight, ln n when n keys share it. Weights of 0 add "
            "nothing.",
            "-\\sum_s A_{t,s} \\ln A_{t,s}");
        std::vector<Size> seen;
        const auto entry = [&at](Size s) {
            Index index = at;
            index.push_back(s);
            return index;
        };
        for (Size s = 0; s < S; ++s) {
            if (pen.value(a, entry(s)) > 0) seen.push_back(s);
        }
        pen.vector("a", a, seen.size(), [&](Size i) { return entry(seen[i]); });
        pen.step("p", "-a ln a", "-a * log(a)");
        pen.step("H", "sum", "sum(p)");
        if (bits) pen.step("h", "in bits", "H / log(2)");
    };
}

}  // namespace clearformer
