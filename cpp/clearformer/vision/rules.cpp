#include "clearformer/vision/rules.hpp"

#include <cmath>

namespace clearformer::vision {

Rule patch_pixel_rule(const char* image, Size side, Size across) {
    return [=](const Index& at, Pen& pen) {
        const Size column = at[1] % side, row = at[1] / side % side, channel = at[1] / side / side;
        pen.rule("A pixel of the image, in the order channel, row, column within its patch.", "X_{c,\\,iP + r,\\,jP + s}");
        pen.scalar("X", image, {channel, at[0] / across * side + row, at[0] % across * side + column});
        pen.step("p", "copied", "X");
    };
}

Rule patch_token_rule(const char* patches, const char* weight, const char* bias, Size pixels, Size side) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(bias ? "The patch's pixels times the feature's weights, summed, plus the bias."
                      : "The patch's pixels times the feature's weights, summed.",
                 bias ? "\\sum_k p_{t,k} W_{n,k} + b_n" : "\\sum_k p_{t,k} W_{n,k}");
        pen.vector("p", patches, pixels, [&](Size k) { return Index{at[0], k}; });
        pen.vector("w", weight, pixels, [&](Size k) { return Index{at[1], k / side / side, k / side % side, k % side}; });
        if (bias) pen.scalar("b", bias, {at[1]});
        pen.step("m", "products", "p * w");
        pen.step("s", "sum", "sum(m)");
        if (bias) pen.step("z", "+ bias", "s + b");
    };
}

Rule copy_rule(const char* x) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The entry as it stands.", "x");
        pen.scalar("x", x, at);
        pen.step("y", "copied", "x");
    };
}

Rule token_row_rule(const char* tokens, const char* cls_token, const char* positions) {
    return [=](const Index& at, Pen& pen) {
        const bool is_class = cls_token && at[0] == 0;
        pen.rule(sentence(is_class ? "The class token's entry" : "The patch token's entry",
                          positions ? " plus the position's." : ", as it stands."),
                 sentence(is_class ? "x_{\\text{cls}}" : "z_t", positions ? " + P_t" : ""));
        if (is_class) pen.scalar("z", cls_token, {at[1]});
        else pen.scalar("z", tokens, {at[0] - (cls_token ? 1 : 0), at[1]});
        if (positions) pen.scalar("P", positions, at);
        pen.step("x", positions ? "sum" : "copied", positions ? "z + P" : "z");
    };
}

Rule qkv_rule(const char* x, const char* weight, const char* bias, Size part, Size C, Size D) {
    return [=](const Index& at, Pen& pen) {
        const Size row = part * C + at[0] * D + at[2];
        pen.rule(
            sentence("The token's row times row ", row, " of the stacked weights, summed", bias ? ", plus the bias." : "."),
            bias ? "\\sum_c x_{t,c} W_{n,c} + b_n" : "\\sum_c x_{t,c} W_{n,c}");
        pen.vector("x", x, C, [&](Size c) { return Index{at[1], c}; });
        pen.vector("w", weight, C, [&](Size c) { return Index{row, c}; });
        if (bias) pen.scalar("b", bias, {row});
        pen.step("p", "products", "x * w");
        pen.step("s", "sum", "sum(p)");
        if (bias) pen.step("y", "+ bias", "s + b");
    };
}

Rule scaled_score_rule(const char* q, const char* k, Size D) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The query's row times the key's row, summed, divided by the square root of the head width.",
                 "\\frac{q_t \\cdot k_s}{\\sqrt{d_k}}");
        pen.vector("q", q, D, [&](Size d) { return Index{at[0], at[1], d}; });
        pen.vector("k", k, D, [&](Size d) { return Index{at[0], at[2], d}; });
        pen.constant("r", "square root of the head width", std::sqrt(static_cast<double>(D)));
        pen.step("s", "q · k", "sum(q * k)");
        pen.step("z", "÷ √d_k", "s / r");
    };
}

Rule joined_heads_rule(const char* heads, Size D) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(sentence("The heads' outputs side by side: this column belongs to head ", at[1] / D + 1, "."),
                 "\\operatorname{concat}(O_1, \\dots, O_H)");
        pen.scalar("o", heads, {at[1] / D, at[0], at[1] % D});
        pen.step("y", "copied", "o");
    };
}

Rule pooled_rule(const char* features, bool cls_token, Size count) {
    return [=](const Index& at, Pen& pen) {
        if (cls_token) {
            pen.rule("The class token's row, which the head reads.", "f_{\\text{cls}}");
            pen.scalar("f", features, {0, at[0]});
            pen.step("y", "copied", "f");
            return;
        }
        pen.rule("The mean of the feature over all tokens.", "\\tfrac{1}{T} \\sum_t f_t");
        pen.vector("f", features, count, [&](Size t) { return Index{t, at[0]}; });
        pen.constant("T", "number of tokens", static_cast<double>(count));
        pen.step("y", "mean", "sum(f) / T");
    };
}

Rule modulated_rule(const char* x, const char* modulation, Size shift, Size scale) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The normalised entry, scaled by 1 plus the condition's scale and moved by its shift.",
                 "\\hat x_c (1 + \\gamma_c) + \\beta_c");
        pen.scalar("x", x, at);
        pen.scalar("g", modulation, {scale + at[1]});
        pen.scalar("b", modulation, {shift + at[1]});
        pen.step("y", "modulated", "x * (1 + g) + b");
    };
}

Rule gated_rule(const char* x, const char* modulation, Size gate, const char* branch) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The residual stream plus the branch's entry, let through by the condition's gate.", "x_c + \\alpha_c f_c");
        pen.scalar("x", x, at);
        pen.scalar("a", modulation, {gate + at[1]});
        pen.scalar("f", branch, at);
        pen.step("p", "gated", "a * f");
        pen.step("y", "sum", "x + p");
    };
}

/// Pairs of kernel and image positions that meet at one output position.
struct Meeting {
    std::vector<Index> kernel, pixels;
    Meeting(const Index& at, const Shape& image, const Shape& weight, Size stride, Size padding) {
        for (Size c = 0; c < weight[1]; ++c) {
            for (Size a = 0; a < weight[2]; ++a) {
                for (Size b = 0; b < weight[3]; ++b) {
                    const Size row = at[1] * stride + a, column = at[2] * stride + b;  // padding included
                    if (row < padding || row >= padding + image[1]) continue;
                    if (column < padding || column >= padding + image[2]) continue;
                    kernel.push_back({at[0], c, a, b});
                    pixels.push_back({c, row - padding, column - padding});
                }
            }
        }
    }
};

Rule convolution_rule(const char* image, const char* weight, const char* bias, const Shape& image_shape,
                      const Shape& weight_shape, Size stride, Size padding) {
    return [=](const Index& at, Pen& pen) {
        const Meeting met(at, image_shape, weight_shape, stride, padding);
        const bool outside = met.kernel.empty();
        pen.rule(outside ? sentence("The window lies outside the image, on zeros only", bias ? ": the bias is left." : ".")
                         : sentence("The window of the image times the kernel, entry by entry, summed",
                                    bias ? ", plus the bias." : "."),
                 sentence("\\sum_{c,a,b} W_{n,c,a,b} X_{c,\\,is+a-p,\\,js+b-p}", bias ? " + b_n" : ""));
        if (!outside) {
            pen.vector("w", weight, met.kernel.size(), [&](Size i) { return met.kernel[i]; });
            pen.vector("x", image, met.pixels.size(), [&](Size i) { return met.pixels[i]; });
        }
        if (bias) pen.scalar("b", bias, {at[0]});
        if (!outside) pen.step("p", "products", "w * x");
        pen.step("s", outside ? "zeros" : "sum", outside ? "0" : "sum(p)");
        if (bias) pen.step("y", "+ bias", "s + b");
    };
}

Rule rows_mixed_rule(const char* x, const char* weights, Size count) {
    return [=](const Index& at, Pen& pen) {
        const Size axis = at.size() - 2;
        std::vector<Size> read;
        for (Size h = 0; h < count; ++h) {
            if (pen.value(weights, {at[axis], h}) != 0) read.push_back(h);
        }
        pen.rule("The rows around it, weighted by the kernel, then summed.", "\\sum_h R_{i,h}\\, x_{h,w}");
        pen.vector("r", weights, read.size(), [&](Size k) { return Index{at[axis], read[k]}; });
        pen.vector("x", x, read.size(), [&](Size k) {
            Index from = at;
            from[axis] = read[k];
            return from;
        });
        pen.step("p", "products", "r * x");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule target_pixel_rule(const char* image, Size channels, Size side, Size across) {
    return [=](const Index& at, Pen& pen) {
        const Size pixel = at[1] / channels;
        pen.rule("A pixel of the image, in the order row, column, channel within its patch.", "X_{c,\\,iP + r,\\,jP + s}");
        pen.scalar("X", image,
                   {at[1] % channels, at[0] / across * side + pixel / side, at[0] % across * side + pixel % side});
        pen.step("p", "copied", "X");
    };
}

Rule unbiased_variance_rule(const char* x, const char* mean, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The squared distances of the patch's numbers from their mean, summed, over one less than their number.",
                 "\\tfrac{1}{K - 1} \\sum_k (x_k - \\mu)^2");
        pen.vector("x", x, count, [&](Size k) { return Index{at[0], k}; });
        pen.scalar("mu", mean, at);
        pen.constant("K", "numbers in a patch", static_cast<double>(count));
        pen.step("d", "distances", "x - mu");
        pen.step("v", "variance", "sum(d * d) / (K - 1)");
    };
}

Rule squared_error_rule(const char* pred, const char* target, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The mean squared distance of the prediction from the patch.", "\\tfrac{1}{K} \\sum_k (p_k - x_k)^2");
        pen.vector("p", pred, count, [&](Size k) { return Index{at[0], k}; });
        pen.vector("x", target, count, [&](Size k) { return Index{at[0], k}; });
        pen.constant("K", "numbers in a patch", static_cast<double>(count));
        pen.step("d", "distances", "p - x");
        pen.step("y", "mean square", "sum(d * d) / K");
    };
}

Rule masked_mean_rule(const char* errors, const char* mask, Size count) {
    return [=](const Index&, Pen& pen) {
        pen.rule("The mean of the errors of the masked patches; those that were seen do not count.",
                 "\\frac{\\sum_t m_t e_t}{\\sum_t m_t}");
        pen.vector("e", errors, count, [](Size t) { return Index{t}; });
        pen.vector("m", mask, count, [](Size t) { return Index{t}; });
        pen.step("y", "mean", "sum(m * e) / sum(m)");
    };
}

Rule blend_rule(const char* weights, const std::string& fuse, Size layer, Size heads, double residual) {
    return [=](const Index& at, Pen& pen) {
        const bool diagonal = at[0] == at[1];
        pen.rule(sentence("The ",
                          fuse == "mean"  ? "mean"
                          : fuse == "max" ? "largest"
                                          : "smallest",
                          " of the heads' weights times 1 minus the residual share",
                          diagonal ? ", plus that share: the token's own way around the attention." : "."),
                 diagonal ? "(1 - r)\\, a_{t,t} + r" : "(1 - r)\\, a_{t,s}");
        pen.vector("a", weights, heads, [&](Size h) { return Index{layer, h, at[0], at[1]}; });
        pen.constant("r", "residual share", residual);
        pen.constant("H", "number of heads", static_cast<double>(heads));
        pen.step("f", "fused", fuse == "mean" ? "sum(a) / H" : fuse == "max" ? "max(a)" : "-max(-a)");
        pen.step("y", "with the residual", diagonal ? "(1 - r) * f + r" : "(1 - r) * f");
    };
}

Rule share_rule(const char* x, const char* row_sum) {
    return [=](const Index& at, Pen& pen) {
        Index row = at;
        row.pop_back();
        pen.rule("The entry as a share of its row's sum.", "\\frac{x_{t,s}}{\\sum_u x_{t,u}}");
        pen.scalar("x", x, at);
        pen.scalar("Z", row_sum, row);
        pen.step("y", "share", "x / Z");
    };
}

Rule grid_position_rule(Size first, Size columns, std::vector<double> frequencies) {
    return [=, frequencies = std::move(frequencies)](const Index& at, Pen& pen) {
        const Size quarter = frequencies.size(), part = at[1] / quarter;
        if (at[0] < first) {
            pen.rule("The class token has no place in the image: its row is zeros.", "0");
            pen.step("y", "no place", "0");
            return;
        }
        const Size patch = at[0] - first;
        const bool down = part >= 2, cosine = part % 2 == 1;
        pen.rule(sentence(cosine ? "The cosine" : "The sine", " of the patch's ", down ? "row" : "column",
                          " times the feature's frequency."),
                 cosine ? "\\cos(p\\, \\omega_i)" : "\\sin(p\\, \\omega_i)");
        pen.constant("p", down ? "row" : "column", static_cast<double>(down ? patch / columns : patch % columns));
        pen.constant("w", "frequency", frequencies[at[1] % quarter]);
        pen.step("a", "angle", "p * w");
        pen.step("y", cosine ? "cosine" : "sine", cosine ? "cos(a)" : "sin(a)");
    };
}

Rule window_score_rule(const char* qkv, const char* bias_table, std::shared_ptr<const WindowPlan> plan) {
    return [=](const Index& at, Pen& pen) {
        const Size n = at[0], h = at[1], i = at[2], j = at[3], P = plan->ids.width();
        const bool masked = plan->allow.data[(n * P + i) * P + j] == 0;
        pen.rule(sentence("The query's row times the key's row, scaled",
                          bias_table ? ", plus the bias of their relative position" : "",
                          masked ? ", less 100: only the roll made the two neighbours." : "."),
                 sentence("s\\, q_i \\cdot k_j", bias_table ? " + B_{ij}" : "", masked ? " - 100" : ""));
        pen.vector("q", qkv, plan->D, [&](Size d) { return plan->place(n, i, h, d, 0); });
        pen.vector("k", qkv, plan->D, [&](Size d) { return plan->place(n, j, h, d, plan->k_offset); });
        pen.constant("s", "scale", plan->scale);
        if (bias_table) pen.scalar("B", bias_table, {static_cast<Size>(plan->pairs.row(i)[j]), h});
        if (masked) pen.constant("M", "mask", plan->masked_value);
        pen.step("p", "q · k", "sum(q * k)");
        pen.step("z", "score", sentence("s * p", bias_table ? " + B" : "", masked ? " + M" : ""));
    };
}

Rule window_mix_rule(const char* weights, const char* qkv, std::shared_ptr<const WindowPlan> plan) {
    return [=](const Index& at, Pen& pen) {
        const Size P = plan->ids.width(), h = at[2] / plan->D, d = at[2] % plan->D;
        const auto token = static_cast<double>(at[0] * plan->W + at[1]);
        Size slot = 0;
        while (plan->ids.data[slot] != token) ++slot;
        const Size n = slot / P, i = slot % P;
        pen.rule("The values of the window's tokens, weighted by the attention they get, then summed.",
                 "\\sum_j A_{i,j} V_{j,d}");
        pen.vector("a", weights, P, [&](Size j) { return Index{n, h, i, j}; });
        pen.vector("v", qkv, P, [&](Size j) { return plan->place(n, j, h, d, plan->v_offset); });
        pen.step("p", "weight × value", "a * v");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule regroup_rule(const char* x, Size width, bool by_place) {
    return [=](const Index& at, Pen& pen) {
        const Size frame = by_place ? at[1] : at[0], place = by_place ? at[0] : at[1];
        pen.rule(by_place ? "The token's entry, all frames of one place together."
                          : "The token's entry, all places of one frame together.",
                 "x_{f,h,w,c}");
        pen.scalar("x", x, {frame, place / width, place % width, at[2]});
        pen.step("y", "copied", "x");
    };
}

Rule self_score_rule(const char* x, double scale, Size C) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The two tokens' rows, entry by entry, summed, times the scale.", "s\\, x_t \\cdot x_s");
        pen.vector("q", x, C, [&](Size c) { return Index{at[0], at[1], c}; });
        pen.vector("k", x, C, [&](Size c) { return Index{at[0], at[2], c}; });
        pen.constant("s", "scale", scale);
        pen.step("p", "x · x", "sum(q * k)");
        pen.step("z", "scaled", "s * p");
    };
}

Rule regrouped_back_rule(const char* x, Size width, bool by_place) {
    return [=](const Index& at, Pen& pen) {
        const Size place = at[1] * width + at[2];
        pen.rule("The entry, back at its place in the video.", "y_{f,h,w,c}");
        pen.scalar("x", x, by_place ? Index{place, at[0], at[3]} : Index{at[0], place, at[3]});
        pen.step("y", "copied", "x");
    };
}

}  // namespace clearformer::vision
