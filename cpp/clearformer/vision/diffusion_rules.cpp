#include "clearformer/vision/diffusion_rules.hpp"

namespace clearformer {
namespace {

/// All of row `row` of a tensor of two axes.
void whole_row(Pen& pen, const char* symbol, const char* tensor, Size count, Size row) {
    pen.vector(symbol, tensor, count, [&](Size i) { return Index{row, i}; });
}

}  // namespace

Rule divided_by_length_rule(const char* x, const char* lengths) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The entry divided by the length of its row, so that only the direction is left.", "\\frac{x_c}{|x|}");
        pen.scalar("x", x, at);
        pen.scalar("n", lengths, {at[0]});
        pen.step("u", "÷ length", "x / n");
    };
}

Rule scaled_dot_rule(const char* a, const char* b, double scale, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(
            "The cosine of the angle between the two: their unit vectors multiplied entry by entry and summed; then scaled.",
            "s \\sum_c a_c b_c");
        whole_row(pen, "a", a, count, at[0]);
        whole_row(pen, "b", b, count, at[1]);
        pen.constant("s", "logit scale, 1 / temperature", scale);
        pen.step("p", "products", "a * b");
        pen.step("c", "cosine", "sum(p)");
        pen.step("y", "scaled", "c * s");
    };
}

Rule transposed_rule(const char* x) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The same number, with rows and columns exchanged.", "x_{j,i}");
        pen.scalar("x", x, {at[1], at[0]});
        pen.step("y", "exchanged", "x");
    };
}

Rule diagonal_loss_rule(const char* logits, const char* row_max, const char* row_sum) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("Minus the logarithm of the share that the true partner gets.", "m_i + \\ln Z_i - x_{i,i}");
        pen.scalar("x", logits, {at[0], at[0]});
        pen.scalar("m", row_max, at);
        pen.scalar("Z", row_sum, at);
        pen.step("l", "logarithm of the row's sum", "m + log(Z)");
        pen.step("y", "loss", "l - x");
    };
}

Rule mean_of_both_rule(const char* a, const char* b, Size count) {
    return [=](const Index&, Pen& pen) {
        pen.rule("The mean over both lists.", "\\frac{1}{2N} \\sum_i (a_i + b_i)");
        pen.vector("a", a, count, [](Size i) { return Index{i}; });
        pen.vector("b", b, count, [](Size i) { return Index{i}; });
        pen.constant("N", "number of pairs", static_cast<double>(count));
        pen.step("s", "sum", "sum(a + b)");
        pen.step("y", "mean", "s / (2 * N)");
    };
}

Rule weighted_sum_rule(const char* words, const char* formula, std::vector<Share> shares) {
    return [=, shares = std::move(shares)](const Index& at, Pen& pen) {
        static constexpr const char* factors[] = {"a", "b", "c"};
        static constexpr const char* values[] = {"x", "y", "z"};
        pen.rule(words, formula);
        std::string sum;
        for (Size i = 0; i < shares.size(); ++i) {
            pen.scalar(values[i], shares[i].tensor, at);
            pen.constant(factors[i], shares[i].factor_name, shares[i].factor);
            sum += sentence(i == 0 ? "" : " + ", factors[i], " * ", values[i]);
        }
        pen.step("w", "sum", sum);
    };
}

Rule squared_distance_rule(const char* z, const char* codebook, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The squared distance of the vector from this entry of the codebook.", "\\sum_d (z_d - e_{k,d})^2");
        whole_row(pen, "z", z, count, at[0]);
        whole_row(pen, "e", codebook, count, at[1]);
        pen.step("d", "differences", "z - e");
        pen.step("q", "sum of squares", "sum(d * d)");
    };
}

Rule nearest_rule(const char* distances, Size count) {
    return [=](const Index& at, Pen& pen) {
        Size nearest = 0;
        for (Size k = 1; k < count; ++k) {
            if (pen.value(distances, {at[0], k}) < pen.value(distances, {at[0], nearest})) nearest = k;
        }
        pen.rule("The entry of the codebook that lies nearest: its squared distance is the smallest of the row.",
                 "\\operatorname{arg\\,min}_k \\, d_{i,k}");
        whole_row(pen, "d", distances, count, at[0]);
        pen.constant("k", "position of the smallest distance", static_cast<double>(nearest));
        pen.step("m", "smallest distance", "-max(-d)");
        pen.step("i", "its position", "k");
    };
}

Rule looked_up_rule(const char* codebook, const char* indices) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The nearest entry of the codebook, as it stands.", "e_{k_i,d}");
        pen.scalar("e", codebook, {static_cast<Size>(pen.value(indices, {at[0]})), at[1]});
        pen.step("q", "looked up", "e");
    };
}

Rule squared_difference_rule(const char* a, const char* b) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The difference of the two, squared.", "(a - b)^2");
        pen.scalar("a", a, at);
        pen.scalar("b", b, at);
        pen.step("d", "difference", "a - b");
        pen.step("y", "squared", "d * d");
    };
}

Rule mean_of_all_rule(const char* x, Size rows, Size columns) {
    return [=](const Index&, Pen& pen) {
        pen.rule("The mean of all entries.", "\\frac{1}{N} \\sum_i x_i");
        pen.vector("x", x, rows * columns, [=](Size i) { return Index{i / columns, i % columns}; });
        pen.constant("N", "number of entries", static_cast<double>(rows * columns));
        pen.step("y", "mean", "sum(x) / N");
    };
}

}  // namespace clearformer
