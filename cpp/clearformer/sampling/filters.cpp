#include "clearformer/sampling/filters.hpp"

#include <cmath>

namespace clearformer {
namespace {

constexpr Size kTopHConsidered = 100;

/// Logits in the order of the candidates.
std::vector<double> logits_of(const Candidates& c) {
    std::vector<double> logits(c.size());
    for (Size i = 0; i < c.size(); ++i) logits[i] = c.logit(i);
    return logits;
}

double largest(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }

/// The count-th largest value, or the smallest where there are fewer.
double nth_largest(std::vector<double> values, Size count) {
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::min(count, values.size()) - 1);
    std::nth_element(values.begin(), place, values.end(), [](double a, double b) { return a > b; });
    return *place;
}

Size at_least_one(int min_keep) { return static_cast<Size>(std::max(min_keep, 1)); }

/// Keeps what `values` says is at least `threshold`; where that is fewer than min_keep, those with the largest logits too.
void keep_at_least(Candidates& c, const std::vector<double>& values, double threshold, int min_keep) {
    if (c.size() == 0) return;
    const std::vector<double> logits = logits_of(c);
    const double certain = nth_largest(logits, at_least_one(min_keep));
    std::vector<char> keep(c.size());
    for (Size i = 0; i < c.size(); ++i) keep[i] = values[i] >= threshold || logits[i] >= certain;
    retain(c, keep);
}

}  // namespace

void apply_temperature(Candidates& c, double temperature) {
    if (temperature > 0) {
        for (int id : c.ids) c.logits[static_cast<Size>(id)] /= temperature;
        return;
    }
    Ranking ranking = rank_logits(c);
    retain_first(c, ranking, 1);
}

double apply_dynamic_temperature(Candidates& c, double temperature, double range, double exponent) {
    double chosen = temperature;
    if (range > 0) {
        if (c.size() <= 1) return 1;
        const double lowest = std::max(0.0, temperature - range), highest = temperature + range;
        const double evenness = entropy_of(probabilities_of(c)) / std::log(static_cast<double>(c.size()));
        chosen = lowest + (highest - lowest) * std::pow(std::min(evenness, 1.0), exponent);
    }
    apply_temperature(c, chosen);
    return chosen;
}

void keep_top_k(Candidates& c, int k, int min_keep, Library library) {
    if (k <= 0 || c.size() == 0) return;
    if (library == Library::kLlamaCpp) {
        Ranking ranking = rank_logits(c);
        return retain_first(c, ranking, static_cast<Size>(k));
    }
    const std::vector<double> logits = logits_of(c);
    const double last = nth_largest(logits, static_cast<Size>(std::max(k, min_keep)));
    std::vector<char> keep(c.size());
    for (Size i = 0; i < c.size(); ++i) keep[i] = logits[i] >= last;
    retain(c, keep);
}

void keep_top_p(Candidates& c, double p, int min_keep, Library library) {
    if (p >= 1 || c.size() == 0) return;
    const std::vector<double> shares = probabilities_of(c);
    Ranking ranking = rank_logits(c, library == Library::kHuggingFace ? Ties::kHigherFirst : Ties::kLowerFirst);
    Size count = 0;
    for (double sum = 0; count < c.size(); ++count) {
        if (count >= at_least_one(min_keep) && sum >= p - kSumSlack) break;
        sum += shares[ranking[count]];
    }
    retain_first(c, ranking, count);
}

void keep_min_p(Candidates& c, double p, int min_keep) {
    if (p <= 0 || c.size() == 0) return;
    const std::vector<double> logits = logits_of(c);
    const double threshold = largest(logits) + std::log(p);
    Size enough = 0;
    std::vector<char> keep(c.size());
    for (Size i = 0; i < c.size(); ++i) enough += keep[i] = logits[i] >= threshold - kSumSlack;
    if (enough >= at_least_one(min_keep)) return retain(c, keep);
    Ranking ranking = rank_logits(c);
    retain_first(c, ranking, at_least_one(min_keep));
}

void keep_typical(Candidates& c, double p, int min_keep, Library library) {
    if (p >= 1 || c.size() == 0) return;
    const std::vector<double> shares = probabilities_of(c);
    const double entropy = entropy_of(shares);
    // 1. How far each token's surprise is from the mean surprise; the closest rank first.
    std::vector<double> nearness(c.size());
    for (Size i = 0; i < c.size(); ++i) nearness[i] = -std::fabs(-std::log(shares[i]) - entropy);
    Ranking ranking(nearness);
    // 2. Until enough probability has been gathered.
    const bool inclusive = library == Library::kHuggingFace;
    Size count = 0;
    for (double sum = 0; count < c.size();) {
        sum += shares[ranking[count++]];
        if (inclusive ? sum >= p - kSumSlack : sum > p + kSumSlack && count >= at_least_one(min_keep)) break;
    }
    if (!inclusive) return retain_first(c, ranking, count);
    const double last = nearness[ranking[std::min(c.size(), std::max(count, at_least_one(min_keep))) - 1]];
    const double typical = nearness[ranking[count - 1]];
    std::vector<char> keep(c.size());
    for (Size i = 0; i < c.size(); ++i) keep[i] = nearness[i] >= std::min(last, typical);
    retain(c, keep);
}

void keep_epsilon(Candidates& c, double epsilon, int min_keep) {
    keep_at_least(c, probabilities_of(c), epsilon * (1 - kSumSlack), min_keep);
}

void keep_eta(Candidates& c, double epsilon, int min_keep) {
    const std::vector<double> shares = probabilities_of(c);
    const double eta = std::min(epsilon, std::sqrt(epsilon) * std::exp(-entropy_of(shares)));
    keep_at_least(c, shares, eta * (1 - kSumSlack), min_keep);
}

void keep_top_n_sigma(Candidates& c, double n) {
    if (n <= 0 || c.size() <= 1) return;
    const std::vector<double> logits = logits_of(c);
    const double count = static_cast<double>(c.size()), highest = largest(logits);
    // Distances from the largest logit, so that large logits lose no digits.
    double mean = 0, square = 0;
    for (double logit : logits) mean += (logit - highest) / count;
    for (double logit : logits) square += (logit - highest - mean) * (logit - highest - mean) / count;
    const double deviation = std::sqrt(square);
    std::vector<char> keep(c.size());
    for (Size i = 0; i < c.size(); ++i) keep[i] = logits[i] - highest >= -n * deviation * (1 + kSumSlack);
    retain(c, keep);
}

void keep_top_h(Candidates& c, double h) {
    if (c.size() == 0) return;
    Ranking ranking = rank_logits(c);
    const Size considered = std::min(c.size(), kTopHConsidered);
    Candidates top = c;
    retain_first(top, ranking, considered);
    const double bound = h * entropy_of(probabilities_of(top));
    std::vector<double> logits(considered), shares(considered);
    for (Size rank = 0; rank < considered; ++rank) logits[rank] = c.logit(ranking[rank]);
    shares = probabilities_of(candidates_of(logits));
    Size count = 0;
    double sum = 0;
    for (; count < considered; ++count) {
        if (shares[count] > 0) sum -= shares[count] * std::log(shares[count]);
        if (count > 0 && sum > bound + kSumSlack) break;
    }
    retain_first(c, ranking, count);
}

void keep_p_less(Candidates& c, bool normalised, int min_keep) {
    if (c.size() <= 1) return;
    const std::vector<double> shares = probabilities_of(c);
    double collision = 0;
    for (double share : shares) collision += share * share;
    const double count = static_cast<double>(c.size());
    const double threshold = normalised ? (count * collision - 1) / (count - 1) : collision;
    keep_at_least(c, shares, threshold * (1 - kSumSlack), min_keep);
}

void exclude_top_choices(Candidates& c, double threshold, int min_keep) {
    if (threshold > 0.5 || c.size() < 2) return;
    const std::vector<double> shares = probabilities_of(c);
    Ranking ranking = rank_logits(c);
    Size reach = 0;  // tokens with at least the threshold
    while (reach < c.size() && shares[ranking[reach]] >= threshold - kSumSlack) ++reach;
    if (reach < 2 || c.size() - (reach - 1) < at_least_one(min_keep)) return;
    std::vector<char> keep(c.size(), 1);
    for (Size rank = 0; rank + 1 < reach; ++rank) keep[ranking[rank]] = 0;
    retain(c, keep);
}

}  // namespace clearformer
