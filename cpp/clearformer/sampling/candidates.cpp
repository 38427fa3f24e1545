#include "clearformer/sampling/candidates.hpp"

#include <cmath>
#include <numeric>

#include "clearformer/ops/softmax.hpp"

namespace clearformer {

Candidates candidates_of(const std::vector<double>& logits) {
    Candidates c{logits, {}};
    c.ids.reserve(logits.size());
    for (Size id = 0; id < logits.size(); ++id) {
        if (logits[id] > -kInfinity) c.ids.push_back(static_cast<int>(id));
    }
    return c;
}

std::vector<double> probabilities_of(const Candidates& c) {
    std::vector<double> p(c.size());
    for (Size i = 0; i < c.size(); ++i) p[i] = c.logit(i);
    softmax_row(p.data(), p.data(), p.size());
    return p;
}

std::vector<double> spread_probabilities(const Candidates& c) {
    const std::vector<double> p = probabilities_of(c);
    std::vector<double> all(c.logits.size());
    for (Size i = 0; i < c.size(); ++i) all[static_cast<Size>(c.ids[i])] = p[i];
    return all;
}

double entropy_of(const std::vector<double>& p) {
    double entropy = 0;
    for (double share : p) {
        if (share > 0) entropy -= share * std::log(share);
    }
    return entropy;
}

void retain(Candidates& c, const std::vector<char>& keep) {
    Size kept = 0;
    for (Size i = 0; i < c.size(); ++i) {
        if (keep[i]) c.ids[kept++] = c.ids[i];
        else c.logits[static_cast<Size>(c.ids[i])] = -kInfinity;
    }
    c.ids.resize(kept);
}

Ranking::Ranking(std::vector<double> keys, Ties ties) : keys_(std::move(keys)), order_(keys_.size()), ties_(ties) {
    std::iota(order_.begin(), order_.end(), Size{0});
}

bool Ranking::before(Size a, Size b) const {
    if (keys_[a] != keys_[b]) return keys_[a] > keys_[b];
    return ties_ == Ties::kLowerFirst ? a < b : a > b;
}

Size Ranking::operator[](Size rank) {
    const auto less = [this](Size a, Size b) { return before(a, b); };
    while (sorted_ <= rank) {
        const auto first = order_.begin() + static_cast<std::ptrdiff_t>(sorted_);
        const Size next = std::min(order_.size(), std::max({Size{64}, 8 * sorted_, rank + 1}));
        const auto middle = order_.begin() + static_cast<std::ptrdiff_t>(next);
        if (middle != order_.end()) std::nth_element(first, middle, order_.end(), less);
        std::sort(first, middle, less);
        sorted_ = next;
    }
    return order_[rank];
}

Ranking rank_logits(const Candidates& c, Ties ties) {
    std::vector<double> keys(c.size());
    for (Size i = 0; i < c.size(); ++i) keys[i] = c.logit(i);
    return Ranking(std::move(keys), ties);
}

void retain_first(Candidates& c, Ranking& ranking, Size count) {
    if (count >= c.size()) return;
    std::vector<char> keep(c.size());
    for (Size rank = 0; rank < count; ++rank) keep[ranking[rank]] = 1;
    retain(c, keep);
}

}  // namespace clearformer
