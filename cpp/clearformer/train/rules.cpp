#include "clearformer/train/rules.hpp"

namespace clearformer {
namespace {

Index with(Index at, Size next) {
    at.push_back(next);
    return at;
}

Index without_last(Index at) {
    at.pop_back();
    return at;
}

/// The index of a row by its number.
Index row_index(Size row, const Shape& shape) {
    Index at;
    at.resize(shape.size());
    for (Size axis = shape.size(); axis-- > 0; row /= shape[axis]) at[axis] = row % shape[axis];
    return at;
}

}  // namespace

int AskedClasses::target(const Index& row) const {
    Size number = 0;
    for (Size axis = 0; axis < shape.size(); ++axis) number = number * shape[axis] + row[axis];
    return targets[number];
}

bool AskedClasses::ignored(const Index& row) const { return target(row) == ignore_index; }

Rule loss_rule(const char* logits, const char* row_max, const char* row_sum, AskedClasses asked) {
    return [=](const Index& at, Pen& pen) {
        if (asked.ignored(at)) {
            pen.rule("The row's target is ignored: it asks for nothing and loses nothing.", "0");
            pen.step("y", "ignored", "0");
            return;
        }
        const double smoothing = asked.label_smoothing;
        pen.rule(smoothing > 0
                     ? "Minus the logarithm of the probability that each class got, weighted by the smoothed target."
                     : "Minus the logarithm of the probability that the target got.",
                 smoothing > 0 ? "(1 - s)(\\ln Z + m - x_y) + s \\cdot \\tfrac{1}{V} \\sum_v (\\ln Z + m - x_v)"
                               : "\\ln Z + m - x_y = -\\ln p_y");
        pen.scalar("x", logits, with(at, static_cast<Size>(asked.target(at))));
        pen.scalar("m", row_max, at);
        pen.scalar("Z", row_sum, at);
        if (smoothing > 0) {
            pen.vector("a", logits, asked.classes, [&](Size v) { return with(at, v); });
            pen.constant("s", "label smoothing", smoothing);
            pen.constant("V", "number of classes", static_cast<double>(asked.classes));
        }
        pen.step("L", "log of the sum of exponentials", "log(Z) + m");
        pen.step(smoothing > 0 ? "h" : "y", "loss of the target", "L - x");
        if (smoothing == 0) return;
        pen.step("u", "mean loss of all classes", "L - sum(a) / V");
        pen.step("y", "smoothed", "(1 - s) * h + s * u");
    };
}

Rule mean_loss_rule(const char* losses, AskedClasses asked) {
    return [=](const Index&, Pen& pen) {
        std::vector<Index> counted;
        for (Size row = 0; row < asked.targets.size(); ++row) {
            const Index at = row_index(row, asked.shape);
            if (!asked.ignored(at)) counted.push_back(at);
        }
        if (counted.empty()) {
            pen.rule("No row counts, so nothing is lost.", "0");
            pen.step("y", "nothing counts", "0");
            return;
        }
        pen.rule("The mean of the losses of the rows that count.", "\\frac{1}{n} \\sum_t \\ell_t");
        pen.vector("l", losses, counted.size(), [&](Size i) { return counted[i]; });
        pen.constant("n", "rows that count", asked.counted);
        pen.step("y", "mean", "sum(l) / n");
    };
}

Rule logits_gradient_rule(const char* probabilities, AskedClasses asked) {
    return [=](const Index& at, Pen& pen) {
        const Index row = without_last(at);
        if (asked.ignored(row)) {
            pen.rule("The row's target is ignored: nothing pulls at its logits.", "0");
            pen.step("y", "ignored", "0");
            return;
        }
        const bool wanted = static_cast<Size>(asked.target(row)) == at.back();
        pen.rule("The probability that the class got minus the one it should have, as a share of the rows that count.",
                 "\\frac{p_v - t_v}{n}");
        pen.scalar("p", probabilities, at);
        pen.constant(
            "t", "probability the class should have",
            asked.label_smoothing / static_cast<double>(asked.classes) + (wanted ? 1 - asked.label_smoothing : 0.0));
        pen.constant("n", "rows that count", asked.counted);
        pen.step("y", "gradient", "(p - t) / n");
    };
}

Rule packed_projection_rule(const char* x, const char* w, const char* b, Size part, Size C, Size D) {
    return [=](const Index& at, Pen& pen) {
        const Size row = part * C + at[0] * D + at[2];
        pen.rule(sentence("The token's vector times row ", row + 1, " of the weights, which belongs to head ", at[0] + 1,
                          b ? ", plus the bias." : "."),
                 b ? "\\sum_c x_c W_{r,c} + b_r" : "\\sum_c x_c W_{r,c}");
        pen.vector("x", x, C, [&](Size c) { return Index{at[1], c}; });
        pen.vector("w", w, C, [&](Size c) { return Index{row, c}; });
        if (b) pen.scalar("b", b, {row});
        pen.step("p", "products", "x * w");
        pen.step("s", "sum", "sum(p)");
        if (b) pen.step("y", "+ bias", "s + b");
    };
}

Rule causal_rule(const char* scaled) {
    return [=](const Index& at, Pen& pen) {
        if (at[2] > at[1]) {
            pen.rule("The key comes after the query: minus infinity takes it out.", "-\\infty");
            pen.constant("M", "mask", -kInfinity);
            pen.step("y", "masked", "M");
            return;
        }
        pen.rule("The query may see this key: the score stays.", "z");
        pen.scalar("z", scaled, at);
        pen.step("y", "unchanged", "z");
    };
}

Rule join_rule(const char* heads, Size D) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(sentence("The heads' outputs side by side: this column belongs to head ", at[1] / D + 1, "."),
                 "\\operatorname{concat}(O_1, \\dots, O_H)");
        pen.scalar("o", heads, {at[1] / D, at[0], at[1] % D});
        pen.step("y", "copied", "o");
    };
}

}  // namespace clearformer
