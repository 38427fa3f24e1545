#include "clearformer/ops/gradient_traces.hpp"

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

const char* const kRole = "scores";

void add_dy(Trace& trace, const Array<double>& dy) {
    add_given(trace, {"dy", "∂L/∂y", "gradient of the result", kRole, ".."}, dy);
}

Index with(Index at, Size next, Size axis) {
    at.insert(at.begin() + std::min(axis, at.size()), next);
    return at;
}

/// Entry `column` of row `row`, all leading axes of a tensor counting as rows.
Index in_row(const Shape& shape, Size row, Size column) {
    Index at = shape;
    at.back() = column;
    for (Size axis = shape.size() - 1; axis-- > 0; row /= shape[axis]) at[axis] = row % shape[axis];
    return at;
}

/// [n, c]: the sum over all rows of a[row, n] b[row, c]. With `of_columns`, [c]: of a[row, c] b[row, c], or of a alone where b is null.
Rule over_rows_rule(const char* a, const char* b, const Shape& shape_a, const Shape& shape_b, Size rows, bool of_columns) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(b ? "The gradient of the result times what it was multiplied by, summed over all rows."
                   : "The gradient of the result, summed over all rows.",
                 b ? "\\sum_r a_r\\, b_r" : "\\sum_r a_r");
        pen.vector("a", a, rows, [&](Size r) { return in_row(shape_a, r, at[0]); });
        if (b) pen.vector("b", b, rows, [&](Size r) { return in_row(shape_b, r, at[of_columns ? 0 : 1]); });
        pen.step("y", "sum", b ? "sum(a * b)" : "sum(a)");
    };
}

/// scaledGradient[.., c] = dy gamma, or dy (1 + gamma).
void add_scaled_gradient(Trace& trace, const Shape& shape, bool gamma, bool unit_offset) {
    const Rule rule = [=](const Index& at, Pen& pen) {
        pen.rule(gamma ? "The gradient, through the scale." : "The gradient as it is: there is no scale.",
                 gamma ? "\\gamma_c\\, \\partial y_c" : "\\partial y_c");
        pen.scalar("d", "dy", at);
        if (gamma) pen.scalar("g", "gamma", {at.back()});
        pen.step("y", "scaled", !gamma ? "d" : unit_offset ? "d * (1 + g)" : "d * g");
    };
    trace.derive({"scaledGradient", "g", "gradient of the normalised entry", kRole, ".. C"}, shape, rule);
}

/// [..]: the mean over the row of scaledGradient, or of it times the normalised entries.
void add_row_mean(Trace& trace, const char* name, const char* words, const Shape& shape, const char* normalised) {
    const Size C = shape.back();
    const Rule rule = [=](const Index& at, Pen& pen) {
        pen.rule(words, normalised ? "\\frac{1}{C} \\sum_c g_c \\hat{x}_c" : "\\frac{1}{C} \\sum_c g_c");
        const auto entry = [&](Size c) { return with(at, c, at.size()); };
        pen.vector("g", "scaledGradient", C, entry);
        if (normalised) pen.vector("n", normalised, C, entry);
        pen.constant("C", "number of entries", static_cast<double>(C));
        pen.step("y", "mean", normalised ? "sum(g * n) / C" : "sum(g) / C");
    };
    trace.derive({name, normalised ? "b" : "a", words, kRole, ".."}, Shape(shape.begin(), shape.end() - 1), rule);
}

}  // namespace

Trace trace_of(const SoftmaxBackwardOptions& o, const SoftmaxBackwardResult& r, bool logarithm) {
    Trace trace = trace_of(SoftmaxOptions<double>{o.x, o.axis, o.temperature});
    add_dy(trace, o.dy);
    const Size axis = static_cast<Size>(o.axis < 0 ? o.axis + static_cast<int>(o.x.rank()) : o.axis),
               count = o.x.shape[axis];
    const double temperature = o.temperature;
    Shape rows = o.x.shape;
    rows.erase(rows.begin() + axis);
    const Rule along = [=](const Index& at, Pen& pen) {
        std::vector<Size> seen;
        for (Size i = 0; i < count; ++i) {
            if (!logarithm || pen.value("x", with(at, i, axis)) != -kInfinity) seen.push_back(i);
        }
        const auto entry = [&](Size i) { return with(at, seen[i], axis); };
        pen.rule(logarithm ? "The gradients of the row, summed." : "The gradients of the row, each by its weight, summed.",
                 logarithm ? "\\sum_j \\partial y_j" : "\\sum_j y_j\\, \\partial y_j");
        pen.vector("d", "dy", seen.size(), entry);
        if (!logarithm) pen.vector("y", "y", seen.size(), entry);
        pen.step("s", "sum", logarithm ? "sum(d)" : "sum(y * d)");
    };
    trace.derive({"along", "s", "sum over the row", kRole, ".."}, rows, along);
    const Rule rule = [=](const Index& at, Pen& pen) {
        Index row = at;
        row.erase(row.begin() + axis);
        const bool none = logarithm ? pen.value("x", at) == -kInfinity : pen.value("y", at) == 0;
        pen.rule(none        ? "An entry without weight gets no gradient."
                 : logarithm ? "The entry's own gradient less its share of the row's sum."
                             : "The weight times how far the entry's gradient is above the row's mean.",
                 none        ? "0"
                 : logarithm ? "(\\partial y_i - p_i \\sum_j \\partial y_j) / \\tau"
                             : "y_i\\, (\\partial y_i - \\sum_j y_j\\, \\partial y_j) / \\tau");
        pen.scalar("y", "y", at);
        pen.scalar("d", "dy", at);
        pen.scalar("s", "along", row);
        pen.constant("t", "temperature", temperature);
        pen.step("g", "gradient", none ? "0" : logarithm ? "(d - y * s) / t" : "y * (d - s) / t");
    };
    add_made(trace, {"dx", "∂L/∂x", "gradient of the logit", kRole, ".."}, r.dx, rule);
    return trace;
}

Trace trace_of(const LinearBackwardOptions& o, const LinearBackwardResult& r) {
    Trace trace = trace_of(LinearOptions<double>{o.x, o.weight, o.bias});
    const Size N = o.weight.shape[0], rows = o.dy.rows();
    add_dy(trace, o.dy);
    add_made(trace, {"dx", "∂L/∂x", "gradient of the row's entry", kRole, ".. C"}, r.dx, matmul_rule("dy", "weight", N));
    add_made(trace, {"dWeight", "∂L/∂W", "gradient of the weight", kRole, "N C"}, r.d_weight,
             over_rows_rule("dy", "x", o.dy.shape, o.x.shape, rows, false));
    if (r.d_bias) {
        add_made(trace, {"dBias", "∂L/∂b", "gradient of the bias", kRole, "N"}, *r.d_bias,
                 over_rows_rule("dy", nullptr, o.dy.shape, o.dy.shape, rows, true));
    }
    return trace;
}

Trace trace_of(const MatmulBackwardOptions& o, const MatmulBackwardResult& r) {
    Trace trace = trace_of(MatmulOptions<double>{o.a, o.b});
    add_dy(trace, o.dy);
    add_made(trace, {"da", "∂L/∂A", "gradient of the left matrix", kRole, ".. M K"}, r.da,
             linear_rule("dy", "b", nullptr, o.b.shape[1]));
    add_made(trace, {"db", "∂L/∂B", "gradient of the right matrix", kRole, "K N"}, r.db,
             over_rows_rule("a", "dy", o.a.shape, o.dy.shape, o.dy.rows(), false));
    return trace;
}

Trace trace_of(const LayerNormBackwardOptions& o, const LayerNormBackwardResult& r) {
    Trace trace = trace_of(LayerNormOptions<double>{o.x, o.gamma, o.beta, o.eps});
    const char* normalised = o.gamma || o.beta ? "normalised" : "y";
    const Shape& shape = o.x.shape;
    const double eps = o.eps;
    add_dy(trace, o.dy);
    add_scaled_gradient(trace, shape, o.gamma.has_value(), false);
    add_row_mean(trace, "shift", "What shifting the whole row would do: undone by the mean.", shape, nullptr);
    add_row_mean(trace, "stretch", "What stretching the whole row would do: undone by the division.", shape, normalised);
    add_made(trace, {"dx", "∂L/∂x", "gradient of the entry", kRole, ".. C"}, r.dx, [=](const Index& at, Pen& pen) {
        const Index row(at.begin(), at.end() - 1);
        const bool flat = pen.value("variance", row) + eps == 0;
        pen.rule(flat ? "The row has no spread: there is no derivative, and 0 takes its place."
                      : "The gradient less what shifting and stretching the row would do, over the deviation.",
                 flat ? "0" : "\\frac{g_c - a - \\hat{x}_c\\, b}{\\sqrt{\\sigma^2 + \\varepsilon}}");
        pen.scalar("g", "scaledGradient", at);
        pen.scalar("n", normalised, at);
        pen.scalar("a", "shift", row);
        pen.scalar("b", "stretch", row);
        pen.scalar("v", "variance", row);
        pen.constant("eps", "epsilon, against division by zero", eps);
        pen.step("y", "gradient", flat ? "0" : "(g - a - n * b) / sqrt(v + eps)");
    });
    add_made(trace, {"dGamma", "∂L/∂γ", "gradient of the scale", kRole, "C"}, r.d_gamma,
             over_rows_rule("dy", normalised, shape, shape, o.x.rows(), true));
    add_made(trace, {"dBeta", "∂L/∂β", "gradient of the shift", kRole, "C"}, r.d_beta,
             over_rows_rule("dy", nullptr, shape, shape, o.x.rows(), true));
    return trace;
}

Trace trace_of(const RmsNormBackwardOptions& o, const RmsNormBackwardResult& r) {
    Trace trace = trace_of(RmsNormOptions<double>{o.x, o.gamma, o.eps, o.unit_offset});
    const char* normalised = o.gamma ? "normalised" : "y";
    const Shape& shape = o.x.shape;
    add_dy(trace, o.dy);
    add_scaled_gradient(trace, shape, o.gamma.has_value(), o.unit_offset);
    add_row_mean(trace, "stretch", "What stretching the whole row would do: undone by the division.", shape, normalised);
    add_made(trace, {"dx", "∂L/∂x", "gradient of the entry", kRole, ".. C"}, r.dx, [=](const Index& at, Pen& pen) {
        const Index row(at.begin(), at.end() - 1);
        const bool flat = pen.value("rms", row) == 0;
        pen.rule(flat ? "The row is all zeros: there is no derivative, and 0 takes its place."
                      : "The gradient less what stretching the row would do, over the root mean square.",
                 flat ? "0" : "\\frac{g_c - \\hat{x}_c\\, b}{\\operatorname{rms}}");
        pen.scalar("g", "scaledGradient", at);
        pen.scalar("n", normalised, at);
        pen.scalar("b", "stretch", row);
        pen.scalar("r", "rms", row);
        pen.step("y", "gradient", flat ? "0" : "(g - n * b) / r");
    });
    add_made(trace, {"dGamma", "∂L/∂γ", "gradient of the scale", kRole, "C"}, r.d_gamma,
             over_rows_rule("dy", normalised, shape, shape, o.x.rows(), true));
    return trace;
}

Trace trace_of(const GroupNormBackwardOptions& o, const NormBackwardResult& r) {
    GroupNormOptions<double> forward;
    forward.x = o.x;
    forward.groups = o.groups;
    forward.eps = o.eps;
    Trace trace = trace_of(forward);
    const Shape means = trace.node("mean").shape, shape = o.x.shape;
    const Size groups = std::max<Size>(means[1], 1), width = entries(means) == 0 ? 0 : o.x.size() / entries(means),
               per_group = std::max<Size>(shape[1] / groups, 1);
    const double eps = o.eps;
    add_dy(trace, o.dy);
    const auto mean_over_group = [&](const char* name, const char* symbol, const char* words, bool normalised) {
        trace.derive({name, symbol, words, kRole, "N G"}, means, [=](const Index& at, Pen& pen) {
            const auto entry = [&](Size i) {
                const Size place = (at[0] * groups + at[1]) * width + i;
                return in_row(shape, place / shape.back(), place % shape.back());
            };
            pen.rule(words,
                     normalised ? "\\frac{1}{m} \\sum_i \\partial y_i\\, \\hat{x}_i" : "\\frac{1}{m} \\sum_i \\partial y_i");
            pen.vector("d", "dy", width, entry);
            if (normalised) pen.vector("n", "y", width, entry);
            pen.constant("m", "number of entries", static_cast<double>(width));
            pen.step("y", "mean", normalised ? "sum(d * n) / m" : "sum(d) / m");
        });
    };
    mean_over_group("shift", "a", "What shifting the whole group would do: undone by the mean.", false);
    mean_over_group("stretch", "b", "What stretching the whole group would do: undone by the division.", true);
    add_made(trace, {"dx", "∂L/∂x", "gradient of the entry", kRole, ".."}, r.dx, [=](const Index& at, Pen& pen) {
        const Index group{at[0], at[1] / per_group};
        const bool flat = pen.value("variance", group) + eps == 0;
        pen.rule(flat ? "The group has no spread: there is no derivative, and 0 takes its place."
                      : "The gradient less what shifting and stretching the group would do, over the deviation.",
                 flat ? "0" : "\\frac{\\partial y - a - \\hat{x}\\, b}{\\sqrt{\\sigma^2 + \\varepsilon}}");
        pen.scalar("d", "dy", at);
        pen.scalar("n", "y", at);
        pen.scalar("a", "shift", group);
        pen.scalar("b", "stretch", group);
        pen.scalar("v", "variance", group);
        pen.constant("eps", "epsilon, against division by zero", eps);
        pen.step("y", "gradient", flat ? "0" : "(d - a - n * b) / sqrt(v + eps)");
    });
    return trace;
}

Trace trace_of(const L2NormalizeBackwardOptions& o, const NormBackwardResult& r) {
    L2NormalizeOptions<double> forward;
    forward.x = o.x;
    forward.eps = o.eps;
    Trace trace = trace_of(forward);
    const double eps = o.eps;
    add_dy(trace, o.dy);
    trace.derive({"along", "s", "how much of the gradient points along the row", kRole, ".."}, trace.node("length").shape,
                 recipe_rule({"The gradient and the unit row, multiplied entry by entry and summed.",
                              "\\sum_c \\hat{x}_c\\, \\partial y_c",
                              {{"y", "y", "=n"}, {"d", "dy", "=n"}},
                              {},
                              {{"s", "sum", "sum(y * d)"}}}));
    add_made(trace, {"dx", "∂L/∂x", "gradient of the entry", kRole, ".. C"}, r.dx, [=](const Index& at, Pen& pen) {
        const Index row(at.begin(), at.end() - 1);
        const double n = pen.value("length", row);
        const bool none = std::max(n, eps) == 0, is_short = n < eps;
        write_recipe(pen, at,
                     {none       ? "The row is all zeros: there is no derivative, and 0 takes its place."
                      : is_short ? "The row is shorter than eps, by which it was divided: so is the gradient."
                                 : "The gradient less what points along the row, which changes nothing; over the length.",
                      none       ? "0"
                      : is_short ? "\\partial y_c / \\varepsilon"
                                 : "\\frac{\\partial y_c - \\hat{x}_c\\, s}{|x|}",
                      {{"d", "dy"}, {"u", "y"}, {"s", "along", "<"}, {"n", "length", "<"}},
                      {{"eps", "epsilon, the least divisor", eps}},
                      {{"y", "gradient",
                        none       ? "0"
                        : is_short ? "d / eps"
                                   : "(d - u * s) / n"}}});
    });
    return trace;
}

Trace trace_of(const EmbeddingBackwardOptions& o, const EmbeddingBackwardResult& r) {
    EmbeddingOptions<double> forward;
    forward.tokens = o.tokens;
    forward.table = o.table;
    forward.positions = o.positions;
    Trace trace = trace_of(forward);
    add_dy(trace, o.dy);
    add_made(trace, {"dTable", "∂L/∂E", "gradient of the table's entry", kRole, "V C"}, r.d_table,
             [tokens = o.tokens](const Index& at, Pen& pen) {
                 std::vector<Size> places;
                 for (Size t = 0; t < tokens.size(); ++t) {
                     if (static_cast<Size>(tokens[t]) == at[0]) places.push_back(t);
                 }
                 pen.rule("The gradients of all places where the token stands, summed.",
                          "\\sum_{t:\\, x_t = v} \\partial y_t");
                 pen.vector("d", "dy", places.size(), [&](Size i) { return Index{places[i], at[1]}; });
                 pen.step("g", "sum", "sum(d)");
             });
    if (!r.d_positions) return trace;
    const Size T = o.tokens.size();
    add_made(trace, {"dPositions", "∂L/∂P", "gradient of the position's entry", kRole, "N C"}, *r.d_positions,
             [T](const Index& at, Pen& pen) {
                 const bool unused = at[0] >= T;
                 pen.rule(unused ? "No token stands at this position." : "The gradient of the token that stands there.",
                          unused ? "0" : "\\partial y_t");
                 if (!unused) pen.scalar("d", "dy", at);
                 pen.step("g", "gradient", unused ? "0" : "d");
             });
    return trace;
}

Trace trace_of(const ActivationBackwardOptions& o, const ActivationBackwardResult& r) {
    Trace trace = trace_of(ActivationOptions<double>{o.x, o.name});
    add_dy(trace, o.dy);
    add_made(trace, {"dx", "∂L/∂x", "gradient of the entry", kRole, ".."}, r.dx,
             entry_rule({"The gradient of the result times the activation's derivative here.",
                         "f'(x)\\, \\partial y",
                         {{"d", "dy"}, {"s", "derivative"}},
                         {},
                         {{"g", "gradient", "d * s"}}}));
    return trace;
}

}  // namespace clearformer
