#include "clearformer/quantization/rules.hpp"

namespace clearformer {
namespace {

Index index_at(const Shape& shape, Size offset) {
    Index at = shape;
    for (Size axis = shape.size(); axis-- > 0; offset /= shape[axis]) at[axis] = offset % shape[axis];
    return at;
}

Size offset_at(const Shape& shape, const Index& at) {
    Size offset = 0;
    for (Size axis = 0; axis < shape.size(); ++axis) offset = offset * shape[axis] + at[axis];
    return offset;
}

/// All entries of x that share the scale at `unit`.
void shared_entries(Pen& pen, const char* x, const Granularity& shared, const Index& unit) {
    const Size wanted = offset_at(shared.shape(), unit), count = entries(shared.tensor_shape());
    std::vector<Size> offsets;
    for (Size i = 0; i < count; ++i) {
        if (shared.of(i) == wanted) offsets.push_back(i);
    }
    pen.vector("x", x, offsets.size(), [&](Size i) { return index_at(shared.tensor_shape(), offsets[i]); });
}

/// Where the scale of an entry is.
Index unit_of(const Granularity& shared, const Index& at) {
    return index_at(shared.shape(), shared.of(offset_at(shared.tensor_shape(), at)));
}

/// An extreme, for which the expressions have max alone.
Rule extreme_rule(const char* x, const Granularity& shared, bool with_zero, bool least) {
    return [=](const Index& at, Pen& pen) {
        const char* which = least ? "least" : "largest";
        pen.rule(
            sentence("The ", which, " entry that shares this scale", with_zero ? ", or 0 where none lies beyond it." : "."),
            least       ? with_zero ? "\\min(0, \\min_i x_i)" : "\\min_i x_i"
            : with_zero ? "\\max(0, \\max_i x_i)"
                        : "\\max_i x_i");
        shared_entries(pen, x, shared, at);
        pen.step("m", which, least ? "-max(-x)" : "max(x)");
        if (with_zero) pen.step("y", "or 0", least ? "(m - abs(m)) / 2" : "(m + abs(m)) / 2");
    };
}

/// Ends a rule whose value is a whole number or a rounded one: `exact` is the expression before rounding.
void rounded(Pen& pen, const char* exact, double value, double before) {
    pen.constant("r", "what rounding adds", value - before);
    pen.step("u", "before rounding", exact);
    pen.step("y", "rounded", "u + r");
}

}  // namespace

void add_input(Trace& trace, Label label, const Array<double>& values, const char* words) {
    trace.add({label, values.shape, [words](const Index&, Pen& pen) { pen.input(words); }, values.data});
}

void add_node(Trace& trace, Label label, const Array<double>& values, Rule rule) {
    trace.add({label, values.shape, std::move(rule), values.data});
}

Rule largest_magnitude_rule(const char* x, const Granularity& shared) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The largest magnitude among the entries that share this scale.", "\\max_i |x_i|");
        shared_entries(pen, x, shared, at);
        pen.step("m", "largest magnitude", "max(abs(x))");
    };
}

Rule least_rule(const char* x, const Granularity& shared, bool with_zero) {
    return extreme_rule(x, shared, with_zero, true);
}

Rule largest_rule(const char* x, const Granularity& shared, bool with_zero) {
    return extreme_rule(x, shared, with_zero, false);
}

Rule step_rule(const char* low, const char* high, double steps) {
    return [=](const Index& at, Pen& pen) {
        const bool flat = pen.value(low, at) == pen.value(high, at);
        pen.rule(flat ? "All entries are equal: one step is their magnitude."
                      : "The range, divided into steps between the codes.",
                 flat ? "|h|" : "\\frac{h - l}{n}");
        pen.scalar("h", high, at);
        if (!flat) pen.scalar("l", low, at);
        if (!flat) pen.constant("n", "steps between the codes", steps);
        pen.step("s", "scale", flat ? "abs(h)" : "h / n - l / n");
    };
}

Rule zero_point_rule(const char* low, const char* scale, const char* zero_point, double qmin) {
    return [=](const Index& at, Pen& pen) {
        const double l = pen.value(low, at), s = pen.value(scale, at);
        pen.rule(s == 0 ? "There is nothing but zeros, which get the lowest code."
                        : "How many steps 0 lies above the lowest code.",
                 s == 0 ? "q_{\\min}" : "q_{\\min} - \\operatorname{round}\\left(\\frac{l}{s}\\right)");
        pen.constant("c", "lowest code", qmin);
        if (s == 0) return pen.step("z", "code of 0", "c");
        pen.scalar("l", low, at);
        pen.scalar("s", scale, at);
        rounded(pen, "c - l / s", pen.value(zero_point, at), qmin - l / s);
    };
}

Rule code_rule(const char* x, const char* scale, const char* zero_point, const char* q, const Granularity& shared) {
    return [=](const Index& at, Pen& pen) {
        const Index unit = unit_of(shared, at);
        const double s = pen.value(scale, unit), zero = zero_point ? pen.value(zero_point, unit) : 0,
                     code = pen.value(q, at);
        pen.rule(s == 0       ? "Everything that shares this scale is 0, and so is what the code stands for."
                 : zero_point ? "The entry in steps from the code of 0, rounded and kept within the codes."
                              : "The entry in units of its scale, rounded and kept within the codes.",
                 s == 0       ? "q = z"
                 : zero_point ? "\\operatorname{clip}\\left(\\operatorname{round}\\left(\\frac{x}{s}\\right) + z\\right)"
                              : "\\operatorname{clip}\\left(\\operatorname{round}\\left(\\frac{x}{s}\\right)\\right)");
        pen.scalar("x", x, at);
        pen.scalar("s", scale, unit);
        if (zero_point) pen.scalar("z", zero_point, unit);
        if (s == 0) return pen.step("q", "code", zero_point ? "z" : "0");
        rounded(pen, zero_point ? "x / s + z" : "x / s", code, pen.value(x, at) / s + zero);
    };
}

Rule dequantised_rule(const char* q, const char* scale, const char* zero_point, const Granularity& shared) {
    return [=](const Index& at, Pen& pen) {
        const Index unit = unit_of(shared, at);
        pen.rule(zero_point ? "The code's distance from the code of 0, in steps." : "The code in units of its scale.",
                 zero_point ? "(q - z)\\, s" : "q\\, s");
        pen.scalar("q", q, at);
        pen.scalar("s", scale, unit);
        if (zero_point) pen.scalar("z", zero_point, unit);
        pen.step("y", "value", zero_point ? "(q - z) * s" : "q * s");
    };
}

Rule difference_rule(const char* x, const char* y) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("What the value was, minus what stands for it now.", "x - y");
        pen.scalar("x", x, at);
        pen.scalar("y", y, at);
        pen.step("d", "error", "x - y");
    };
}

Rule block_absmax_rule(const char* x, Shape shape, Size block) {
    return [=](const Index& at, Pen& pen) {
        const Size begin = at[0] * block, width = std::min(block, entries(shape) - begin);
        pen.rule("The largest magnitude of the block.", "\\max_i |x_i|");
        pen.vector("x", x, width, [&](Size i) { return index_at(shape, begin + i); });
        pen.step("m", "largest magnitude", "max(abs(x))");
    };
}

Rule normalised_in_block_rule(const char* x, const char* absmax, Size block, Shape shape) {
    return [=](const Index& at, Pen& pen) {
        const Index of_block{offset_at(shape, at) / block};
        const bool empty = pen.value(absmax, of_block) == 0;
        pen.rule(
            empty ? "The block is all zeros." : "The entry as a share of its block's largest magnitude: between -1 and 1.",
            empty ? "0" : "\\frac{x}{\\max_i |x_i|}");
        pen.scalar("x", x, at);
        pen.scalar("m", absmax, of_block);
        pen.step("n", "share", empty ? "0" : "x / m");
    };
}

Rule nearest_code_rule(const char* normalised, const char* table, const char* q) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The code whose value in the table lies nearest.", "\\arg\\min_c |n - t_c|");
        pen.scalar("n", normalised, at);
        pen.vector("t", table, 16, [](Size i) { return Index{i}; });
        pen.constant("c", "the code of the least distance", pen.value(q, at));
        pen.step("d", "distances", "abs(t - n)");
        pen.step("q", "code", "c");
    };
}

Rule table_rule(const char* q, const char* table, const char* scale, Size block, Shape shape) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The code's value in the table times the block's scale.", "t_q\\, s");
        pen.scalar("t", table, {static_cast<Size>(pen.value(q, at))});
        pen.scalar("s", scale, {offset_at(shape, at) / block});
        pen.step("y", "value", "t * s");
    };
}

Rule mean_of_all_rule(const char* x, Size count) {
    return [=](const Index&, Pen& pen) {
        pen.rule("The mean of all of them.", "\\frac{1}{K} \\sum_k a_k");
        pen.vector("a", x, count, [](Size i) { return Index{i}; });
        pen.constant("K", "how many there are", static_cast<double>(count));
        pen.step("m", "mean", "sum(a) / K");
    };
}

Rule outer_scale_rule(const char* x, const char* mean, Size count, Size run, double largest) {
    return [=](const Index& at, Pen& pen) {
        const Size begin = at[0] * run, width = std::min(run, count - begin);
        pen.rule("The scale of the scales: the one furthest from the mean gets the largest number of the 8-bit format.",
                 "\\frac{\\max_k |a_k - m|}{448}");
        pen.vector("a", x, width, [&](Size i) { return Index{begin + i}; });
        pen.scalar("m", mean, {});
        pen.constant("c", "largest number of the format", largest);
        pen.step("o", "outer scale", "max(abs(a - m)) / c");
    };
}

Rule scale_code_rule(const char* x, const char* mean, const char* outer, const char* codes, Size run) {
    return [=](const Index& at, Pen& pen) {
        const Index of_run{at[0] / run};
        const double o = pen.value(outer, of_run), distance = pen.value(x, at) - pen.value(mean, {});
        pen.rule(o == 0 ? "All scales of the run are the mean."
                        : "The scale's distance from the mean, rounded to an 8-bit number.",
                 o == 0 ? "0" : "\\operatorname{round}_{\\mathrm{E4M3}}\\left(\\frac{a - m}{o}\\right)");
        pen.scalar("a", x, at);
        pen.scalar("m", mean, {});
        pen.scalar("o", outer, of_run);
        if (o == 0) return pen.step("y", "nothing to scale", "0");
        rounded(pen, "(a - m) / o", pen.value(codes, at), distance / o);
    };
}

Rule restored_scale_rule(const char* codes, const char* mean, const char* outer, Size run) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The mean plus the 8-bit number in units of the outer scale.", "m + c\\, o");
        pen.scalar("m", mean, {});
        pen.scalar("c", codes, at);
        pen.scalar("o", outer, {at[0] / run});
        pen.step("s", "scale", "m + c * o");
    };
}

Rule row_length_rule(const char* x, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The length of the row: the root of its sum of squares.", "\\sqrt{\\sum_c v_c^2}");
        pen.vector("v", x, count, [&](Size c) { return Index{at[0], c}; });
        pen.step("n", "length", "sqrt(sum(v * v))");
    };
}

Rule magnitude_rule(const char* v, const char* norms, const char* magnitude) {
    return [=](const Index& at, Pen& pen) {
        const Index row{at[0]};
        const bool empty = pen.value(norms, row) == 0;
        pen.rule(empty ? "The row is all zeros and has no direction: it stays zero."
                       : "The row's direction, brought to the learned magnitude.",
                 empty ? "0" : "m\\,\\frac{v}{\\lVert v \\rVert}");
        pen.scalar("v", v, at);
        pen.scalar("n", norms, row);
        pen.scalar("m", magnitude, row);
        pen.step("w", "rescaled", empty ? "0" : "m * (v / n)");
    };
}

Rule column_length_rule(const char* x, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The length of the column: how far the matrix stretches this direction.", "\\sqrt{\\sum_m p_m^2}");
        pen.vector("p", x, count, [&](Size m) { return Index{m, at[0]}; });
        pen.step("s", "length", "sqrt(sum(p * p))");
    };
}

Rule unit_column_rule(const char* x, const char* lengths, const char* u) {
    return [=](const Index& at, Pen& pen) {
        if (pen.value(lengths, {at[1]}) == 0) {
            pen.rule("The singular value is 0: any direction orthogonal to the others will do.",
                     "u_k \\perp u_1, \\dots, u_{k-1}");
            pen.constant("u", "a direction orthogonal to the others", pen.value(u, at));
            return pen.step("y", "direction", "u");
        }
        pen.rule("The stretched direction, brought to length 1.", "\\frac{p_{m,k}}{s_k}");
        pen.scalar("p", x, at);
        pen.scalar("s", lengths, {at[1]});
        pen.step("u", "direction", "p / s");
    };
}

Rule reconstruction_rule(const char* u, const char* s, const char* v, Size rank) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(
            rank == 0 ? "At rank 0 nothing is left." : "The singular directions that are kept, each as far as it stretches.",
            rank == 0 ? "0" : "\\sum_k u_{m,k}\\, s_k\\, v_{n,k}");
        if (rank == 0) return pen.step("y", "nothing", "0");
        pen.vector("u", u, rank, [&](Size k) { return Index{at[0], k}; });
        pen.vector("s", s, rank, [](Size k) { return Index{k}; });
        pen.vector("v", v, rank, [&](Size k) { return Index{at[1], k}; });
        pen.step("y", "sum", "sum(u * s * v)");
    };
}

Rule left_out_rule(const char* s, Size count) {
    return [=](const Index& at, Pen& pen) {
        const Size left_out = count - at[0];
        pen.rule(left_out == 0 ? "Nothing is left out." : "The root of the sum of squares of the singular values left out.",
                 left_out == 0 ? "0" : "\\sqrt{\\sum_{k > r} s_k^2}");
        if (left_out == 0) return pen.step("y", "nothing left out", "0");
        pen.vector("s", s, left_out, [&](Size k) { return Index{at[0] + k}; });
        pen.step("y", "error", "sqrt(sum(s * s))");
    };
}

}  // namespace clearformer
