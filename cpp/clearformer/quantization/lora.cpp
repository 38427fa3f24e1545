#include "clearformer/quantization/lora.hpp"

#include <cmath>

#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/quantization/rules.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

double scale_of(const char* function, const std::string& scaling, double alpha, Size rank) {
    require(rank > 0, function, ": the rank must be at least 1, got a of ", rank, " rows");
    require(scaling == "alpha/r" || scaling == "alpha/sqrt(r)", function, ": scaling must be alpha/r or alpha/sqrt(r), got ",
            scaling);
    const auto r = static_cast<double>(rank);
    return alpha / (scaling == "alpha/r" ? r : std::sqrt(r));
}

void check_finite(const char* function, const Array<double>& values) {
    for (double value : values.data) {
        require(std::isfinite(value), function, ": the values are too large, a result is ", value);
    }
}

Array<double> times(const Array<double>& x, const Array<double>& weight) {
    LinearOptions<double> o;
    o.x = x;
    o.weight = weight;
    return linear(o).y;
}

/// scale b a [N C]
Array<double> low_rank(const Array<double>& b, const Array<double>& a, double scale) {
    MatmulOptions<double> o;
    o.a = b;
    o.b = a;
    Array<double> y = matmul(o).y;
    for (double& value : y.data) value *= scale;
    return y;
}

/// x + sign y
Array<double> sum(Array<double> x, const Array<double>& y, double sign = 1) {
    for (Size i = 0; i < x.size(); ++i) x.data[i] += sign * y.data[i];
    return x;
}

/// The lengths of the rows.
Array<double> lengths(const Array<double>& rows) {
    Array<double> y(Shape{rows.shape[0]});
    for (Size n = 0; n < y.size(); ++n) {
        double squares = 0;
        for (Size c = 0; c < rows.width(); ++c) squares += rows.row(n)[c] * rows.row(n)[c];
        y.data[n] = std::sqrt(squares);
    }
    return y;
}

/// The two matrices of an adapter, and their product as one weight.
template <class Options>
void add_adapter(Trace& trace, const Options& o, double scale) {
    const Array<double>&a = o.a, &b = o.b;
    add_number(trace, {"scale", "s", "scale of the adapter", "scores", ""}, scale,
               recipe_rule({"Alpha over the rank, or over its root.",
                            o.scaling == "alpha/r" ? "\\alpha / r" : "\\alpha / \\sqrt{r}",
                            {},
                            {{"a", "alpha", o.alpha}, {"r", "rank", static_cast<double>(a.shape[0])}},
                            {{"s", "scale", o.scaling == "alpha/r" ? "a / r" : "a / sqrt(r)"}}}));
    add_input(trace, {"a", "A", "entry of A", "q", "R C"}, a, "An entry of the adapter's first matrix, as given.");
    add_input(trace, {"b", "B", "entry of B", "k", "N R"}, b, "An entry of the adapter's second matrix, as given.");
    add_node(trace, {"product", "BA", "entry of the product", "weights", "N C"}, low_rank(b, a, 1),
             matmul_rule("b", "a", a.shape[0]));
    add_node(trace, {"delta", "sBA", "change of the weight", "weights", "N C"}, low_rank(b, a, scale),
             scale_rule("product", scale, "scale"));
}

/// What goes in, and the adapter.
template <class Options>
void add_adapted(Trace& trace, const Options& o, double scale) {
    add_input(trace, {"x", "X", "input entry", "input", ".. C"}, o.x, "An entry of the input, as given.");
    add_input(trace, {"weight", "W", "frozen weight", "weights", "N C"}, o.weight, "A frozen weight, as given.");
    add_adapter(trace, o, scale);
}

/// merged, a, b, product, delta; norms, magnitude, adapted (of dora); weight
template <class Options>
Trace unmerged(const Options& o, double scale, const Array<double>& weight) {
    Trace trace;
    add_input(trace, {"merged", "W'", "merged weight", "weights", "N C"}, o.merged, "A merged weight, as given.");
    add_adapter(trace, o, scale);
    const char* from = "merged";
    if constexpr (requires { o.norms; }) {
        add_input(trace, {"norms", "|V|", "length of a row", "scores", "N"}, o.norms, "The length of a row, as given.");
        add_input(trace, {"magnitude", "m", "magnitude", "scores", "N"}, o.magnitude, "A row's magnitude, as given.");
        trace.derive({from = "adapted", "V", "adapted weight", "weights", "N C"}, o.merged.shape,
                     recipe_rule({"The row brought back from its magnitude to its length.",
                                  "\\frac{|V|}{m}\\, w",
                                  {{"w", "merged"}, {"n", "norms", "0"}, {"m", "magnitude", "0"}},
                                  {},
                                  {{"y", "entry", "w * (n / m)"}}}));
    }
    add_node(trace, {"weight", "W", "frozen weight", "weights", "N C"}, weight,
             recipe_rule({"Without what the adapter added.",
                          "w - \\delta",
                          {{"w", from}, {"d", "delta"}},
                          {},
                          {{"y", "difference", "w - d"}}}));
    return trace;
}

Trace trace_of(const LoraOptions& o, const LoraResult& r) {
    Trace trace;
    const Size C = o.x.width(), R = o.a.shape[0];
    add_adapted(trace, o, r.scale);
    add_node(trace, {"base", "XWᵀ", "output of the frozen weight", "v", ".. N"}, r.base,
             linear_rule("x", "weight", nullptr, C));
    add_node(trace, {"down", "XAᵀ", "entry in the low rank", "q", ".. R"}, r.down, linear_rule("x", "a", nullptr, C));
    add_node(trace, {"up", "XAᵀBᵀ", "entry back in full width", "k", ".. N"}, times(r.down, o.b),
             linear_rule("down", "b", nullptr, R));
    add_node(trace, {"update", "sXAᵀBᵀ", "output of the adapter", "k", ".. N"}, r.update,
             scale_rule("up", r.scale, "scale"));
    add_node(trace, {"y", "Y", "output entry", "residual", ".. N"}, r.y, add_rule("base", "update"));
    add_node(trace, {"merged", "W'", "merged weight", "weights", "N C"}, r.merged, add_rule("weight", "delta"));
    return trace;
}

Trace trace_of(const DoraOptions& o, const DoraResult& r) {
    Trace trace;
    const Size C = o.x.width();
    add_adapted(trace, o, r.scale);
    add_node(trace, {"adapted", "V", "adapted weight", "weights", "N C"}, r.adapted, add_rule("weight", "delta"));
    add_node(trace, {"norms", "|V|", "length of a row", "scores", "N"}, r.norms, row_length_rule("adapted", C));
    const Label magnitude = {"magnitude", "m", "magnitude", "scores", "N"};
    if (o.magnitude) add_input(trace, magnitude, r.magnitude, "The learned magnitude of a row, as given.");
    else add_node(trace, magnitude, r.magnitude, row_length_rule("weight", C));
    add_node(trace, {"merged", "W'", "merged weight", "weights", "N C"}, r.merged,
             magnitude_rule("adapted", "norms", "magnitude"));
    add_node(trace, {"y", "Y", "output entry", "residual", ".. N"}, r.y, linear_rule("x", "merged", nullptr, C));
    return trace;
}

}  // namespace

LoraResult lora(const LoraOptions& o) {
    const Letters extent = check_shapes(o);
    LoraResult r;
    r.scale = scale_of("lora", o.scaling, o.alpha, extent["R"]);
    // 1. Through the frozen weight, and past it through r numbers.
    r.base = times(o.x, o.weight);
    r.down = times(o.x, o.a);
    r.update = times(r.down, o.b);
    for (double& value : r.update.data) value *= r.scale;
    r.y = sum(r.base, r.update);
    // 2. The same as one weight.
    r.delta = low_rank(o.b, o.a, r.scale);
    r.merged = sum(o.weight, r.delta);
    r.trainable = static_cast<int>(o.a.size() + o.b.size());
    r.frozen = static_cast<int>(o.weight.size());
    for (const Array<double>* y : {&r.y, &r.down, &r.merged}) check_finite("lora", *y);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

LoraUnmergeResult lora_unmerge(const LoraUnmergeOptions& o) {
    const Letters extent = check_shapes(o);
    const double scale = scale_of("lora_unmerge", o.scaling, o.alpha, extent["R"]);
    LoraUnmergeResult r{sum(o.merged, low_rank(o.b, o.a, scale), -1)};
    check_finite("lora_unmerge", r.weight);
    if (o.trace) r.trace = unmerged(o, scale, r.weight);
    return r;
}

DoraResult dora(const DoraOptions& o) {
    const Letters extent = check_shapes(o);
    DoraResult r;
    r.scale = scale_of("dora", o.scaling, o.alpha, extent["R"]);
    // 1. The direction: the adapted weight.
    r.adapted = sum(o.weight, low_rank(o.b, o.a, r.scale));
    r.norms = lengths(r.adapted);
    // 2. The magnitude, learned on its own.
    r.magnitude = o.magnitude ? *o.magnitude : lengths(o.weight);
    r.merged = r.adapted;
    for (Size n = 0; n < extent["N"]; ++n) {
        const double norm = r.norms.data[n];
        for (Size c = 0; c < extent["C"]; ++c) {
            double& value = r.merged.row(n)[c];
            value = norm == 0 ? 0 : r.magnitude.data[n] * (value / norm);
        }
    }
    r.y = times(o.x, r.merged);
    for (const Array<double>* y : {&r.norms, &r.magnitude, &r.merged, &r.y}) check_finite("dora", *y);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

DoraUnmergeResult dora_unmerge(const DoraUnmergeOptions& o) {
    const Letters extent = check_shapes(o);
    const double scale = scale_of("dora_unmerge", o.scaling, o.alpha, extent["R"]);
    Array<double> adapted = o.merged;
    for (Size n = 0; n < extent["N"]; ++n) {
        require(o.magnitude.data[n] != 0, "dora_unmerge: magnitudes must not be 0, got 0 for row ", n);
        for (Size c = 0; c < extent["C"]; ++c) adapted.row(n)[c] *= o.norms.data[n] / o.magnitude.data[n];
    }
    DoraUnmergeResult r{sum(adapted, low_rank(o.b, o.a, scale), -1)};
    check_finite("dora_unmerge", r.weight);
    if (o.trace) r.trace = unmerged(o, scale, r.weight);
    return r;
}

}  // namespace clearformer
