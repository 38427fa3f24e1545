#include "clearformer/moe/losses.hpp"

#include <cmath>

#include "clearformer/moe/recording.hpp"
#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer {

using namespace moe;

namespace {

void check_rows(const char* function, const Array<double>& x) {
    require(x.shape[0] > 0 && x.shape[1] > 0, function, ": there must be at least one token and one expert, got shape ",
            x.shape);
}

double product(const Array<double>& a, const Array<double>& b) {
    double sum = 0;
    for (Size i = 0; i < a.size(); ++i) sum += a.data[i] * b.data[i];
    return sum;
}

/// f and P of the balance losses over the tokens that count.
struct Shares {
    Array<double> fractions, probabilities;
    double counted = 0;
};

Shares shares(const char* function, const Array<double>& logits, const Array<double>& p, Size k,
              const std::vector<int>& mask) {
    const Size T = p.shape[0], E = p.shape[1];
    Shares s{Array<double>({E}), Array<double>({E}), 0};
    for (Size t = 0; t < T; ++t) {
        if (!mask.empty() && mask[t % mask.size()] == 0) continue;
        s.counted += 1;
        for (Size e : largest(logits.row(t), E, k)) s.fractions.data[e] += 1;
        for (Size e = 0; e < E; ++e) s.probabilities.data[e] += p.row(t)[e];
    }
    require(s.counted > 0, function, ": at least one token must count, got an attention_mask of zeros");
    for (Size e = 0; e < E; ++e) {
        s.fractions.data[e] /= s.counted;
        s.probabilities.data[e] /= s.counted;
    }
    return s;
}

/// Mean and sum of squared distances from it.
struct Spread {
    double mean = 0, squares = 0;
};

Spread spread(const std::vector<double>& values) {
    Spread s;
    for (double value : values) s.mean += value;
    s.mean /= static_cast<double>(values.size());
    for (double value : values) s.squares += (value - s.mean) * (value - s.mean);
    return s;
}

void record_loss(Trace& trace, const Array<double>& logits, const Array<double>& p, const SwitchBalanceLossResult& r) {
    const Size T = logits.shape[0], E = logits.shape[1];
    record_input(trace, {"logits", "l", "router logit", "scores", "T E"}, logits);
    record_softmax(trace, "logits",
                   {{"rowMax", "m", "largest logit", "scores", "T"},
                    {"exponentials", "e", "exponential", "scores", "T E"},
                    {"rowSum", "Z", "sum of exponentials", "scores", "T"},
                    {"probabilities", "p", "probability of the expert", "weights", "T E"}},
                   p);
    Array<double> chosen(logits.shape);
    for (Size t = 0; t < T; ++t) chosen.row(t)[largest(logits.row(t), E, 1)[0]] = 1;
    record(trace, {"chosen", "c", "whether the token chooses the expert", "scores", "T E"}, chosen,
           largest_rule("logits", E));
    record(trace, {"fractions", "f", "share of the tokens that choose the expert", "weights", "E"}, r.fractions,
           column_mean_rule("chosen", T, "How many tokens choose the expert, as a share of all tokens."));
    record(trace, {"meanProbabilities", "P", "mean probability of the expert", "weights", "E"}, r.probabilities,
           column_mean_rule("probabilities", T, "The expert's probability, averaged over the tokens."));
    record(trace, {"loss", "L", "balance loss", "scores", "1"}, Array<double>({1}, r.loss),
           balance_rule("fractions", "meanProbabilities", E));
}

}  // namespace

SwitchBalanceLossResult switch_balance_loss(const SwitchBalanceLossOptions& o) {
    check_shapes(o);
    check_rows(o.kFunction, o.logits);
    const Size T = o.logits.shape[0], E = o.logits.shape[1];
    const Array<double> p = row_probabilities(o.logits);
    Shares s = shares(o.kFunction, o.logits, p, 1, {});
    SwitchBalanceLossResult r{
        static_cast<double>(E) * product(s.fractions, s.probabilities), s.fractions, s.probabilities, p, {}};
    for (Size t = 0; t < T; ++t) {
        double mean = 0;  // of f under the token's probabilities
        for (Size e = 0; e < E; ++e) mean += s.fractions.data[e] * p.row(t)[e];
        for (Size e = 0; e < E; ++e)
            r.gradient.row(t)[e] *= static_cast<double>(E) / static_cast<double>(T) * (s.fractions.data[e] - mean);
    }
    if (o.trace) record_loss(r.trace.emplace(), o.logits, p, r);
    return r;
}

TopKBalanceLossResult top_k_balance_loss(const TopKBalanceLossOptions& o) {
    check_shapes(o);
    check_rows(o.kFunction, o.logits);
    const Size T = o.logits.shape[0], E = o.logits.shape[1], k = check_count(o.kFunction, "k", o.k, E, "experts");
    for (int entry : o.attention_mask)
        require(entry == 0 || entry == 1, "top_k_balance_loss: attention_mask must hold 0 and 1, got ", entry);
    require(o.attention_mask.empty() || T % o.attention_mask.size() == 0,
            "top_k_balance_loss: attention_mask must have a length that divides the ", T, " tokens, got ",
            o.attention_mask.size());
    Shares s = shares(o.kFunction, o.logits, row_probabilities(o.logits), k, o.attention_mask);
    return {static_cast<double>(E) * product(s.fractions, s.probabilities), s.fractions, s.probabilities};
}

RouterZLossResult router_z_loss(const RouterZLossOptions& o) {
    check_shapes(o);
    check_rows(o.kFunction, o.logits);
    const Size T = o.logits.shape[0], E = o.logits.shape[1];
    RouterZLossResult r{0, Array<double>({T}), o.logits};
    for (Size t = 0; t < T; ++t) {
        const double logsumexp = softmax_row(o.logits.row(t), r.gradient.row(t), E).logsumexp();
        r.logsumexp.data[t] = logsumexp;
        r.loss += logsumexp * logsumexp / static_cast<double>(T);
        for (Size e = 0; e < E; ++e) r.gradient.row(t)[e] *= 2 * logsumexp / static_cast<double>(T);
    }
    check_finite(o.kFunction, "the loss", {r.loss});
    return r;
}

ImportanceLossResult importance_loss(const ImportanceLossOptions& o) {
    check_shapes(o);
    const Size E = o.probabilities.shape[1];
    require(E > 0, "importance_loss: there must be at least one expert, got 0");
    ImportanceLossResult r{Array<double>({E})};
    for (Size i = 0; i < o.probabilities.size(); ++i) {
        require(o.probabilities.data[i] >= 0, "importance_loss: probabilities must not be negative, got ",
                o.probabilities.data[i]);
        r.importance.data[i % E] += o.probabilities.data[i];
    }
    // Relative to the largest, so that nothing overflows and nothing vanishes when squared.
    const double most = *std::max_element(r.importance.data.begin(), r.importance.data.end());
    require(most > 0 && std::isfinite(most), "importance_loss: some expert must have importance, a finite one, got ", most);
    std::vector<double> relative = r.importance.data;
    for (double& value : relative) value /= most;
    const Spread s = spread(relative);
    r.cv_squared = s.squares / static_cast<double>(E) / (s.mean * s.mean);
    if (E > 1) r.cv_squared_unbiased = s.squares / static_cast<double>(E - 1) / (s.mean * s.mean);
    return r;
}

BiasUpdateResult bias_update(const BiasUpdateOptions& o) {
    check_shapes(o);
    require(o.bias.size() > 0, "bias_update: there must be at least one expert, got 0");
    require(std::isfinite(o.gamma) && o.gamma >= 0, "bias_update: gamma must be at least 0, got ", o.gamma);
    for (double load : o.load.data) require(load >= 0, "bias_update: load must not be negative, got ", load);
    const double mean = spread(o.load.data).mean;
    BiasUpdateResult r{o.bias, o.load};
    for (Size e = 0; e < o.bias.size(); ++e) {
        const double error = mean - o.load.data[e];
        r.error.data[e] = error;
        r.bias.data[e] += error > 0 ? o.gamma : error < 0 ? -o.gamma : 0;
    }
    check_finite(o.kFunction, "the mean load", {mean});
    check_finite(o.kFunction, "the bias", r.bias.data);
    return r;
}

ExpertLoadResult expert_load(const ExpertLoadOptions& o) {
    check_shapes(o);
    require(o.experts >= 1 && o.experts <= 65536, "expert_load: experts must be from 1 to 65536, got ", o.experts);
    const Size E = static_cast<Size>(o.experts);
    for (double index : o.indices.data)
        require(index >= 0 && index < o.experts && index == std::floor(index),
                "expert_load: indices must be whole numbers from 0 to ", o.experts - 1, ", got ", index);
    ExpertLoadResult r;
    r.load = count_load(o.indices.data, E);
    r.fractions = Array<double>({E});
    for (int load : r.load) r.unused += load == 0 ? 1 : 0;
    if (o.indices.empty()) return r;
    for (Size e = 0; e < E; ++e) {
        const double share = r.fractions.data[e] = r.load[e] / static_cast<double>(o.indices.size());
        r.max_over_mean = std::max(r.max_over_mean, share * static_cast<double>(E));
        if (share > 0) r.entropy -= share * std::log(share);
    }
    r.effective_experts = std::exp(r.entropy);
    const Spread s = spread(r.fractions.data);
    r.cv_squared = s.squares / static_cast<double>(E) / (s.mean * s.mean);
    return r;
}

}  // namespace clearformer
