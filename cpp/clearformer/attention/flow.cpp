#include "clearformer/attention/flow.hpp"

#include <cmath>

#include "clearformer/attention/heads.hpp"
#include "clearformer/attention/rules.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/position/rope.hpp"

namespace clearformer {
namespace {

/// The label with its name extended: the tensors that lead to another carry its name.
Label named(const std::string& name, const Label& label, const char* symbol, const char* title, const char* letters) {
    return {name.c_str(), symbol, title, label.role, letters};
}

Rule multiply_rule(const char* a, const char* b) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The product of the two, entry by entry.", "a \\odot b");
        pen.scalar("a", a, at);
        pen.scalar("b", b, at);
        pen.step("y", "product", "a * b");
    };
}

/// The entry stands elsewhere under another index.
Rule copy_rule(const char* x, const char* words, const char* formula, Index (*from)(const Index&, Size), Size n) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(words, formula);
        pen.scalar("x", x, from(at, n));
        pen.step("y", "copied", "x");
    };
}

}  // namespace

Array<double> causal_mask(Size T, Size S, std::optional<int> window) {
    Array<double> allow({T, S});
    for (Size t = 0; t < T; ++t) {
        const Size end = t + S >= T ? std::min(t + S - T + 1, S) : 0;
        const Size begin = window && end > static_cast<Size>(*window) ? end - static_cast<Size>(*window) : 0;
        std::fill(allow.row(t) + begin, allow.row(t) + end, 1.0);
    }
    return allow;
}

std::optional<Trace> Flow::take() {
    if (!record_) return {};
    return std::move(trace_);
}

Value Flow::record(const Label& label, Array<double> array, Rule rule) {
    Value value{"", std::move(array)};
    if (!record_) return value;
    Label own = label;
    own.name = value.name = trace_.own(prefix_ + label.name);
    trace_.add({own, value.array.shape, std::move(rule), value.array.data});
    return value;
}

Value Flow::input(const Label& label, Array<double> array, const char* words) {
    return record(label, std::move(array), [words](const Index&, Pen& pen) { pen.input(words); });
}

Value Flow::linear(const Label& label, const Value& x, const Value& weight, const Value* bias) {
    const Size inner = weight.extent(1), outer = weight.extent(0);
    Shape shape = x.array.shape;
    shape.back() = outer;
    Array<double> y(shape);
    matmul_transposed(x.array.data.data(), weight.array.data.data(), y.data.data(), x.array.rows(), inner, outer, inner,
                      inner, outer);
    for (Size i = 0; bias && i < y.size(); ++i) y.data[i] += bias->array.data[i % outer];
    return record(label, std::move(y), linear_rule(x.name, weight.name, bias ? bias->name : nullptr, inner));
}

Value Flow::add(const Label& label, const Value& a, const Value& b) {
    Array<double> y = a.array;
    for (Size i = 0; i < y.size(); ++i) y.data[i] += b.array.data[i];
    return record(label, std::move(y), add_rule(a.name, b.name));
}

Value Flow::multiply(const Label& label, const Value& a, const Value& b) {
    Array<double> y = a.array;
    for (Size i = 0; i < y.size(); ++i) y.data[i] *= b.array.data[i];
    return record(label, std::move(y), multiply_rule(a.name, b.name));
}

Value Flow::activation(const Label& label, const Value& x, const std::string& name) {
    const ActivationFunction function = find_activation(name);
    Array<double> y = x.array;
    for (double& value : y.data) value = function(value).y;
    return record(label, std::move(y), activation_rule(x.name, name));
}

Value Flow::layer_norm(const Label& label, const Value& x, const Value* gamma, const Value* beta, double eps) {
    const Size C = x.array.width();
    LayerNormOptions<double> o;
    o.x = x.array;
    o.eps = eps;
    const LayerNormResult<double> plain = clearformer::layer_norm(o);
    if (gamma) o.gamma = gamma->array;
    if (beta) o.beta = beta->array;
    if (!record_) return {"", clearformer::layer_norm(o).y};
    const std::string name = label.name;
    const Value mean = record(named(name + "Mean", label, "μ", "mean of the row", ".."), plain.mean, mean_rule(x.name, C));
    const Value variance = record(named(name + "Variance", label, "σ²", "variance of the row", ".."), plain.variance,
                                  variance_rule(x.name, mean.name, C));
    const Rule rule = normalised_rule(x.name, mean.name, variance.name, eps);
    if (!gamma && !beta) return record(label, plain.y, rule);
    const Value normalised =
        record(named(name + "Normalised", label, "x̂", "normalised entry", label.letters), plain.y, rule);
    return record(label, clearformer::layer_norm(o).y,
                  affine_rule(normalised.name, gamma ? gamma->name : nullptr, beta ? beta->name : nullptr));
}

Value Flow::rms_norm(const Label& label, const Value& x, const Value* gamma, double eps, bool unit_offset) {
    RmsNormOptions<double> o;
    o.x = x.array;
    o.eps = eps;
    o.unit_offset = unit_offset;
    const RmsNormResult<double> plain = clearformer::rms_norm(o);
    if (gamma) o.gamma = gamma->array;
    if (!record_) return {"", clearformer::rms_norm(o).y};
    const std::string name = label.name;
    const Value rms = record(named(name + "Rms", label, "rms", "root mean square of the row", ".."), plain.rms,
                             rms_rule(x.name, x.array.width(), eps));
    const Rule rule = rms_normalised_rule(x.name, rms.name);
    if (!gamma) return record(label, plain.y, rule);
    const Value normalised =
        record(named(name + "Normalised", label, "x̂", "normalised entry", label.letters), plain.y, rule);
    return record(label, clearformer::rms_norm(o).y, affine_rule(normalised.name, gamma->name, nullptr, unit_offset));
}

Value Flow::columns(const Label& label, const Value& x, Size first, Size count) {
    Shape shape = x.array.shape;
    shape.back() = count;
    Array<double> y(shape);
    for (Size r = 0; r < x.array.rows(); ++r) std::copy_n(x.array.row(r) + first, count, y.row(r));
    const auto from = [](const Index& at, Size start) {
        Index index = at;
        index.back() += start;
        return index;
    };
    return record(label, std::move(y), copy_rule(x.name, "A part of the row, as it stands.", "x", from, first));
}

Value Flow::beside(const Label& label, const Value& a, const Value& b) {
    const Size left = a.array.width(), right = b.array.width(), group = a.array.rows() / std::max<Size>(b.array.rows(), 1);
    const bool shared = b.array.rows() != a.array.rows();
    Shape shape = a.array.shape;
    shape.back() = left + right;
    Array<double> y(shape);
    for (Size r = 0; r < y.rows(); ++r) {
        std::copy_n(a.array.row(r), left, y.row(r));
        std::copy_n(b.array.row(shared ? r % (a.array.rows() / group) : r), right, y.row(r) + left);
    }
    const char *first = a.name, *second = b.name;
    const Rule rule = [=](const Index& at, Pen& pen) {
        Index index = at;
        const bool is_left = at.back() < left;
        if (!is_left) {
            index.back() -= left;
            if (shared) index[0] = 0;
        }
        pen.rule("Two parts side by side: this entry is of the one.", is_left ? "a" : "b");
        pen.scalar("x", is_left ? first : second, index);
        pen.step("y", "copied", "x");
    };
    return record(label, std::move(y), rule);
}

Value Flow::split_heads(const Label& label, const Value& x, Size heads) {
    const Size D = x.extent(1) / heads;
    const auto from = [](const Index& at, Size width) { return Index{at[1], at[0] * width + at[2]}; };
    return record(label, clearformer::split_heads(x.array, heads),
                  copy_rule(x.name, "One head's columns of the row.", "x_{t,\\,hD+d}", from, D));
}

Value Flow::join_heads(const Label& label, const Value& x) {
    const Size D = x.extent(2);
    const auto from = [](const Index& at, Size width) { return Index{at[1] / width, at[0], at[1] % width}; };
    return record(
        label, clearformer::join_heads(x.array),
        copy_rule(x.name, "The heads' outputs side by side.", "\\operatorname{concat}(O_1, \\dots, O_H)", from, D));
}

Value Flow::rotate(const Label& label, const Value& x, const Rotation& rotation) {
    const Pairing pairing = rotation.interleaved ? Pairing::kInterleaved : Pairing::kHalfSplit;
    Array<double> y(x.array.shape, turned_rows(x.array.data, rotation.positions, x.array.width(), rotation.rotary_dim,
                                               rotation.theta, pairing));
    return record(label, std::move(y), rotation_rule(x.name, rotation));
}

Attended Flow::attend(const Value& q, const Value& k, const Value& v, const AttendOptions& o) {
    const Size H = q.extent(0), T = q.extent(1), D = q.extent(2), S = k.extent(1), Dv = v.extent(2), group = H / k.extent(0);
    // 1. Every query against every key.
    Array<double> scores({H, T, S});
    for (Size h = 0; h < H; ++h) {
        matmul_transposed(q.array.row(h * T), k.array.row(h / group * S), scores.row(h * T), T, D, S, D, D, S);
    }
    const Value raw =
        record({"scores", "S", "raw score", "scores", "H T S"}, std::move(scores), score_rule(q.name, k.name, D, group));
    // 2. Scaled, capped, biased.
    Array<double> scaled = raw.array;
    for (double& value : scaled.data) value *= o.scale;
    Value logits = record({"scaled", "S·c", "scaled score", "scores", "H T S"}, std::move(scaled),
                          scale_rule(raw.name, o.scale, "scale"));
    if (o.softcap) {
        const double cap = *o.softcap;
        Array<double> capped = logits.array;
        for (double& value : capped.data) value = cap * std::tanh(value / cap);
        const char* from = logits.name;
        const Rule rule = [from, cap](const Index& at, Pen& pen) {
            pen.rule("Soft-capped: never beyond the cap, nearly unchanged far below it.", "c \\tanh(x / c)");
            pen.scalar("x", from, at);
            pen.constant("c", "cap", cap);
            pen.step("y", "capped", "c * tanh(x / c)");
        };
        logits = record({"capped", "S'", "capped score", "scores", "H T S"}, std::move(capped), rule);
    }
    if (o.bias) {
        const Value bias = input({"bias", "B", "bias on the score", "position", ".. T S"}, *o.bias,
                                 "Given: the bias of this pair of positions.");
        Array<double> biased = logits.array;
        for (Size i = 0; i < biased.size(); ++i) biased.data[i] += o.bias->data[i % o.bias->size()];
        const char *from = logits.name, *added = bias.name;
        const bool per_head = o.bias->rank() == 3;
        const Size heads = o.bias->shape[0];
        const Rule rule = [=](const Index& at, Pen& pen) {
            pen.rule("The score plus its bias.", "x + b");
            pen.scalar("x", from, at);
            pen.scalar("b", added, per_head ? Index{at[0] % heads, at[1], at[2]} : Index{at[1], at[2]});
            pen.step("y", "+ bias", "x + b");
        };
        logits = record({"biased", "S+B", "biased score", "scores", "H T S"}, std::move(biased), rule);
    }
    if (o.alibi_slopes) {
        const std::vector<double> slopes = *o.alibi_slopes;
        const double offset = o.offset;
        const auto slope_at = [slopes](const Index& at) { return slopes[at[0] % slopes.size()]; };
        const auto distance_at = [offset](const Index& at) {
            return static_cast<double>(at[1]) + offset - static_cast<double>(at[2]);
        };
        Array<double> biased = logits.array;
        for (Size i = 0; i < biased.size(); ++i) {
            const Index at{i / (T * S), i / S % T, i % S};
            biased.data[i] -= slope_at(at) * distance_at(at);
        }
        const char* from = logits.name;
        const Rule rule = [=](const Index& at, Pen& pen) {
            pen.rule("The score less the head's slope times the distance from query to key.", "x - m\\,(i - j)");
            pen.scalar("x", from, at);
            pen.constant("m", "the head's slope", slope_at(at));
            pen.constant("d", "distance", distance_at(at));
            pen.step("y", "less the distance", "x - m * d");
        };
        logits = record({"alibi", "S-m·d", "score less its distance", "scores", "H T S"}, std::move(biased), rule);
    }
    // 3. The mask takes away.
    Array<double> masked = logits.array, mask = o.allow.empty() ? Array<double>({T, S}) : o.allow;
    for (Size i = 0; i < mask.size(); ++i) mask.data[i] = o.allow.empty() || o.allow.data[i] != 0 ? 0 : -kInfinity;
    for (Size i = 0; i < masked.size(); ++i) masked.data[i] += mask.data[i % mask.size()];
    const bool per_head = mask.rank() == 3;
    const Size mask_heads = mask.shape[0];
    const Value added = input({"mask", "M", "mask entry", "scores", per_head ? "H T S" : "T S"}, std::move(mask),
                              "Zero where the query may see the key, minus infinity where not.");
    const char *from = logits.name, *mask_name = added.name;
    const Rule mask_rule = [=](const Index& at, Pen& pen) {
        pen.rule("The score plus the mask: minus infinity removes the key.", "x + M");
        pen.scalar("x", from, at);
        pen.scalar("M", mask_name, per_head ? Index{at[0] % mask_heads, at[1], at[2]} : Index{at[1], at[2]});
        pen.step("y", "+ mask", "x + M");
    };
    const Value visible = record({"masked", "S+M", "masked score", "scores", "H T S"}, std::move(masked), mask_rule);
    // 4. Softmax, with its maximum, exponentials and sum kept.
    Array<double> most({H, T}, -kInfinity), powers({H, T, S}), sums({H, T}), shares({H, T, S});
    for (Size r = 0; r < H * T; ++r) {
        const double* x = visible.array.row(r);
        const double sink = o.sinks ? o.sinks->data[r / T % o.sinks->size()] : -kInfinity;
        for (Size s = 0; s < S; ++s) most.data[r] = std::max(most.data[r], x[s]);
        double& m = most.data[r];
        m = std::max(m, sink);
        double& sum = sums.data[r];
        if (o.sinks) sum = std::exp(sink - m);
        for (Size s = 0; s < S; ++s) sum += powers.row(r)[s] = x[s] == -kInfinity ? 0.0 : std::exp(x[s] - m);
        require(!std::isnan(sum), "attention: the logits must be below +inf, got a maximum of ", m);
        for (Size s = 0; s < S; ++s) shares.row(r)[s] = sum == 0 ? o.empty_row : powers.row(r)[s] / sum;
    }
    Rule max_rule = row_max_rule(visible.name, S), sum_rule;
    const Label max_label{"rowMax", "m", "row maximum", "scores", "H T"},
        sum_label{"rowSum", "Z", "row sum", "scores", "H T"};
    if (o.sinks) {
        const Value sinks = input({"sinks", "s", "sink logit", "scores", "H"}, *o.sinks, "Given: the head's sink logit.");
        const char *of = visible.name, *sink = sinks.name;
        const Size count = sinks.extent(0);
        max_rule = [=](const Index& at, Pen& pen) {
            pen.rule("The largest of the row's scores and the head's sink.", "m = \\max(s, \\max_s x_s)");
            pen.vector("x", of, S, [&](Size s) { return Index{at[0], at[1], s}; });
            pen.scalar("k", sink, {at[0] % count});
            pen.step("a", "largest score", "max(x)");
            pen.step("m", "or the sink", "(a + k + abs(a - k)) / 2");
        };
    }
    const Value row_max = record(max_label, std::move(most), max_rule);
    const Value exponentials = record({"exponentials", "e", "exponential", "scores", "H T S"}, std::move(powers),
                                      exponential_rule(visible.name, row_max.name));
    sum_rule = row_sum_rule(exponentials.name, S);
    if (o.sinks) {
        const char *of = exponentials.name, *top = row_max.name, *sink = trace_.own(prefix_ + "sinks");
        const Size count = o.sinks->size();
        sum_rule = [=](const Index& at, Pen& pen) {
            pen.rule("The sum of the row's exponentials and the sink's: the sink takes weight and gives nothing.",
                     "Z = e^{s - m} + \\sum_s e_s");
            pen.vector("e", of, S, [&](Size s) { return Index{at[0], at[1], s}; });
            pen.scalar("k", sink, {at[0] % count});
            pen.scalar("m", top, at);
            pen.step("t", "the sink's", "exp(k - m)");
            pen.step("Z", "sum", "sum(e) + t");
        };
    }
    const Value row_sum = record(sum_label, std::move(sums), sum_rule);
    Attended result;
    result.weights = record({"weights", "A", "attention weight", "weights", "H T S"}, std::move(shares),
                            normalise_rule(exponentials.name, row_sum.name, kLastAxis, o.empty_row));
    // 5. The weighted sum of the values.
    Array<double> mixed({H, T, Dv});
    for (Size h = 0; h < H; ++h) {
        matmul(result.weights.array.row(h * T), v.array.row(h / group * S), mixed.row(h * T), T, S, Dv, S, Dv, Dv);
    }
    result.output = record({"headOutputs", "O", "head output entry", "v", "H T D"}, std::move(mixed),
                           weighted_sum_rule(result.weights.name, v.name, S, group));
    return result;
}

}  // namespace clearformer
