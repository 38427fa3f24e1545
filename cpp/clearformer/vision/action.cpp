#include "clearformer/vision/action.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {
namespace {

constexpr int kMostBins = 1000000;

void check_bins(const char* function, int bins, double low, double high) {
    require(bins >= 2 && bins <= kMostBins, function, ": bins must be from 2 to ", kMostBins, ", got ", bins);
    require(low < high, function, ": low must be below high, got ", low, " and ", high);
    check_result(function, "high - low", high - low);
}

}  // namespace

namespace {

void add_action(Trace& trace, const Array<double>& action) {
    add_given(trace, {"action", "a", "action", "input", ".."}, action);
}

/// Operands and steps of an action clipped to low .. high, `c`.
void write_clipped(Pen& pen, const Index& at, double low, double high) {
    const double action = pen.value("action", at);
    pen.scalar("a", "action", at);
    pen.constant("l", "low", low);
    pen.constant("h", "high", high);
    pen.step("c", "kept in range", action < low ? "l" : action > high ? "h" : "a");
}

/// action, tokens, decoded
Trace trace_of(const Rt1ActionTokensOptions& o, const Rt1ActionTokensResult& r) {
    const double low = o.low, high = o.high, last = o.bins - 1;
    Trace trace;
    add_action(trace, o.action);
    add_made(trace, {"tokens", "t", "token", "scores", ".."}, r.tokens, [=](const Index& at, Pen& pen) {
        pen.rule("How far the action is from low to high, in steps of the last token's number, rounded down.",
                 "\\lfloor (a - l) / (h - l) \\cdot B \\rfloor");
        write_clipped(pen, at, low, high);
        pen.constant("B", "number of the last token", last);
        pen.step("t", "token", "floor((c - l) / (h - l) * B)");
    });
    add_made(trace, {"decoded", "a'", "decoded action", "residual", ".."}, r.decoded,
             recipe_rule({"The same share of the way from low to high.",
                          "l + (h - l)\\, t / B",
                          {{"t", "tokens"}},
                          {{"B", "number of the last token", last}, {"l", "low", low}, {"h", "high", high}},
                          {{"y", "action", "t / B * (h - l) + l"}}}));
    return trace;
}

/// action, digitized, tokenIds, decoded
Trace trace_of(const OpenvlaActionTokensOptions& o, const OpenvlaActionTokensResult& r, const std::vector<double>& edges) {
    const double low = o.low, high = o.high, steps = o.bins - 1, vocabulary = o.vocab_size;
    Trace trace;
    add_action(trace, o.action);
    const Array<double> digitized = r.digitized;
    add_made(trace, {"digitized", "d", "edges at or below", "scores", ".."}, digitized, [=](const Index& at, Pen& pen) {
        pen.rule("How many of the edges, in equal steps from low to high, lie at or below the action.",
                 "\\#\\{i : e_i \\le a\\}");
        write_clipped(pen, at, low, high);
        pen.constant("S", "steps from low to high", steps);
        pen.constant("d", "edges at or below", digitized.at(at));
        pen.step("q", "steps up to the action", "(c - l) / (h - l) * S");
        pen.step("y", "edges", "d");
    });
    add_made(trace, {"tokenIds", "v", "number of the token", "scores", ".."}, r.token_ids,
             recipe_rule({"Counted from the end of the vocabulary.",
                          "V - d",
                          {{"d", "digitized"}},
                          {{"V", "vocabulary", vocabulary}},
                          {{"v", "token", "V - d"}}}));
    add_made(trace, {"decoded", "a'", "decoded action", "residual", ".."}, r.decoded, [=](const Index& at, Pen& pen) {
        const Size above = static_cast<Size>(pen.value("digitized", at)), interval = std::min(above, edges.size() - 1) - 1;
        pen.rule("The middle between the two edges around it.", "\\tfrac{1}{2} (e_i + e_{i+1})");
        pen.scalar("d", "digitized", at);
        pen.constant("e", "edge below", edges[interval]);
        pen.constant("f", "edge above", edges[interval + 1]);
        pen.step("y", "middle", "e / 2 + f / 2");
    });
    return trace;
}

/// chunks, powers, weights, action
Trace trace_of(const TemporalEnsembleOptions& o, const TemporalEnsembleResult& r, Size first, double oldest) {
    const Size K = r.weights.size(), t = static_cast<Size>(o.t);
    Trace trace;
    add_given(trace, {"chunks", "A", "predicted action", "input", "N L D"}, o.chunks);
    trace.derive(
        {"powers", "e", "weight before it is shared", "scores", "K"}, {K},
        recipe_rule({"The older the prediction, the larger its weight, for m above 0.",
                     "e^{-m (i - i_0)}",
                     {},
                     {{"i", "place, the oldest first", 0, 0}, {"m", "m", o.m}, {"o", "place of the largest weight", oldest}},
                     {{"e", "weight", "exp(-m * (i - o))"}}}));
    add_made(trace, {"weights", "w", "weight of the prediction", "weights", "K"}, r.weights,
             recipe_rule({"As a share of all.",
                          "e_i / \\sum_j e_j",
                          {{"e", "powers"}, {"a", "powers", "*"}},
                          {},
                          {{"w", "share", "e / sum(a)"}}}));
    add_made(trace, {"action", "a", "merged action", "residual", "D"}, r.action, [=](const Index& at, Pen& pen) {
        pen.rule("All predictions for this time, each by its weight; summed.", "\\sum_i w_i\\, A_{n_i,\\,t - n_i}");
        pen.vector("w", "weights", K, [](Size i) { return Index{i}; });
        pen.vector("a", "chunks", K, [&](Size i) { return Index{first + i, t - first - i, at[0]}; });
        pen.step("y", "sum", "sum(w * a)");
    });
    return trace;
}

}  // namespace

Rt1ActionTokensResult rt1_action_tokens(const Rt1ActionTokensOptions& o) {
    check_bins("rt1_action_tokens", o.bins, o.low, o.high);
    Rt1ActionTokensResult r{o.action, o.action};
    const double span = o.high - o.low, last = o.bins - 1;
    for (Size i = 0; i < o.action.size(); ++i) {
        const double place = (std::clamp(o.action.data[i], o.low, o.high) - o.low) / span;
        r.tokens.data[i] = std::floor(place * last);
        r.decoded.data[i] = r.tokens.data[i] / last * span + o.low;
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

OpenvlaActionTokensResult openvla_action_tokens(const OpenvlaActionTokensOptions& o) {
    check_bins("openvla_action_tokens", o.bins, o.low, o.high);
    require(o.vocab_size >= o.bins, "openvla_action_tokens: vocab_size must be at least bins, got ", o.vocab_size, " and ",
            o.bins);
    std::vector<double> edges(static_cast<Size>(o.bins));
    const double step = (o.high - o.low) / (o.bins - 1);
    for (Size i = 0; i < edges.size(); ++i) edges[i] = static_cast<double>(i) * step + o.low;
    edges.back() = o.high;
    OpenvlaActionTokensResult r{o.action, o.action, o.action};
    for (Size i = 0; i < o.action.size(); ++i) {
        const double action = std::clamp(o.action.data[i], o.low, o.high);
        const Size above = static_cast<Size>(std::upper_bound(edges.begin(), edges.end(), action) - edges.begin());
        const Size interval = std::min(above, edges.size() - 1) - 1;
        r.digitized.data[i] = static_cast<double>(above);
        r.token_ids.data[i] = o.vocab_size - r.digitized.data[i];
        r.decoded.data[i] = edges[interval] / 2 + edges[interval + 1] / 2;
    }
    if (o.trace) r.trace = trace_of(o, r, edges);
    return r;
}

TemporalEnsembleResult temporal_ensemble(const TemporalEnsembleOptions& o) {
    const char* function = TemporalEnsembleOptions::kFunction;
    const Letters letters = check_shapes(o);
    const Size N = letters["N"], L = letters["L"], D = letters["D"];
    require(o.t >= 0, function, ": t must be at least 0, got ", o.t);
    const Size t = static_cast<Size>(o.t);
    const Size first = t + 1 > L ? t + 1 - L : 0, end = std::min(t + 1, N);  // the chunks that hold an action for t
    require(first < end, function, ": no chunk holds an action for t = ", o.t, ", got chunks of shape ", o.chunks.shape);
    TemporalEnsembleResult r{Array<double>({end - first}), Array<double>({D})};
    // The largest weight is exp(0), so that no m overflows.
    const double oldest = o.m >= 0 ? 0 : static_cast<double>(end - first - 1);
    double sum = 0;
    for (Size i = 0; i < r.weights.size(); ++i)
        sum += r.weights.data[i] = std::exp(-o.m * (static_cast<double>(i) - oldest));
    for (Size i = 0; i < r.weights.size(); ++i) {
        r.weights.data[i] /= sum;
        const double* action = o.chunks.data.data() + ((first + i) * L + (t - first - i)) * D;
        for (Size d = 0; d < D; ++d) r.action.data[d] += r.weights.data[i] * action[d];
    }
    check_result(function, "the action", r.action);
    if (o.trace) r.trace = trace_of(o, r, first, oldest);
    return r;
}

namespace {

/// Cosine of pi m / M. The angle is brought into one turn first, so that it is as exact for large m.
class Cosines {
public:
    explicit Cosines(Size M) : values_(2 * M) {
        for (Size m = 0; m < values_.size(); ++m)
            values_[m] = std::cos(std::numbers::pi * static_cast<double>(m) / static_cast<double>(M));
    }
    double operator[](Size m) const { return values_[m % values_.size()]; }
    /// The whole number below 2 M whose cosine it is, and M.
    double reduced(Size m) const { return static_cast<double>(m % values_.size()); }
    double half_turn() const { return static_cast<double>(values_.size() / 2); }

private:
    std::vector<double> values_;
};

/// The matrix of the transform of N entries, entry by entry: y_k = sum over n of entry(k, n) x_n.
class CosineTransform {
public:
    CosineTransform(int type, const std::string& norm, Size N)
        : type_(type),
          N_(N),
          ortho_(norm == "ortho"),
          cosines_(type == 1   ? N - 1
                   : type == 4 ? 4 * N
                               : 2 * N) {
        const double turns = 2 * static_cast<double>(type == 1 ? N - 1 : N);
        factor_ = norm == "backward" ? 1 : ortho_ ? 1 / std::sqrt(turns) : 1 / turns;
    }

    double entry(Size k, Size n) const { return coefficient(k, n) * cosines_[angle(k, n)]; }

    /// y_k of the tensor x along its axis, for the trace: the basis as a tensor of its own.
    Rule basis_rule() const {
        return [*this](const Index& at, Pen& pen) {
            pen.rule("A cosine at one of N frequencies, at one of N places, times what the norm asks for.",
                     "c\\, \\cos(\\pi\\, m / M)");
            pen.constant("c", "what the norm asks for", coefficient(at[0], at[1]));
            pen.constant("m", "angle, in parts of a half turn", cosines_.reduced(angle(at[0], at[1])));
            pen.constant("M", "parts of a half turn", cosines_.half_turn());
            pen.step("b", "entry", "c * cos(3.141592653589793 * m / M)");
        };
    }

private:
    static constexpr double kRoot2 = 1.4142135623730951;
    Size angle(Size k, Size n) const {
        const Size odd_k = 2 * k + 1, odd_n = 2 * n + 1;
        return type_ == 1 ? k * n : type_ == 2 ? k * odd_n : type_ == 3 ? odd_k * n : odd_k * odd_n;
    }
    double coefficient(Size k, Size n) const {
        if (type_ == 2) return 2 * factor_ * shrunk(k);
        if (type_ == 4) return 2 * factor_;
        if (type_ == 3) return (n == 0 && !ortho_ ? 1 : 2) * factor_ * shrunk(n);
        const bool end = n == 0 || n == N_ - 1;
        const bool edge = k == 0 || k == N_ - 1;
        return (end ? (ortho_ ? kRoot2 : 1.0) : 2.0) * (edge && ortho_ ? 1 / kRoot2 : 1.0) * factor_;
    }
    /// The constant vector is longer than the others by this.
    double shrunk(Size i) const { return i == 0 && ortho_ ? 1 / kRoot2 : 1.0; }

    int type_;
    Size N_;
    bool ortho_;
    Cosines cosines_;
    double factor_ = 1;
};

}  // namespace

DiscreteCosineTransformResult discrete_cosine_transform(const DiscreteCosineTransformOptions& o) {
    const char* function = DiscreteCosineTransformOptions::kFunction;
    require(o.type >= 1 && o.type <= 4, function, ": type must be from 1 to 4, got ", o.type);
    require(o.norm == "ortho" || o.norm == "backward" || o.norm == "forward", function,
            ": norm must be backward, ortho or forward, got \"", o.norm, "\"");
    const int rank = static_cast<int>(o.x.rank());
    require(o.axis >= -rank && o.axis < rank, function, ": axis must be from ", -rank, " to ", rank - 1, ", got ", o.axis);
    const Size axis = static_cast<Size>(o.axis < 0 ? o.axis + rank : o.axis), N = o.x.shape[axis];
    require(N >= 2 || o.type != 1, function, ": type 1 needs at least two entries, got ", N);
    require(static_cast<double>(N) * static_cast<double>(o.x.size()) <= 268435456.0, function,
            ": entries times length must be at most 2^28, got ", o.x.size(), " entries and length ", N);
    DiscreteCosineTransformResult r{Array<double>(o.x.shape), Array<double>(o.x.shape)};
    if (o.x.empty()) return r;
    const CosineTransform transform(o.type, o.norm, N);
    Size stride = 1;
    for (Size later = axis + 1; later < o.x.rank(); ++later) stride *= o.x.shape[later];
    for (Size k = 0; k < N; ++k) {
        for (Size n = 0; n < N; ++n) {
            const double factor = transform.entry(k, n);
            for (Size outer = 0; outer < o.x.size(); outer += N * stride) {
                double* y = &r.y.data[outer + k * stride];
                const double* x = &o.x.data[outer + n * stride];
                for (Size i = 0; i < stride; ++i) y[i] += factor * x[i];
            }
        }
    }
    for (Size i = 0; i < r.y.size(); ++i) r.quantised.data[i] = std::nearbyint(o.scale * r.y.data[i]) + 0.0;  // no -0
    check_result(function, "y", r.y);
    check_result(function, "a quantised value", r.quantised);
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        add_given(trace, {"x", "x", "entry before", "input", ".."}, o.x);
        trace.derive({"basis", "B", "entry of the transform", "position", "N N"}, {N, N}, transform.basis_rule());
        add_made(trace, {"y", "y", "entry after", "scores", ".."}, r.y, [axis, N](const Index& at, Pen& pen) {
            pen.rule("The entries along the axis, each by its cosine at this frequency; summed.", "\\sum_n B_{k,n}\\, x_n");
            pen.vector("b", "basis", N, [&](Size n) { return Index{at[axis], n}; });
            pen.vector("x", "x", N, [&](Size n) {
                Index place = at;
                place[axis] = n;
                return place;
            });
            pen.step("p", "products", "b * x");
            pen.step("y", "sum", "sum(p)");
        });
        add_made(trace, {"quantised", "q", "rounded entry", "scores", ".."}, r.quantised,
                 told_rule({"The entry times the scale, rounded to a whole number, halves to the even one.",
                            "\\operatorname{round}(s\\, y)",
                            {{"y", "y"}},
                            {{"s", "scale", o.scale}},
                            {{"u", "scaled", "s * y"}}},
                           "q", "rounded", r.quantised));
    }
    return r;
}

}  // namespace clearformer
