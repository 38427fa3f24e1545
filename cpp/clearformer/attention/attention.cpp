#include "clearformer/attention/attention.hpp"

#include <cmath>

#include "clearformer/ops/matmul.hpp"

namespace clearformer {
namespace {

enum class MaskedRow { kZeros, kUniform, kNaN };

MaskedRow masked_row_policy(const std::string& name) {
    if (name == "zeros") return MaskedRow::kZeros;
    if (name == "uniform") return MaskedRow::kUniform;
    require(name == "nan", "attention: masked_row must be zeros, uniform or nan, got \"", name, "\"");
    return MaskedRow::kNaN;
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
        const Real value = policy == MaskedRow::kNaN       ? std::numeric_limits<Real>::quiet_NaN()
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

/// The array with a leading axis of 1 when it has only `rank` axes.
template <class Real>
Array<Real> with_batch(const Array<Real>& array, Size rank) {
    Array<Real> result = array;
    if (result.rank() == rank) result.shape.insert(result.shape.begin(), 1);
    return result;
}

}  // namespace

template <class Real>
AttentionResult<Real> attention(const AttentionOptions<Real>& o) {
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
    const PerHead<Real> bias("bias", o.bias, H), allow("allow", o.allow, H);
    const MaskedRow policy = masked_row_policy(o.masked_row);
    MaskOptions mask_options = o.mask;
    mask_options.queries = static_cast<int>(T);
    mask_options.keys = static_cast<int>(S);
    const Array<double> named = attention_mask(mask_options).allow;
    const double offset = o.mask.query_offset.value_or(static_cast<int>(S) - static_cast<int>(T));

    const Array<Real> q = with_batch(o.q, 3), k = with_batch(o.k, 3), v = with_batch(o.v, 3);
    const Size B = q.shape[0];
    const Real scale = static_cast<Real>(o.scale.value_or(1.0 / std::sqrt(static_cast<double>(D))));
    AttentionResult<Real> r{Array<Real>({B, H, T, S}), Array<Real>({B, H, T, S}), Array<Real>({B, H, T, Dv})};
    std::vector<char> visible(S);
    for (Size b = 0; b < B; ++b) {
        for (Size h = 0; h < H; ++h) {
            const Size kv = b * G + h / (H / G), head = b * H + h;
            // 1. Every query against every key.
            matmul_transposed(q.row(head * T), k.row(kv * S), r.logits.row(head * T), T, D, S, D, D, S);
            for (Size t = 0; t < T; ++t) {
                // 2. Scale, soft-cap, biases.
                Real* logits = r.logits.row(head * T + t);
                for (Size s = 0; s < S; ++s) {
                    Real x = logits[s] * scale;
                    if (o.softcap) x = static_cast<Real>(*o.softcap) * std::tanh(x / static_cast<Real>(*o.softcap));
                    if (bias) x += bias.row(h, t)[s];
                    if (!o.alibi_slopes.empty()) {
                        x -= static_cast<Real>(o.alibi_slopes[h] *
                                               (static_cast<double>(t) + offset - static_cast<double>(s)));
                    }
                    require(!std::isnan(x) && x < std::numeric_limits<Real>::infinity(),
                            "attention: logits must be below +inf, got ", x, " at head ", h, ", query ", t, ", key ", s);
                    logits[s] = x;
                    visible[s] = named.row(t)[s] != 0 && (!allow || allow.row(h, t)[s] != 0);
                }
                // 3. Mask and softmax.
                masked_softmax(logits, visible, o.sinks ? &o.sinks->data[h] : nullptr, policy, r.weights.row(head * T + t));
            }
            // 4. The weighted sum of the values.
            matmul(r.weights.row(head * T), v.row(kv * S), r.output.row(head * T), T, S, Dv, S, Dv, Dv);
        }
    }
    if (o.q.rank() == 3) {
        for (Array<Real>* array : {&r.logits, &r.weights, &r.output}) array->shape.erase(array->shape.begin());
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
    std::vector<Real> accumulator(Dv, Real(0)), scores(block);
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
