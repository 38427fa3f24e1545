#include "clearformer/vision/vector_quantization.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/diffusion_rules.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {
namespace {

double squared_distance(const double* a, const double* b, Size n) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/// exp of the entropy of counts that sum to `total`.
double perplexity(const Array<double>& counts, double total) {
    double entropy = 0;
    for (double count : counts.data) {
        if (count > 0) entropy -= count / total * std::log(count / total);
    }
    return std::exp(entropy);
}

/// The same values with all leading axes in one.
Array<double> as_rows(const Array<double>& x) { return Array<double>({x.rows(), x.width()}, x.data); }

Trace vector_quantize_trace(const VectorQuantizeOptions& o, const VectorQuantizeResult& r) {
    Trace trace;
    const auto record = [&](const Label& label, Array<double> values, Rule rule) {
        trace.add({label, values.shape, std::move(rule), std::move(values.data)});
    };
    const Size N = r.indices.size(), D = o.z.width(), K = o.codebook.shape[0];
    Array<double> differences = as_rows(r.quantized);
    for (Size i = 0; i < differences.size(); ++i) {
        const double difference = r.quantized.data[i] - o.z.data[i];
        differences.data[i] = difference * difference;
    }
    record({"z", "z", "entry of a vector", "q", "N D"}, as_rows(o.z), given_rule("A vector, as it was given."));
    record({"codebook", "e", "entry of the codebook", "k", "K D"}, o.codebook,
           given_rule("An entry of the codebook, as given."));
    record({"squaredDistances", "d", "squared distance", "scores", "N K"}, as_rows(r.squared_distances),
           squared_distance_rule("z", "codebook", D));
    record({"indices", "k", "position of the nearest entry", "weights", "N"}, Array<double>({N}, r.indices.data),
           nearest_rule("squaredDistances", K));
    record({"quantized", "z_q", "quantised entry", "v", "N D"}, as_rows(r.quantized), looked_up_rule("codebook", "indices"));
    record({"squaredErrors", "(z_q - z)^2", "squared error", "scores", "N D"}, differences,
           squared_difference_rule("quantized", "z"));
    record({"codebookLoss", "\\mathcal{L}_e", "codebook loss", "scores", "1"}, Array<double>({1}, r.codebook_loss),
           mean_of_all_rule("squaredErrors", N, D));
    record({"commitmentLoss", "\\mathcal{L}_z", "commitment loss", "scores", "1"}, Array<double>({1}, r.commitment_loss),
           mean_of_all_rule("squaredErrors", N, D));
    record(
        {"total", "\\mathcal{L}", "loss", "scores", "1"}, Array<double>({1}, r.total),
        weighted_sum_rule("The codebook loss plus the commitment loss, weighted.", "\\mathcal{L}_e + \\beta \\mathcal{L}_z",
                          {{"codebookLoss", 1, "as it stands"}, {"commitmentLoss", o.beta, "beta"}}));
    const double count = static_cast<double>(N * D);
    record({"dZ", "\\partial z", "gradient of the vector", "scores", "N D"}, as_rows(r.d_z),
           recipe_rule({"Towards the entry, by beta.",
                        "-2 \\beta (e - z) / n",
                        {{"z", "z"}, {"e", "quantized"}},
                        {{"b", "beta", o.beta}, {"n", "entries of all vectors", count}},
                        {{"g", "gradient", "-2 * b * (e - z) / n"}}}));
    record({"dCodebook", "\\partial e", "gradient of the codebook's entry", "scores", "K D"}, r.d_codebook,
           recipe_rule({"Towards the vectors that it stands for.",
                        "\\sum_{i:\\, k_i = k} 2 (e_k - z_i) / n",
                        {{"i", "indices", "*"}, {"z", "z", "n1"}, {"e", "codebook"}},
                        {{"k", "number of the entry", 0, 0}, {"n", "entries of all vectors", count}},
                        {{"o", "1 where it stands for the vector", "floor(1 / (1 + abs(i - k)))"},
                         {"g", "gradient", "sum(o * 2 * (e - z) / n)"}}}));
    record({"counts", "n", "vectors that the entry stands for", "scores", "K"}, r.counts,
           count_rule("How many vectors it stands for.", "indices"));
    add_number(trace, {"perplexity", "P", "entries in use", "scores", ""}, r.perplexity,
               recipe_rule({"Over how many entries an even use would have this entropy.",
                            "e^{-\\sum_k p_k \\ln p_k}",
                            {{"n", "counts", "*"}},
                            {{"N", "vectors", static_cast<double>(N)}},
                            {{"p", "shares", "n / N"},
                             {"o", "1 where there is none", "floor(1 / (1 + n))"},
                             {"P", "perplexity", "exp(-sum(p * log(p + o)))"}}}));
    return trace;
}

/// How one coordinate is squeezed: half width, offset and shift.
struct Squeeze {
    double half = 0, offset = 0, shift = 0;
};

Squeeze squeeze_for(const char* function, const FiniteScalarQuantizeOptions& o, int levels) {
    require(levels >= 2, function, ": every entry of levels must be at least 2, got ", levels);
    require(o.eps >= 0 && o.eps * (levels - 1) < 1, function, ": eps must be at least 0 and below 1 / (levels - 1), got ",
            o.eps, " and ", levels, " levels");
    const bool paper = o.variant == "paper";
    Squeeze q;
    q.half = (levels - 1) * (paper ? 1 - o.eps : 1 + o.eps) / 2;
    q.offset = levels % 2 == 0 ? 0.5 : 0;
    q.shift = paper ? std::tan(q.offset / q.half) : std::atanh(q.offset / q.half);
    require(std::isfinite(q.shift), function, ": eps must be above 0 for ", levels, " levels, got ", o.eps);
    return q;
}

}  // namespace

VectorQuantizeResult vector_quantize(const VectorQuantizeOptions& o) {
    const char* function = VectorQuantizeOptions::kFunction;
    const Letters letters = check_shapes(o);
    const Size D = letters["D"], K = letters["K"], N = o.z.rows();
    require(K > 0, function, ": codebook must have at least one entry, got shape ", o.codebook.shape);
    require(N > 0 && D > 0, function, ": z must have at least one vector of at least one entry, got shape ", o.z.shape);
    require(o.beta >= 0, function, ": beta must be at least 0, got ", o.beta);
    Shape rows = o.z.shape;
    rows.pop_back();
    Shape per_entry = rows;
    per_entry.push_back(K);
    check_bytes("vector_quantize: squared_distances", per_entry, sizeof(double));
    VectorQuantizeResult r;
    r.squared_distances = Array<double>(per_entry);
    r.indices = Array<double>(rows);
    r.quantized = r.d_z = o.z;
    r.d_codebook = Array<double>(o.codebook.shape);
    r.counts = Array<double>({K});
    const double count = static_cast<double>(N * D);
    for (Size i = 0; i < N; ++i) {
        // 1. The nearest entry.
        const double* z = o.z.row(i);
        double* distances = r.squared_distances.row(i);
        Size nearest = 0;
        for (Size k = 0; k < K; ++k) {
            distances[k] = squared_distance(z, o.codebook.row(k), D);
            if (distances[k] < distances[nearest]) nearest = k;
        }
        r.indices.data[i] = static_cast<double>(nearest);
        r.counts.data[nearest] += 1;
        // 2. How far off it is, and where that pushes the vector and the entry.
        for (Size d = 0; d < D; ++d) {
            const double e = o.codebook.row(nearest)[d], difference = e - z[d];
            r.quantized.row(i)[d] = e;
            r.codebook_loss += difference * difference / count;
            r.d_z.row(i)[d] = -2 * o.beta * difference / count;
            r.d_codebook.row(nearest)[d] += 2 * difference / count;
        }
    }
    r.commitment_loss = r.codebook_loss;
    r.total = r.codebook_loss + o.beta * r.commitment_loss;
    r.perplexity = perplexity(r.counts, static_cast<double>(N));
    check_result(function, "a squared distance", r.squared_distances);
    check_result(function, "the loss", r.total);
    check_result(function, "a derivative", r.d_z);
    if (o.trace) r.trace = vector_quantize_trace(o, r);
    return r;
}

namespace {

/// z, bounded, rounded, codes, digits, index
Trace trace_of(const FiniteScalarQuantizeOptions& o, const FiniteScalarQuantizeResult& r,
               const std::vector<Squeeze>& squeezes) {
    const std::vector<int> levels = o.levels;
    const auto half = [levels](const Index& at) { return static_cast<double>(levels[at.back()] / 2); };
    const char* role = "scores";
    Trace trace;
    add_given(trace, {"z", "z", "entry before", "residual", ".. D"}, o.z);
    add_made(trace, {"bounded", "b", "entry squeezed", role, ".. D"}, r.bounded, [=](const Index& at, Pen& pen) {
        const Squeeze& q = squeezes[at.back()];
        pen.rule("Squeezed to the width of its levels.", "h \\tanh(z + s) - o");
        pen.scalar("z", "z", at);
        pen.constant("h", "half the width", q.half);
        pen.constant("s", "shift", q.shift);
        pen.constant("o", "offset", q.offset);
        pen.step("b", "squeezed", "h * tanh(z + s) - o");
    });
    Array<double> rounded = r.digits;
    for (Size i = 0; i < rounded.size(); ++i) rounded.data[i] -= levels[i % levels.size()] / 2;
    add_made(trace, {"rounded", "k", "level, counted from the middle", role, ".. D"}, rounded,
             told_rule({"Rounded to a whole number, halves to the even one.",
                        "\\operatorname{round}(b)",
                        {{"b", "bounded"}},
                        {},
                        {{"r", "whole number below", "floor(b)"}}},
                       "k", "rounded", rounded));
    add_made(trace, {"codes", "c", "code, from -1 to 1", role, ".. D"}, r.codes, [=](const Index& at, Pen& pen) {
        pen.rule("The level over half the number of levels.", "k / \\lfloor L / 2 \\rfloor");
        pen.scalar("k", "rounded", at);
        pen.constant("h", "half the levels, rounded down", half(at));
        pen.step("c", "code", "k / h");
    });
    add_made(trace, {"digits", "d", "digit", role, ".. D"}, r.digits, [=](const Index& at, Pen& pen) {
        pen.rule("The level, counted from the lowest.", "k + \\lfloor L / 2 \\rfloor");
        pen.scalar("k", "rounded", at);
        pen.constant("h", "half the levels, rounded down", half(at));
        pen.step("d", "digit", "k + h");
    });
    Array<double> places({levels.size()}, 1.0);
    for (Size d = 1; d < levels.size(); ++d) places.data[d] = places.data[d - 1] * levels[d - 1];
    add_made(trace, {"places", "p", "worth of the digit", role, "D"}, places, [levels](const Index& at, Pen& pen) {
        const bool first = at[0] == 0;
        pen.rule(first ? "The first digit is the least." : "The worth of the digit before, times its levels.",
                 first ? "1" : "p_{d-1} L_{d-1}");
        if (!first) {
            pen.scalar("p", "places", {at[0] - 1});
            pen.constant("L", "levels before", levels[at[0] - 1]);
        }
        pen.step("y", "worth", first ? "1" : "p * L");
    });
    add_made(trace, {"index", "i", "number of the code", role, ".."}, r.index,
             recipe_rule({"The digits, each by its worth; summed.",
                          "\\sum_d d_d\\, p_d",
                          {{"d", "digits", "=n"}, {"p", "places", "*"}},
                          {},
                          {{"i", "number", "sum(d * p)"}}}));
    return trace;
}

}  // namespace

FiniteScalarQuantizeResult finite_scalar_quantize(const FiniteScalarQuantizeOptions& o) {
    const char* function = FiniteScalarQuantizeOptions::kFunction;
    const Size D = check_shapes(o)["D"];
    require(D > 0, function, ": levels must have at least one entry");
    require(o.variant == "paper" || o.variant == "vector_quantize_pytorch", function,
            ": variant must be paper or vector_quantize_pytorch, got \"", o.variant, "\"");
    std::vector<Squeeze> squeezes;
    double codes = 1;
    for (int levels : o.levels) {
        squeezes.push_back(squeeze_for(function, o, levels));
        codes *= levels;
    }
    require(codes <= 9007199254740992.0, function, ": the levels must multiply to at most 2^53 codes, got ", codes);
    FiniteScalarQuantizeResult r{o.z, o.z, o.z, Array<double>(Shape(o.z.shape.begin(), o.z.shape.end() - 1))};
    for (Size row = 0; row < o.z.rows(); ++row) {
        double place = 1;
        for (Size d = 0; d < D; ++d) {
            const Squeeze& q = squeezes[d];
            const double half = o.levels[d] / 2;  // whole: floor(L / 2)
            const double bounded = q.half * std::tanh(o.z.row(row)[d] + q.shift) - q.offset;
            const double rounded = std::nearbyint(bounded) + 0.0;  // half to even; no -0
            r.bounded.row(row)[d] = bounded;
            r.codes.row(row)[d] = rounded / half;
            r.digits.row(row)[d] = rounded + half;
            r.index.data[row] += (rounded + half) * place;
            place *= o.levels[d];
        }
    }
    if (o.trace) r.trace = trace_of(o, r, squeezes);
    return r;
}

}  // namespace clearformer
