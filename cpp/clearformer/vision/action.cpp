#include "clearformer/vision/action.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

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

Rt1ActionTokensResult rt1_action_tokens(const Rt1ActionTokensOptions& o) {
    check_bins("rt1_action_tokens", o.bins, o.low, o.high);
    Rt1ActionTokensResult r{o.action, o.action};
    const double span = o.high - o.low, last = o.bins - 1;
    for (Size i = 0; i < o.action.size(); ++i) {
        const double place = (std::clamp(o.action.data[i], o.low, o.high) - o.low) / span;
        r.tokens.data[i] = std::floor(place * last);
        r.decoded.data[i] = r.tokens.data[i] / last * span + o.low;
    }
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

    double entry(Size k, Size n) const {
        const Size odd_k = 2 * k + 1, odd_n = 2 * n + 1;
        if (type_ == 2) return 2 * factor_ * shrunk(k) * cosines_[k * odd_n];
        if (type_ == 4) return 2 * factor_ * cosines_[odd_k * odd_n];
        if (type_ == 3) return (n == 0 && !ortho_ ? 1 : 2) * factor_ * shrunk(n) * cosines_[odd_k * n];
        const bool end = n == 0 || n == N_ - 1;
        const bool edge = k == 0 || k == N_ - 1;
        return (end ? (ortho_ ? kRoot2 : 1.0) : 2.0) * (edge && ortho_ ? 1 / kRoot2 : 1.0) * factor_ * cosines_[k * n];
    }

private:
    static constexpr double kRoot2 = 1.4142135623730951;
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
    return r;
}

}  // namespace clearformer
