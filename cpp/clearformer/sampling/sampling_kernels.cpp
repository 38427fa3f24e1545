#include "clearformer/sampling/sampling_kernels.hpp"

#include <algorithm>
#include <cmath>

#include "clearformer/ops/softmax.hpp"
#include "clearformer/simd.hpp"

namespace clearformer {
namespace {

constexpr Size kBlock = 64;       // logits that share a maximum
constexpr Size kFirstGuess = 64;  // tokens that top_p alone is tried with first

/// A logit and whose it is: a token's, or as their maximum a block's.
struct Entry {
    double logit;
    int id;
    bool operator<(const Entry& other) const { return logit > other.logit || (logit == other.logit && id < other.id); }
};

/// The k largest, largest first, of equal ones the lower ids.
[[gnu::noinline]] void keep_largest(std::vector<Entry>& entries, Size k) {
    const Size count = std::min(k, entries.size());
    std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count), entries.end());
    entries.resize(count);
}

double block_maximum(const double* x) { return *std::max_element(x, x + kBlock); }

float block_maximum(const float* x) {
    f32x4 highest[4];
    for (Size c = 0; c < 4; ++c) highest[c] = f32x4::load(x + 4 * c);
    for (Size i = 16; i < kBlock; i += 16) {
        for (Size c = 0; c < 4; ++c) highest[c] = max(highest[c], f32x4::load(x + i + 4 * c));
    }
    return largest(max(max(highest[0], highest[1]), max(highest[2], highest[3])));
}

/// A vocabulary of logits from which the largest can be taken.
template <class Real>
class Vocabulary {
public:
    explicit Vocabulary(const std::vector<Real>& logits) : logits_(logits), blocks_((logits.size() + kBlock - 1) / kBlock) {
        for (Size b = 0; b < blocks_.size(); ++b) {
            const Real* x = logits.data() + b * kBlock;
            const Size count = std::min(kBlock, logits.size() - b * kBlock);
            const Real most = count == kBlock ? block_maximum(x) : *std::max_element(x, x + count);
            require(most < std::numeric_limits<Real>::infinity(), "sample_top: logits must be numbers below +inf, got ",
                    most);
            blocks_[b] = {static_cast<double>(most), static_cast<int>(b)};
            maximum_ = std::max(maximum_, most);
        }
        require(maximum_ > kLowest, "sample_top: at least one logit must be above -inf");
    }

    /// The k largest, or all above -inf if these are fewer, largest first.
    std::vector<Entry> largest(Size k) const {
        // In the k blocks with the largest maxima at least k logits reach the last of these; no others can be among the k largest, for
        // of blocks with equal maxima the first are taken.
        std::vector<Entry> blocks = blocks_, tokens;
        keep_largest(blocks, k);
        const double least = blocks.size() < k ? -kInfinity : blocks.back().logit;
        for (const Entry& block : blocks) {
            const Size first = static_cast<Size>(block.id) * kBlock;
            for (Size i = first; i < std::min(logits_.size(), first + kBlock); ++i) {
                const double logit = static_cast<double>(logits_[i]);
                if (logit >= least && logit > -kInfinity) tokens.push_back({logit, static_cast<int>(i)});
            }
        }
        keep_largest(tokens, k);
        return tokens;
    }

    /// Sum of exp((logit - maximum) / temperature) over all.
    double sum(double temperature) const {
        constexpr Size kPart = 1024;
        const Real factor = static_cast<Real>(1 / temperature);
        Real scaled[kPart];
        double total = 0;
        for (Size first = 0; first < logits_.size(); first += kPart) {
            const Size count = std::min(kPart, logits_.size() - first);
            for (Size i = 0; i < count; ++i) scaled[i] = (logits_[first + i] - maximum_) * factor;
            RunningSoftmax<Real> part;
            part.extend(scaled, scaled, count);
            if (part.sums().sum > 0)
                total += static_cast<double>(part.sums().sum) * std::exp(static_cast<double>(part.sums().maximum));
        }
        return total;
    }

private:
    static constexpr Real kLowest = -std::numeric_limits<Real>::infinity();

    const std::vector<Real>& logits_;
    std::vector<Entry> blocks_;
    Real maximum_ = kLowest;
};

/// exp((logit - largest) / temperature) of tokens in descending order.
std::vector<double> powers(const std::vector<Entry>& tokens, double temperature) {
    std::vector<double> result;
    for (const Entry& token : tokens) result.push_back(std::exp((token.logit - tokens[0].logit) / temperature));
    return result;
}

double sum(const std::vector<double>& values) {
    double total = 0;
    for (double value : values) total += value;
    return total;
}

/// How many of the first powers reach `wanted`; one more than there are where they do not.
Size reach(const std::vector<double>& values, double wanted) {
    double total = 0;
    for (Size i = 0; i < values.size(); ++i) {
        if ((total += values[i]) >= wanted) return i + 1;
    }
    return values.size() + 1;
}

}  // namespace

template <class Real>
SampleTopResult<Real> sample_top(const SampleTopOptions<Real>& o) {
    check_shapes(o);
    const Size V = o.logits.size();
    require(V > 0, "sample_top: needs at least one logit");
    require(std::isfinite(o.temperature) && o.temperature > 0, "sample_top: temperature must be above 0, got ",
            o.temperature);
    require(!o.top_k || *o.top_k >= 1, "sample_top: top_k must be at least 1, got ", o.top_k.value_or(0));
    require(o.top_p > 0 && o.top_p <= 1, "sample_top: top_p must be in (0, 1], got ", o.top_p);
    const Vocabulary<Real> vocabulary(o.logits.data);

    // 1. The top_k largest, or as many as hold top_p of all.
    Size k = o.top_k ? std::min(static_cast<Size>(*o.top_k), V) : o.top_p == 1 ? V : std::min(kFirstGuess, V);
    std::vector<Entry> tokens = vocabulary.largest(k);
    std::vector<double> weights = powers(tokens, o.temperature);
    const double total = o.top_k || k == V ? sum(weights) : vocabulary.sum(o.temperature);
    while (!o.top_k && k < V && reach(weights, o.top_p * total) > weights.size()) {
        k = std::min(4 * k, V);
        tokens = vocabulary.largest(k);
        weights = powers(tokens, o.temperature);
    }
    // 2. Of these the fewest that reach top_p, and their probabilities.
    if (o.top_p < 1) weights.resize(std::min(reach(weights, o.top_p * total), weights.size()));
    const double kept = sum(weights);
    SampleTopResult<Real> result{{}, Array<Real>(Shape{weights.size()})};
    for (Size i = 0; i < weights.size(); ++i) {
        result.ids.push_back(tokens[i].id);
        result.probabilities.data[i] = static_cast<Real>(weights[i] / kept);
    }
    return result;
}

template SampleTopResult<float> sample_top(const SampleTopOptions<float>&);
template SampleTopResult<double> sample_top(const SampleTopOptions<double>&);

}  // namespace clearformer
