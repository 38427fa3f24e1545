#include "clearformer/sampling/mirostat.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/random.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/sampling/rules.hpp"
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

/// logits, maximum, exponentials, sum, shares; mu; for each step t from 0: stept.kept, .probabilities, .token, .surprise, .mu
Trace trace_of(const MirostatOptions& o, const MirostatResult& r) {
    const Size V = o.logits.width();
    const char* role = "scores";
    Trace trace;
    add_given(trace, {"logits", "z", "logit", "input", "T V"}, o.logits);
    add_softmax(trace, "logits", {"maximum", "exponentials", "sum", "shares"});
    const char* mu = "mu";
    add_number(trace, {mu, "μ", "most surprise allowed, bits", role, ""}, o.mu0.value_or(2 * o.tau),
               given_rule("Where mu begins: as given, or twice tau."));
    for (Size t = 0; t < r.steps.size(); ++t) {
        const MirostatStep& step = r.steps[t];
        const auto own = [&](const char* name) { return trace.own(sentence("step", t, ".", name)); };
        const char *kept = own("kept"), *probabilities = own("probabilities"), *token = own("token"),
                   *surprise = own("surprise"), *after = own("mu");
        Array<double> keeps({V});
        for (int id : step.kept) keeps.data[static_cast<Size>(id)] = 1;
        add_made(trace, {kept, "k", "whether the token is kept", role, "V"}, keeps, [=](const Index& at, Pen& pen) {
            pen.rule("1 where the token is at most mu bits surprising, else 0; the likeliest stays in any case.",
                     "[-\\log_2 p_v \\le \\mu]");
            pen.scalar("p", "shares", {t, at[0]});
            pen.scalar("m", mu, {});
            pen.constant("k", "whether it is kept", keeps.at(at));
            pen.step("s", "surprise, bits", "-log(p) / log(2)");
            pen.step("y", "kept", "k");
        });
        add_made(trace, {probabilities, "p'", "probability among the kept", "weights", "V"}, step.probabilities,
                 [=](const Index& at, Pen& pen) {
                     pen.rule("The token's share of what is kept.", "\\frac{k_v\\, p_v}{\\sum_w k_w\\, p_w}");
                     pen.scalar("p", "shares", {t, at[0]});
                     pen.scalar("k", kept, at);
                     pen.vector("q", "shares", V, [&](Size v) { return Index{t, v}; });
                     pen.vector("j", kept, V, [](Size v) { return Index{v}; });
                     pen.step("y", "share", "p * k / sum(q * j)");
                 });
        const Array<double> drawn({}, step.token);
        add_number(trace, {token, "v", "token drawn", role, ""}, step.token,
                   told_rule({"Drawn from the kept: given, or by the seed.", "v", {{"p", probabilities, "*"}}, {}, {}}, "v",
                             "number of the token", drawn));
        const Size id = static_cast<Size>(step.token);
        add_number(trace, {surprise, "s", "surprise, bits", role, ""}, step.surprise, [=](const Index&, Pen& pen) {
            pen.rule("Minus the binary logarithm of the drawn token's probability.", "-\\log_2 p'_v");
            pen.scalar("p", probabilities, {id});
            pen.step("s", "bits", "-log(p) / log(2)");
        });
        add_number(trace, {after, "μ'", "most surprise allowed next, bits", role, ""}, step.mu_after,
                   recipe_rule({"Mu moves against the error: down after a surprise, up after none.",
                                "\\mu - \\eta (s - \\tau)",
                                {{"m", mu, ""}, {"s", surprise, ""}},
                                {{"e", "eta, how fast mu follows", o.eta}, {"t", "tau, the surprise aimed at", o.tau}},
                                {{"y", "mu", "m - e * (s - t)"}}}));
        mu = after;
    }
    return trace;
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
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
