#pragma once

// The tokens that are still in play while a chain of samplers runs.

#include <vector>

#include "clearformer/fields.hpp"

namespace clearformer {

/// Sums of probabilities that should equal a bound differ from it by rounding; within this distance they count as
/// equal.
inline constexpr double kSumSlack = 1e-12;

/// The logits of a whole vocabulary, -inf for a dropped token, and the ids of those that are left, ascending.
struct Candidates {
    std::vector<double> logits;
    std::vector<int> ids;

    Size size() const { return ids.size(); }
    double logit(Size i) const { return logits[static_cast<Size>(ids[i])]; }
};

/// Every token with a logit above -inf.
Candidates candidates_of(const std::vector<double>& logits);

/// Softmax over the candidates: entry i belongs to ids[i]. No candidates, no entries.
std::vector<double> probabilities_of(const Candidates& candidates);

/// The same over the whole vocabulary, 0 for a dropped token.
std::vector<double> spread_probabilities(const Candidates& candidates);

/// - sum of p log p, in nats.
double entropy_of(const std::vector<double>& p);

/// Drops every candidate i with keep[i] == 0.
void retain(Candidates& candidates, const std::vector<char>& keep);

/// Which of two equal keys comes first.
enum class Ties { kLowerFirst, kHigherFirst };

/// Positions 0 .. n - 1 by descending key. Only as many as are asked for get sorted: reading the first m of n costs
/// O(n + m log m).
class Ranking {
public:
    explicit Ranking(std::vector<double> keys, Ties ties = Ties::kLowerFirst);
    Size operator[](Size rank);

private:
    bool before(Size a, Size b) const;
    std::vector<double> keys_;
    std::vector<Size> order_;
    Size sorted_ = 0;
    Ties ties_;
};

/// Candidates by descending logit.
Ranking rank_logits(const Candidates& candidates, Ties ties = Ties::kLowerFirst);

/// Keeps the first `count` of a ranking.
void retain_first(Candidates& candidates, Ranking& ranking, Size count);

}  // namespace clearformer
