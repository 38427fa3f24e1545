#include "clearformer/attention/attention.hpp"

#include <cmath>

#include "clearformer/attention/attention_kernels.hpp"
#include "clearformer/ops/matmul.hpp"

namespace clearformer {
namespace {

MaskedRow masked_row_policy(const std::string& name) {
    if (name == "zeros") return MaskedRow::kZeros;
    if (name == "uniform") return MaskedRow::kUniform;
    require(name == "nan", "attention: masked_row must be zeros, uniform or nan, got \"", name, "\"");
    return MaskedRow::kNans;
}

/// A tensor of [T, S] or [H, T, S], read at (h, t).
template <class Real>
class PerHead {
public:
    PerHead(const char* name, const std::optional<Array<Real>>& array, Size heads) : array_(array) {
        if (!array) return;
        require(array->rank() == 2 || (array->rank() == 3 && array->shape[0] == heads), "attention: ", name,
                " must have shape [T, S] or [H, T, S] with H = ", heads, ", got ", array->shape);
    }
    explicit operator bool() const { return array_.has_value(); }
    /// Whether heads have rows of their own.
    bool differs() const { return array_->rank() == 3; }
    const Real* row(Size h, Size t) const {
        const Size queries = array_->shape[array_->rank() - 2];
        return array_->row((array_->rank() == 3 ? h * queries : 0) + t);
    }

private:
    const std::optional<Array<Real>>& array_;
};

/// Softmax over the keys that `visible` marks, with an optional sink logit in the denominator.
template <class Real>
void masked_softmax(const Real* logits, const std::vector<char>& visible, const Real* sink, MaskedRow policy,
                    Real* weights) {
    const Size keys = visible.size();
    Real most = sink ? *sink : -std::numeric_limits<Real>::infinity();
    for (Size s = 0; s < keys; ++s) {
        if (visible[s]) most = std::max(most, logits[s]);
    }
    if (std::isinf(most)) {  // no key is visible
        const Real value = policy == MaskedRow::kNans      ? std::numeric_limits<Real>::quiet_NaN()
                           : policy == MaskedRow::kUniform ? Real(1) / static_cast<Real>(keys)
                                                           : Real(0);
        std::fill(weights, weights + keys, value);
        return;
    }
    Real sum = sink ? std::exp(*sink - most) : Real(0);
    for (Size s = 0; s < keys; ++s) {
        weights[s] = visible[s] ? std::exp(logits[s] - most) : Real(0);
        sum += weights[s];
    }
    for (Size s = 0; s < keys; ++s) weights[s] /= sum;
}

/// A call of attention() that has passed its checks.
template <class Real>
struct Problem {
    const AttentionOptions<Real>& o;
    Size B, H, G, T, S, D, Dv;
    PerHead<Real> bias, allow;
    MaskedRow masked_row;
    MaskOptions mask;
    double scale, offset;

    Size kv_head(Size b, Size h) const { return b * G + h / (H / G); }
    const Real* q(Size b, Size h) const { return o.q.data.data() + (b * H + h) * T * D; }
    const Real* k(Size b, Size h) const { return o.k.data.data() + kv_head(b, h) * S * D; }
    const Real* v(Size b, Size h) const { return o.v.data.data() + kv_head(b, h) * S * Dv; }
    const Real* sink(Size h) const { return o.sinks ? &o.sinks->data[h] : nullptr; }
};

template <class Real>
Problem<Real> checked(const AttentionOptions<Real>& o) {
    const Letters letter = check_shapes(o);
    const Size H = letter["H"], G = letter["G"], T = letter["T"], S = letter["S"], D = letter["D"], Dv = letter["Dv"];
    require(o.q.rank() == o.k.rank() && o.k.rank() == o.v.rank(),
            "attention: q, k and v must all have a batch axis or none, got ", o.q.shape, ", ", o.k.shape, " and ",
            o.v.shape);
    require(H > 0 && G > 0 && H % G == 0, "attention: the query heads must be a multiple of the key/value heads, got ", H,
            " and ", G);
    require(D > 0, "attention: the head width must be at least 1, got 0");
    require(!o.softcap || (std::isfinite(*o.softcap) && *o.softcap > 0), "attention: softcap must be above 0, got ",
            o.softcap.value_or(0));
    require(o.alibi_slopes.empty() || o.alibi_slopes.size() == H, "attention: alibi_slopes needs one slope for each of the ",
            H, " heads, got ", o.alibi_slopes.size());
    MaskOptions mask = o.mask;
    mask.queries = static_cast<int>(T);
    mask.keys = static_cast<int>(S);
    return {o,
            o.q.rank() == 4 ? o.q.shape[0] : 1,
            H,
            G,
            T,
            S,
            D,
            Dv,
            PerHead<Real>("bias", o.bias, H),
            PerHead<Real>("allow", o.allow, H),
            masked_row_policy(o.masked_row),
            mask,
            o.scale.value_or(1.0 / std::sqrt(static_cast<double>(D))),
            static_cast<double>(o.mask.query_offset.value_or(mask.keys - mask.queries))};
}

/// The plain loops.
void attend_heads(const Problem<double>& p, double* logits, double* weights, double* output) {
    const AttentionOptions<double>& o = p.o;
    const Array<double> named = attention_mask(p.mask).allow;
    const Size T = p.T, S = p.S, matrix = T * S;
    std::vector<double> spare_logits(logits ? 0 : matrix), spare_weights(weights ? 0 : matrix);
    std::vector<char> visible(S);
    for (Size b = 0; b < p.B; ++b) {
        for (Size h = 0; h < p.H; ++h) {
            const Size head = b * p.H + h;
            double* x = logits ? logits + head * matrix : spare_logits.data();
            double* w = weights ? weights + head * matrix : spare_weights.data();
            // 1. Every query against every key.
            matmul_transposed(p.q(b, h), p.k(b, h), x, T, p.D, S, p.D, p.D, S);
            for (Size t = 0; t < T; ++t) {
                // 2. Scale, soft-cap, biases.
                double* row = x + t * S;
                for (Size s = 0; s < S; ++s) {
                    double logit = row[s] * p.scale;
                    if (o.softcap) logit = *o.softcap * std::tanh(logit / *o.softcap);
                    if (p.bias) logit += p.bias.row(h, t)[s];
                    if (!o.alibi_slopes.empty()) {
                        logit -= o.alibi_slopes[h] * (static_cast<double>(t) + p.offset - static_cast<double>(s));
                    }
                    require(!std::isnan(logit) && logit < kInfinity, "attention: logits must be below +inf, got ", logit,
                            " at head ", h, ", query ", t, ", key ", s);
                    row[s] = logit;
                    visible[s] = named.row(t)[s] != 0 && (!p.allow || p.allow.row(h, t)[s] != 0);
                }
                // 3. Mask and softmax.
                masked_softmax(row, visible, p.sink(h), p.masked_row, w + t * S);
            }
            // 4. The weighted sum of the values.
            matmul(w, p.v(b, h), output + head * T * p.Dv, T, S, p.Dv, S, p.Dv, p.Dv);
        }
    }
}

/// Which keys the queries of a head see: in `ranges`, and there those that `allow` [T, S] marks (all where it is empty).
struct Visible {
    std::vector<Range> ranges;
    std::vector<char> allow;
};

Visible visible_to(const Problem<float>& p, Size h) {
    const std::optional<std::vector<Range>> ranges = mask_ranges(p.mask);
    if (ranges && !p.allow) return {*ranges, {}};
    const Array<double> named = attention_mask(p.mask).allow;
    Visible visible{std::vector<Range>(p.T), std::vector<char>(p.T * p.S)};
    bool whole = true;
    for (Size t = 0; t < p.T; ++t) {
        Range& range = visible.ranges[t];
        Size count = 0;
        for (Size s = 0; s < p.S; ++s) {
            const bool sees = named.row(t)[s] != 0 && (!p.allow || p.allow.row(h, t)[s] != 0);
            visible.allow[t * p.S + s] = sees;
            if (sees) range = hull(range, {s, s + 1});
            count += sees;
        }
        whole = whole && count == range.size();
    }
    if (whole) visible.allow.clear();
    return visible;
}

void attend_heads(const Problem<float>& p, float* logits, float* weights, float* output) {
    const Size T = p.T, S = p.S, per_group = p.H / p.G;
    const bool pack = packing_pays(T * per_group), same = !p.allow || !p.allow.differs();
    Visible visible = visible_to(p, 0);
    for (Size b = 0; b < p.B; ++b) {
        std::optional<PackedMatrix> k, v;
        for (Size h = 0; h < p.H; ++h) {
            // Keys and values are packed once for all the query heads that read them.
            if (pack && h % per_group == 0) {
                k = PackedMatrix::of_transposed(p.k(b, h), p.D, S, p.D, static_cast<float>(p.scale));
                v = PackedMatrix::of(p.v(b, h), S, p.Dv, p.Dv);
            }
            if (!same && b + h > 0) visible = visible_to(p, h);
            const Size head = b * p.H + h;
            HeadAttention one{
                T, S, p.D, p.Dv, p.q(b, h), p.k(b, h), p.v(b, h), static_cast<float>(p.scale), visible.ranges.data()};
            one.packed_k = k ? &*k : nullptr;
            one.packed_v = v ? &*v : nullptr;
            one.bias = p.bias ? p.bias.row(h, 0) : nullptr;
            if (p.o.softcap) one.softcap = std::max(static_cast<float>(*p.o.softcap), std::numeric_limits<float>::min());
            one.slope = p.o.alibi_slopes.empty() ? 0 : p.o.alibi_slopes[h];
            one.offset = p.offset;
            one.sink = p.sink(h);
            one.allow = visible.allow.empty() ? nullptr : visible.allow.data();
            one.masked_row = p.masked_row;
            one.logits = logits ? logits + head * T * S : nullptr;
            one.weights = weights ? weights + head * T * S : nullptr;
            one.output = output + head * T * p.Dv;
            attend(one, h);
        }
    }
}

}  // namespace

template <class Real>
AttentionResult<Real> attention(const AttentionOptions<Real>& o) {
    const Problem<Real> p = checked(o);
    const auto matrices = [&](bool keep) { return keep ? Array<Real>({p.B, p.H, p.T, p.S}) : Array<Real>(Shape{0}); };
    AttentionResult<Real> r{matrices(o.keep_logits), matrices(o.keep_weights), Array<Real>({p.B, p.H, p.T, p.Dv})};
    attend_heads(p, o.keep_logits ? r.logits.data.data() : nullptr, o.keep_weights ? r.weights.data.data() : nullptr,
                 r.output.data.data());
    if (o.q.rank() == 3) {
        for (Array<Real>* array : {&r.logits, &r.weights, &r.output}) {
            if (array->rank() == 4) array->shape.erase(array->shape.begin());
        }
    }
    return r;
}

template <class Real>
OnlineSoftmaxResult<Real> online_softmax(const OnlineSoftmaxOptions<Real>& o) {
    const Letters letter = check_shapes(o);
    const Size S = letter["S"], D = letter["D"], Dv = letter["Dv"];
    require(o.block >= 1, "online_softmax: block must be at least 1, got ", o.block);
    require(S >= 1 && D >= 1, "online_softmax: needs at least one key and a head width of at least 1, got k of shape ",
            o.k.shape);
    const Size block = static_cast<Size>(o.block), blocks = (S + block - 1) / block;
    const Real scale = static_cast<Real>(o.scale.value_or(1.0 / std::sqrt(static_cast<double>(D))));
    OnlineSoftmaxResult<Real> r{Array<Real>({blocks}), Array<Real>({blocks}), Array<Real>({blocks, Dv}),
                                Array<Real>({1, 1, Dv}), 0};
    Real most = -std::numeric_limits<Real>::infinity(), sum = 0;
    std::vector<Real> accumulator(Dv, Real(0)), scores(std::min(block, S));
    for (Size n = 0; n < blocks; ++n) {
        const Size first = n * block, count = std::min(block, S - first);
        // 1. The block's scores, and the maximum with them.
        matmul_transposed(o.q.row(0), o.k.row(first), scores.data(), 1, D, count, D, D, count);
        Real next = most;
        for (Size i = 0; i < count; ++i) next = std::max(next, scores[i] *= scale);
        // 2. What was summed relative to the old maximum is brought to the new one.
        const Real shrink = std::exp(most - next);
        sum *= shrink;
        for (Real& value : accumulator) value *= shrink;
        // 3. The block joins.
        for (Size i = 0; i < count; ++i) {
            const Real e = std::exp(scores[i] - next);
            sum += e;
            for (Size d = 0; d < Dv; ++d) accumulator[d] += e * o.v.row(first + i)[d];
        }
        require(!std::isnan(sum), "online_softmax: the scores must be finite, got a maximum of ", next);
        most = next;
        r.maxima.data[n] = most;
        r.sums.data[n] = sum;
        std::copy(accumulator.begin(), accumulator.end(), r.accumulators.row(n));
    }
    for (Size d = 0; d < Dv; ++d) r.output.data[d] = accumulator[d] / sum;
    r.logsumexp = static_cast<double>(most) + std::log(static_cast<double>(sum));
    return r;
}

double row_entropy(const double* weights, Size count) {
    double sum = 0;
    for (Size s = 0; s < count; ++s) {
        if (weights[s] > 0) sum -= weights[s] * std::log(weights[s]);
    }
    return sum;
}

EntropyResult attention_entropy(const EntropyOptions& o) {
    check_shapes(o);
    require_kind(o.weights.has_value() != o.logits.has_value(), "attention_entropy: give either weights or logits");
    require(o.unit == "nats" || o.unit == "bits", "attention_entropy: unit must be nats or bits, got \"", o.unit, "\"");
    Array<double> weights = o.weights ? *o.weights : *o.logits;
    if (o.logits) {
        const std::vector<char> visible(weights.width(), 1);
        for (Size r = 0; r < weights.rows(); ++r) {
            for (Size s = 0; s < weights.width(); ++s) {
                require(weights.row(r)[s] < kInfinity, "attention_entropy: logits must be below +inf, got ",
                        weights.row(r)[s]);
            }
            const std::vector<double> logits(weights.row(r), weights.row(r) + weights.width());
            masked_softmax<double>(logits.data(), visible, nullptr, MaskedRow::kZeros, weights.row(r));
        }
    }
    Shape rows = weights.shape;
    if (!rows.empty()) rows.pop_back();
    EntropyResult result{Array<double>(rows), Array<double>(rows), Array<double>(rows)};
    for (Size r = 0; r < weights.rows(); ++r) {
        const double* row = weights.row(r);
        for (Size s = 0; s < weights.width(); ++s) {
            require(row[s] >= 0, "attention_entropy: weights must not be negative, got ", row[s]);
            result.max.data[r] = std::max(result.max.data[r], row[s]);
        }
        const double nats = row_entropy(row, weights.width());
        result.entropy.data[r] = o.unit == "nats" ? nats : nats / std::log(2.0);
        result.effective_keys.data[r] = std::exp(nats);
    }
    return result;
}

template AttentionResult<float> attention(const AttentionOptions<float>&);
template AttentionResult<double> attention(const AttentionOptions<double>&);
template OnlineSoftmaxResult<float> online_softmax(const OnlineSoftmaxOptions<float>&);
template OnlineSoftmaxResult<double> online_softmax(const OnlineSoftmaxOptions<double>&);

}  // namespace clearformer
