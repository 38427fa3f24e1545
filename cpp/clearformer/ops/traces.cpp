#include "clearformer/ops/traces.hpp"

#include "clearformer/ops/rules.hpp"

namespace clearformer {
namespace {

Shape rows_of(const Shape& shape) { return Shape(shape.begin(), shape.end() - 1); }

/// Entry i of the run of neighbours number `run` of x, [N, Ch, ..] in groups: as an index of x.
Index entry_of(const Shape& shape, Size place) {
    Index at = shape;
    for (Size axis = shape.size(); axis-- > 0; place /= shape[axis]) at[axis] = place % shape[axis];
    return at;
}

/// mean[n, g] and variance[n, g] of the group's entries, and the entry normalised with them.
Rule group_mean_rule(const Shape& shape, Size groups, Size width) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The mean of the group's channels, over all their positions.", "\\mu = \\frac{1}{m} \\sum_i x_i");
        pen.vector("x", "x", width, [&](Size i) { return entry_of(shape, (at[0] * groups + at[1]) * width + i); });
        pen.constant("m", "number of entries", static_cast<double>(width));
        pen.step("mu", "mean", "sum(x) / m");
    };
}

Rule group_variance_rule(const Shape& shape, Size groups, Size width) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The mean squared distance of the group's entries from their mean.",
                 "\\sigma^2 = \\frac{1}{m} \\sum_i (x_i - \\mu)^2");
        pen.vector("x", "x", width, [&](Size i) { return entry_of(shape, (at[0] * groups + at[1]) * width + i); });
        pen.scalar("mu", "mean", at);
        pen.constant("m", "number of entries", static_cast<double>(width));
        pen.step("d", "distances", "x - mu");
        pen.step("v", "variance", "sum(d * d) / m");
    };
}

}  // namespace

const char* add_given(Trace& trace, const Label& label, const Array<double>& values) {
    add_made(trace, label, values, given_rule("Given."));
    return label.name;
}

const char* add_given(Trace& trace, const Label& label, const std::optional<Array<double>>& values) {
    return values ? add_given(trace, label, *values) : nullptr;
}

void add_made(Trace& trace, const Label& label, const Array<double>& values, Rule rule) {
    trace.add({label, values.shape, std::move(rule), values.data});
}

void add_exponentials(Trace& trace, const char* x, Size axis, const ExponentialNames& names) {
    const Shape shape = trace.node(x).shape;
    Shape rows = shape;
    rows.erase(rows.begin() + axis);
    const Size count = shape[axis];
    trace.derive({names.row_max, "m", "row maximum", "scores", ".."}, rows, row_max_rule(x, count, axis));
    trace.derive({names.exponentials, "e", "exponential", "scores", ".."}, shape, exponential_rule(x, names.row_max, axis));
    trace.derive({names.row_sum, "Z", "row sum", "scores", ".."}, rows, row_sum_rule(names.exponentials, count, axis));
}

Trace trace_of(const MatmulOptions<double>& o) {
    Trace trace;
    add_given(trace, {"a", "A", "entry of the left matrix", "input", ".. M K"}, o.a);
    add_given(trace, {"b", "B", "entry of the right matrix", "input", "K N"}, o.b);
    add_made(trace, {"y", "Y", "entry of the product", "scores", ".. M N"}, matmul(o).y,
             matmul_rule("a", "b", o.b.shape[0]));
    return trace;
}

Trace trace_of(const LinearOptions<double>& o) {
    Trace trace;
    add_given(trace, {"x", "X", "entry of the row", "residual", ".. C"}, o.x);
    add_given(trace, {"weight", "W", "weight", "input", "N C"}, o.weight);
    const char* bias = add_given(trace, {"bias", "b", "bias", "input", "N"}, o.bias);
    add_made(trace, {"y", "Y", "entry of the result", "residual", ".. N"}, linear(o).y,
             linear_rule("x", "weight", bias, o.weight.width()));
    return trace;
}

Trace trace_of(const SoftmaxOptions<double>& o) {
    const SoftmaxResult<double> r = softmax(o);
    const Size axis = static_cast<Size>(o.axis < 0 ? o.axis + static_cast<int>(o.x.rank()) : o.axis);
    Trace trace;
    const char* x = add_given(trace, {"x", "x", "logit", "scores", ".."}, o.x);
    if (o.temperature != 1) {
        x = "tempered";
        trace.derive({x, "x/τ", "logit over the temperature", "scores", ".."}, o.x.shape,
                     quotient_rule("x", o.temperature, "temperature"));
    }
    add_exponentials(trace, x, axis);
    add_made(trace, {"y", "y", "weight", "weights", ".."}, r.y, normalise_rule("exponentials", "rowSum", axis));
    add_made(trace, {"logSoftmax", "ln y", "logarithm of the weight", "weights", ".."}, r.log_softmax,
             log_softmax_rule(x, "rowMax", "rowSum", axis));
    add_made(trace, {"logsumexp", "L", "logarithm of the sum of exponentials", "scores", ".."}, r.logsumexp,
             logsumexp_rule("rowMax", "rowSum"));
    return trace;
}

Trace trace_of(const LayerNormOptions<double>& o) {
    LayerNormOptions<double> plain;
    plain.x = o.x;
    plain.eps = o.eps;
    const LayerNormResult<double> r = layer_norm(plain);
    Trace trace;
    add_given(trace, {"x", "X", "entry of the row", "residual", ".. C"}, o.x);
    add_made(trace, {"mean", "μ", "mean of the row", "residual", ".."}, r.mean, mean_rule("x", o.x.width()));
    add_made(trace, {"variance", "σ²", "variance of the row", "residual", ".."}, r.variance,
             variance_rule("x", "mean", o.x.width()));
    const bool affine = o.gamma || o.beta;
    add_made(trace, {affine ? "normalised" : "y", "x̂", "normalised entry", "residual", ".. C"}, r.y,
             normalised_rule("x", "mean", "variance", o.eps));
    if (!affine) return trace;
    const char* gamma = add_given(trace, {"gamma", "γ", "scale", "input", "C"}, o.gamma);
    const char* beta = add_given(trace, {"beta", "β", "shift", "input", "C"}, o.beta);
    add_made(trace, {"y", "Y", "entry of the result", "residual", ".. C"}, layer_norm(o).y,
             affine_rule("normalised", gamma, beta));
    return trace;
}

Trace trace_of(const RmsNormOptions<double>& o) {
    RmsNormOptions<double> plain;
    plain.x = o.x;
    plain.eps = o.eps;
    const RmsNormResult<double> r = rms_norm(plain);
    Trace trace;
    add_given(trace, {"x", "X", "entry of the row", "residual", ".. C"}, o.x);
    add_made(trace, {"rms", "rms", "root mean square of the row", "residual", ".."}, r.rms,
             rms_rule("x", o.x.width(), o.eps));
    add_made(trace, {o.gamma ? "normalised" : "y", "x̂", "normalised entry", "residual", ".. C"}, r.y,
             rms_normalised_rule("x", "rms"));
    if (!o.gamma) return trace;
    add_given(trace, {"gamma", "γ", "scale", "input", "C"}, o.gamma);
    add_made(trace, {"y", "Y", "entry of the result", "residual", ".. C"}, rms_norm(o).y,
             affine_rule("normalised", "gamma", nullptr, o.unit_offset));
    return trace;
}

Trace trace_of(const GroupNormOptions<double>& o) {
    const Size groups = static_cast<Size>(o.groups), per_group = std::max<Size>(o.x.shape[1] / groups, 1);
    const Shape means{o.x.shape[0], o.x.shape[1] == 0 ? 0 : groups};
    const Size width = entries(means) == 0 ? 0 : o.x.size() / entries(means);
    const double eps = o.eps;
    Trace trace;
    add_given(trace, {"x", "X", "entry of the channel", "residual", ".."}, o.x);
    trace.derive({"mean", "μ", "mean of the group", "residual", "N G"}, means, group_mean_rule(o.x.shape, groups, width));
    trace.derive({"variance", "σ²", "variance of the group", "residual", "N G"}, means,
                 group_variance_rule(o.x.shape, groups, width));
    const Rule rule = [=](const Index& at, Pen& pen) {
        write_normalised(pen, at, {at[0], at[1] / per_group}, "x", "mean", "variance", eps);
    };
    add_made(trace, {"y", "x̂", "normalised entry", "residual", ".."}, group_norm(o).y, rule);
    return trace;
}

Trace trace_of(const L2NormalizeOptions<double>& o) {
    Trace trace;
    add_given(trace, {"x", "X", "entry of the row", "residual", ".. C"}, o.x);
    trace.derive({"length", "|x|", "length of the row", "residual", ".."}, rows_of(o.x.shape),
                 length_rule("x", o.x.width()));
    add_made(trace, {"y", "x̂", "entry of the unit row", "residual", ".. C"}, l2_normalize(o).y,
             unit_rule("x", "length", o.eps));
    return trace;
}

Trace trace_of(const ActivationOptions<double>& o) {
    const ActivationResult<double> r = activation(o);
    Trace trace;
    add_given(trace, {"x", "x", "entry before", "mlp", ".."}, o.x);
    add_made(trace, {"y", "y", "activated entry", "mlp", ".."}, r.y, activation_rule("x", o.name));
    add_made(trace, {"derivative", "y'", "derivative there", "mlp", ".."}, r.derivative, activation_slope_rule("x", o.name));
    return trace;
}

Trace trace_of(const EmbeddingOptions<double>& o) {
    Trace trace;
    add_given(trace, {"table", "E", "entry of the table", "input", "V C"}, o.table);
    const char* positions =
        add_given(trace, {"positions", "P", "entry of the position's row", "position", "N C"}, o.positions);
    add_made(trace, {"y", "X", "token vector entry", "residual", "T C"}, embedding(o).y,
             embedding_rule("table", positions, o.tokens));
    return trace;
}

}  // namespace clearformer
