#include "clearformer/moe/deepseek_gate.hpp"

#include <cmath>

#include "clearformer/moe/recording.hpp"
#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {

using namespace moe;

namespace {

struct Counts {
    Size T, E, G, M, K;
    Size members() const { return E / G; }
};

template <class Options>
Counts counts(const Options& o) {
    const char* function = Options::kFunction;
    const Size T = o.logits.shape[0], E = o.logits.shape[1];
    require(o.groups >= 1 && E >= 1 && E % static_cast<Size>(o.groups) == 0, function,
            ": groups must divide the experts, got ", o.groups, " groups and ", E, " experts");
    const Size G = static_cast<Size>(o.groups);
    const Size M = check_count(function, "open_groups", o.open_groups, G, "groups");
    require(std::isfinite(o.routed_scale), function, ": routed_scale must be finite, got ", o.routed_scale);
    return {T, E, G, M, check_count(function, "k", o.k, M * (E / G), "experts of the open groups")};
}

/// Sum of the `best` largest scores of each group.
void score_groups(const double* scores, const Counts& n, Size best, double* group_scores) {
    for (Size g = 0; g < n.G; ++g) {
        const double* group = scores + g * n.members();
        group_scores[g] = 0;
        for (Size e : largest(group, n.members(), std::min(best, n.members()))) group_scores[g] += group[e];
    }
}

/// The M groups with the largest scores, in order of number.
std::vector<Size> open_groups(const double* group_scores, const Counts& n) {
    std::vector<Size> open = largest(group_scores, n.G, n.M);
    std::sort(open.begin(), open.end());
    return open;
}

/// The K experts with the largest scores within these groups.
std::vector<Size> choose_within(const double* scores, const std::vector<Size>& open, const Counts& n) {
    std::vector<double> masked(n.E, -kInfinity);
    for (Size g : open) {
        const Size first = g * n.members();
        std::copy(scores + first, scores + first + n.members(), masked.begin() + static_cast<std::ptrdiff_t>(first));
    }
    return largest(masked.data(), n.E, n.K);
}

/// Added to a sum before dividing by it, as in the published code: one that has vanished gives 0.
constexpr double kLeastSum = 1e-20;

/// The scores of the chosen, as shares where asked for, times the scale.
void weigh(const double* scores, const std::vector<Size>& chosen, bool renormalise, double scale, double* weights) {
    double sum = 0;
    for (Size e : chosen) sum += scores[e];
    for (Size i = 0; i < chosen.size(); ++i)
        weights[i] = (renormalise ? scores[chosen[i]] / (sum + kLeastSum) : scores[chosen[i]]) * scale;
}

/// groups, indices, load, chosenScores, chosenSum (with renormalise), weights
template <class Result>
void record_chosen(Trace& trace, const Result& r, const Counts& n, bool renormalise, double scale) {
    record(trace, {"groups", "g", "number of an open group", "scores", "T M"}, r.groups,
           told_rule({"The groups with the largest scores are open, in order of number.",
                      "\\operatorname{top}_M\\, G_t",
                      {{"G", "groupScores", "0n"}},
                      {},
                      {{"m", "largest score", "max(G)"}}},
                     "g", "number of the group", r.groups));
    record_choice(trace, trace.has("biased") ? "biased" : "scores", r.indices, r.load);
    Array<double> chosen = r.indices, sums({n.T});
    for (Size i = 0; i < chosen.size(); ++i)
        sums.data[i / n.K] += chosen.data[i] = r.scores.row(i / n.K)[static_cast<Size>(r.indices.data[i])];
    record(trace, {"chosenScores", "s", "score of the chosen expert", "scores", "T K"}, chosen,
           chosen_rule("scores", r.indices));
    const Label weights{"weights", "w", "weight of the chosen expert", "weights", "T K"};
    if (!renormalise) {
        record(trace, weights, r.weights, scale_rule("chosenScores", scale, "routed scale"));
        return;
    }
    record(trace, {"chosenSum", "Z", "sum of the chosen scores", "scores", "T"}, sums,
           total_rule("chosenScores", n.K, "The sum of the chosen experts' scores."));
    record(trace, weights, r.weights, share_rule("chosenScores", "chosenSum", kLeastSum, scale));
}

void record_gate(Trace& trace, const DeepseekV3GateOptions& o, const DeepseekV3GateResult& r, const Counts& n) {
    record_input(trace, {"logits", "l", "router logit", "scores", "T E"}, o.logits);
    record_input(trace, {"bias", "b", "balancing bias", "weights", "E"}, o.bias);
    record(trace, {"scores", "s", "score of the expert", "scores", "T E"}, r.scores, activation_rule("logits", "sigmoid"));
    record(trace, {"biased", "s + b", "score with bias", "scores", "T E"}, r.biased, bias_rule("scores", "bias"));
    record(trace, {"groupScores", "G", "score of the group", "scores", "T G"}, r.group_scores,
           group_score_rule("biased", n.members(), 2));
    record_chosen(trace, r, n, o.renormalise, o.routed_scale);
}

}  // namespace

DeepseekV3GateResult deepseek_v3_gate(const DeepseekV3GateOptions& o) {
    check_shapes(o);
    const Counts n = counts(o);
    const ActivationFunction sigmoid = find_activation("sigmoid");
    DeepseekV3GateResult r;
    r.scores = r.biased = o.logits;
    for (Size i = 0; i < o.logits.size(); ++i) {
        r.scores.data[i] = sigmoid(o.logits.data[i]).y;
        r.biased.data[i] = r.scores.data[i] + o.bias.data[i % n.E];
    }
    r.group_scores = Array<double>({n.T, n.G});
    r.groups = Array<double>({n.T, n.M});
    r.indices = r.weights = Array<double>({n.T, n.K});
    for (Size t = 0; t < n.T; ++t) {
        score_groups(r.biased.row(t), n, 2, r.group_scores.row(t));
        const std::vector<Size> open = open_groups(r.group_scores.row(t), n);
        const std::vector<Size> chosen = choose_within(r.biased.row(t), open, n);
        weigh(r.scores.row(t), chosen, o.renormalise, o.routed_scale, r.weights.row(t));
        std::copy(open.begin(), open.end(), r.groups.row(t));
        std::copy(chosen.begin(), chosen.end(), r.indices.row(t));
        // With a mask of 0, any closed expert beats a chosen one whose biased score is below 0.
        if (n.M < n.G && r.biased.row(t)[chosen.back()] < 0) r.rows_where_zero_mask_differs.push_back(static_cast<int>(t));
    }
    check_finite(o.kFunction, "the group scores", r.group_scores.data);
    check_finite(o.kFunction, "the weights", r.weights.data);
    r.load = count_load(r.indices.data, n.E);
    if (o.trace) record_gate(r.trace.emplace(), o, r, n);
    return r;
}

DeepseekV2GateResult deepseek_v2_gate(const DeepseekV2GateOptions& o) {
    check_shapes(o);
    const Counts n = counts(o);
    DeepseekV2GateResult r;
    r.scores = row_probabilities(o.logits);
    r.group_scores = Array<double>({n.T, n.G});
    r.groups = Array<double>({n.T, n.M});
    r.indices = r.weights = Array<double>({n.T, n.K});
    for (Size t = 0; t < n.T; ++t) {
        score_groups(r.scores.row(t), n, 1, r.group_scores.row(t));
        const std::vector<Size> open = open_groups(r.group_scores.row(t), n);
        const std::vector<Size> chosen = choose_within(r.scores.row(t), open, n);
        weigh(r.scores.row(t), chosen, o.renormalise, o.routed_scale, r.weights.row(t));
        std::copy(open.begin(), open.end(), r.groups.row(t));
        std::copy(chosen.begin(), chosen.end(), r.indices.row(t));
    }
    check_finite(o.kFunction, "the weights", r.weights.data);
    r.load = count_load(r.indices.data, n.E);
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        record_input(trace, {"logits", "l", "router logit", "scores", "T E"}, o.logits);
        record_softmax(trace, "logits",
                       {{"rowMax", "m", "largest logit", "scores", "T"},
                        {"exponentials", "e", "exponential", "scores", "T E"},
                        {"rowSum", "Z", "sum of exponentials", "scores", "T"},
                        {"scores", "s", "score of the expert", "scores", "T E"}},
                       r.scores);
        record(trace, {"groupScores", "G", "score of the group", "scores", "T G"}, r.group_scores,
               group_score_rule("scores", n.members(), 1));
        record_chosen(trace, r, n, o.renormalise, o.routed_scale);
    }
    return r;
}

}  // namespace clearformer
