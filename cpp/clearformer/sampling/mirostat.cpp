#include "clearformer/sampling/mirostat.hpp"

#include <cmath>

#include "clearformer/random.hpp"
#include "clearformer/sampling/stage.hpp"

namespace clearformer {
namespace {

/// Keeps what is at most mu bits surprising, or else the likeliest.
void keep_unsurprising(Candidates& c, double mu) {
    const std::vector<double> p = probabilities_of(c);
    std::vector<char> keep(c.size());
    bool any = false;
    for (Size i = 0; i < c.size(); ++i) any |= keep[i] = p[i] > 0 && -std::log2(p[i]) <= mu + kSumSlack;
    if (any) return retain(c, keep);
    Ranking ranking = rank_logits(c);
    retain_first(c, ranking, 1);
}

int draw(const Candidates& c, const std::vector<double>& p, double u) {
    double sum = 0;
    for (Size i = 0; i < c.size(); ++i) {
        if ((sum += p[i]) > u) return c.ids[i];
    }
    return c.ids.back();
}

}  // namespace

MirostatResult mirostat(const MirostatOptions& o) {
    const Letters letters = check_shapes(o);
    const Size T = letters["T"], V = letters["V"];
    require(o.tau >= 0, "mirostat: tau must be at least 0, got ", o.tau);
    require(o.eta >= 0, "mirostat: eta must be at least 0, got ", o.eta);
    check_logits("mirostat", o.logits.data);
    double mu = o.mu0.value_or(2 * o.tau);
    Random random(o.seed);
    MirostatResult r;
    for (Size t = 0; t < T; ++t) {
        MirostatStep step;
        step.mu_before = mu;
        Candidates c = candidates_of(std::vector<double>(o.logits.row(t), o.logits.row(t) + V));
        require(c.size() > 0, "mirostat: every row must have a logit above -infinity, row ", t, " has none");
        keep_unsurprising(c, mu);
        step.kept = c.ids;
        step.probabilities = Array<double>({V}, spread_probabilities(c));
        step.token = o.drawn_tokens ? (*o.drawn_tokens)[t] : draw(c, probabilities_of(c), random.uniform());
        require(step.token >= 0 && static_cast<Size>(step.token) < V,
                "mirostat: drawn_tokens must lie below the vocabulary size ", V, ", got ", step.token);
        const double p = step.probabilities.data[static_cast<Size>(step.token)];
        require(p > 0, "mirostat: drawn_tokens must be among the tokens kept, got ", step.token, " at step ", t);
        step.surprise = -std::log2(p);
        step.mu_after = mu -= o.eta * (step.surprise - o.tau);
        require(std::isfinite(mu), "mirostat: eta and tau are too large, mu became ", mu);
        r.steps.push_back(std::move(step));
    }
    return r;
}

}  // namespace clearformer
