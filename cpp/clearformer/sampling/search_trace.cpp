#include "clearformer/sampling/search_trace.hpp"

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

constexpr const char* kRole = "scores";

void add_table(Trace& trace, const Array<double>& transition) {
    add_given(trace, {"transition", "P", "probability of what follows", "weights", "S V"}, transition);
}

Size place(int token) { return static_cast<Size>(token); }

/// log p of whole sequences, each the sum along its tokens, and the scores that a length penalty makes of them.
struct Finished {
    std::vector<std::vector<int>> tokens;
    Array<double> log_probabilities, scores;
    explicit Finished(const std::vector<Hypothesis>& list) : log_probabilities({list.size()}), scores({list.size()}) {
        for (Size i = 0; i < list.size(); ++i) {
            tokens.push_back(list[i].tokens);
            log_probabilities.data[i] = list[i].log_probability;
            scores.data[i] = list[i].score;
        }
    }
};

/// `penalty` is an expression of the length n and the strength a.
void add_finished(Trace& trace, const char* name, const char* scores, const std::vector<Hypothesis>& list, int bos,
                  double strength, const char* penalty, const char* formula) {
    const Finished finished(list);
    add_made(trace, {name, "log p", "log-probability of the sequence", kRole, "N"}, finished.log_probabilities,
             [tokens = finished.tokens, bos](const Index& at, Pen& pen) {
                 const std::vector<int>& path = tokens[at[0]];
                 pen.rule("The logarithms of the probabilities along the sequence, summed.",
                          "\\sum_t \\ln P(x_t \\mid x_{t-1})");
                 pen.vector("p", "transition", path.size(), [&](Size t) {
                     return Index{place(t == 0 ? bos : path[t - 1]), place(path[t])};
                 });
                 pen.step("l", "logarithms", "log(p)");
                 pen.step("y", "sum", "sum(l)");
             });
    add_made(trace, {scores, "s", "score of the sequence", kRole, "N"}, finished.scores,
             [=, tokens = finished.tokens](const Index& at, Pen& pen) {
                 pen.rule("The log-probability over a penalty for the length.", formula);
                 pen.scalar("l", name, at);
                 pen.constant("n", "length", static_cast<double>(tokens[at[0]].size()));
                 pen.constant("a", "strength of the penalty", strength);
                 pen.step("c", "penalty", penalty);
                 pen.step("s", "score", "l / c");
             });
}

/// [l, v] from l - 1: over all tokens u that go on, their own value times what leads from u to v.
Rule reached_rule(const char* name, int bos, int eos, Size rows, bool counts) {
    return [=](const Index& at, Pen& pen) {
        if (at[0] == 0) {
            const bool begins = at[1] == place(bos);
            pen.rule(begins ? "Every sequence begins here." : "No sequence begins here.", begins ? "1" : "0");
            pen.step("y", "beginning", begins ? "1" : "0");
            return;
        }
        const bool first = at[0] == 1;
        std::vector<Size> from;
        for (Size u = 0; u < rows; ++u) {
            if (u != place(eos) || (first && u == place(bos))) from.push_back(u);
        }
        pen.rule(counts ? "The ways to every token of the length before, where one can go on from it to here; summed."
                        : "The probability of every token of the length before, times that of going on to here; summed.",
                 counts ? "\\sum_u n_{l-1,u} [P_{u,v} > 0]" : "\\sum_u m_{l-1,u} P_{u,v}");
        pen.vector("m", name, from.size(), [&](Size i) { return Index{at[0] - 1, from[i]}; });
        pen.vector("p", "transition", from.size(), [&](Size i) { return Index{from[i], at[1]}; });
        pen.step("y", "sum", counts ? "sum(m * (1 - floor(1 / (1 + p * 1000000000000000000000))))" : "sum(m * p)");
    };
}

}  // namespace

Trace trace_of(const GreedySearchOptions& o, const GreedySearchResult& r) {
    Trace trace;
    add_table(trace, o.transition);
    const Array<double> tokens = as_tensor(r.tokens);
    const Size V = o.transition.width();
    std::vector<Size> before{place(o.bos)};
    for (int token : r.tokens) before.push_back(place(token));
    add_made(trace, {"tokens", "x", "token", kRole, "T"}, tokens, [=](const Index& at, Pen& pen) {
        pen.rule("The likeliest token after the one before it.", "\\operatorname{arg\\,max}_v\\, P(v \\mid x_{t-1})");
        pen.vector("p", "transition", V, [&](Size v) { return Index{before[at[0]], v}; });
        pen.constant("x", "number of the token", tokens.at(at));
        pen.step("m", "largest probability", "max(p)");
        pen.step("y", "token", "x");
    });
    add_made(trace, {"probabilities", "p", "probability of the token", "weights", "T"}, {{r.tokens.size()}, r.probabilities},
             [=](const Index& at, Pen& pen) {
                 pen.rule("What the table gives the token after the one before it.", "P(x_t \\mid x_{t-1})");
                 pen.scalar("p", "transition", {before[at[0]], before[at[0] + 1]});
                 pen.step("y", "looked up", "p");
             });
    add_number(trace, {"logProbability", "log p", "log-probability of the sequence", kRole, ""}, r.log_probability,
               recipe_rule({"The logarithms of the probabilities, summed.",
                            "\\sum_t \\ln p_t",
                            {{"p", "probabilities", "*"}},
                            {},
                            {{"l", "logarithms", "log(p)"}, {"y", "sum", "sum(l)"}}}));
    return trace;
}

Trace trace_of(const BeamSearchOptions& o, const BeamSearchResult& r) {
    Trace trace;
    add_table(trace, o.transition);
    const char* live = nullptr;
    for (Size n = 1; n <= r.steps.size(); ++n) {
        const BeamStep& step = r.steps[n - 1];
        const auto own = [&](const char* name) { return trace.own(sentence("step", n, ".", name)); };
        const char* candidates = own("candidates");
        Array<double> values({step.candidates.size()}), kept({step.live.size()});
        std::vector<Index> edges;
        std::vector<Size> parents, survivors;
        for (Size i = 0; i < step.candidates.size(); ++i) {
            const BeamCandidate& one = step.candidates[i];
            values.data[i] = one.log_probability;
            parents.push_back(place(one.parent));
            edges.push_back({place(n == 1 ? o.bos : one.tokens[n - 2]), place(one.tokens[n - 1])});
            if (one.outcome == "live") survivors.push_back(i);
        }
        add_made(trace, {candidates, "log p", "log-probability of the candidate", kRole, "N"}, values,
                 [=](const Index& at, Pen& pen) {
                     pen.rule("That of the beam it continues, plus the logarithm of its last token's probability.",
                              "\\ln p_{\\text{beam}} + \\ln P(x_t \\mid x_{t-1})");
                     if (live) pen.scalar("b", live, {parents[at[0]]});
                     pen.scalar("p", "transition", edges[at[0]]);
                     pen.step("y", "sum", live ? "b + log(p)" : "log(p)");
                 });
        const char* next = own("live");
        for (Size i = 0; i < kept.size(); ++i) kept.data[i] = step.live[i].log_probability;
        add_made(trace, {next, "log p", "log-probability of the beam", kRole, "B"}, kept, [=](const Index& at, Pen& pen) {
            pen.rule("Among the likeliest candidates that have not ended: it lives on.", "\\ln p");
            pen.scalar("l", candidates, {survivors[at[0]]});
            pen.step("y", "as it was", "l");
        });
        live = next;
        add_finished(trace, own("finished"), own("scores"), step.finished, o.bos, o.length_penalty, "exp(a * log(n))",
                     "\\ln p / n^a");
    }
    add_finished(trace, "finished", "scores", r.finished, o.bos, o.length_penalty, "exp(a * log(n))", "\\ln p / n^a");
    return trace;
}

Trace trace_of(const ExhaustiveSearchOptions& o, const ExhaustiveSearchResult& r) {
    const Size V = o.transition.width(), rows = std::min(o.transition.shape[0], V), L = place(o.max_len) + 1;
    const int eos = o.eos.value_or(static_cast<int>(V) - 1);
    Trace trace;
    add_table(trace, o.transition);
    add_finished(trace, "logProbabilities", "scores", r.finished, o.bos, o.alpha, "exp(a * log((5 + n) / 6))",
                 "\\ln p / \\bigl(\\tfrac{5 + n}{6}\\bigr)^a");
    Array<double> mass({L, V}), paths({L, V});
    mass.row(0)[place(o.bos)] = paths.row(0)[place(o.bos)] = 1;
    for (Size l = 1; l < L; ++l) {
        for (Size u = 0; u < rows; ++u) {
            if (u == place(eos) && !(l == 1 && u == place(o.bos))) continue;
            for (Size v = 0; v < V; ++v) {
                const double p = o.transition.row(u)[v];
                mass.row(l)[v] += mass.row(l - 1)[u] * p;
                paths.row(l)[v] += p > 0 ? paths.row(l - 1)[u] : 0;
            }
        }
    }
    add_made(trace, {"mass", "m", "probability of being here after so many tokens", "weights", "L V"}, mass,
             reached_rule("mass", o.bos, eos, rows, false));
    add_made(trace, {"paths", "n", "ways to be here after so many tokens", kRole, "L V"}, paths,
             reached_rule("paths", o.bos, eos, rows, true));
    const auto ended = [&](const char* words, const char* of) {
        return Rule([=](const Index&, Pen& pen) {
            pen.rule(words, "\\sum_{l \\ge 1} x_{l,\\text{end}}");
            pen.vector("x", of, L - 1, [&](Size i) { return Index{i + 1, place(eos)}; });
            pen.step("y", "sum", "sum(x)");
        });
    };
    add_number(trace, {"probability", "p", "probability of ending in time", "weights", ""}, r.probability,
               ended("The probability of the end token at every length, summed.", "mass"));
    add_number(trace, {"count", "n", "sequences that end in time", kRole, ""}, r.count,
               ended("The ways to the end token at every length, summed.", "paths"));
    return trace;
}

Trace trace_of(const ContrastiveSearchOptions& o, const ContrastiveSearchResult& r) {
    const Size D = o.history.width(), T = o.history.shape[0];
    Trace trace;
    add_given(trace, {"probabilities", "p", "probability of the candidate", "weights", "K"}, o.probabilities);
    const auto add_side = [&](const Label& given, const Array<double>& values, const char* lengths, const char* units) {
        add_given(trace, given, values);
        trace.derive({lengths, "|h|", "length of the state", "residual", "N"}, {values.shape[0]},
                     length_rule(given.name, D));
        trace.derive({units, "ĥ", "entry of the unit state", "residual", "N D"}, values.shape,
                     unit_rule(given.name, lengths, 0));
    };
    add_side({"history", "h", "state of a token so far", "residual", "T D"}, o.history, "historyLengths", "historyUnits");
    add_side({"candidates", "c", "state of the candidate", "residual", "K D"}, o.candidates, "candidateLengths",
             "candidateUnits");
    add_made(trace, {"cosine", "cos", "cosine of candidate and token", kRole, "K T"}, r.cosine,
             recipe_rule({"The two unit states, multiplied entry by entry and summed.",
                          "\\sum_d \\hat c_d\\, \\hat h_d",
                          {{"c", "candidateUnits", "0n"}, {"h", "historyUnits", "1n"}},
                          {},
                          {{"p", "products", "c * h"}, {"y", "cosine", "sum(p)"}}}));
    add_made(trace, {"maxCosine", "max cos", "largest cosine", kRole, "K"}, r.max_cosine,
             recipe_rule({"How like the likest token so far the candidate is.",
                          "\\max_t \\cos(c, h_t)",
                          {{"s", "cosine", "0n", T}},
                          {},
                          {{"m", "largest", "max(s)"}}}));
    add_made(trace, {"score", "s", "score of the candidate", kRole, "K"}, r.score,
             recipe_rule({"The probability, less a penalty for saying the same again.",
                          "(1 - \\alpha)\\, p - \\alpha \\max_t \\cos",
                          {{"p", "probabilities"}, {"m", "maxCosine"}},
                          {{"a", "alpha", o.alpha}},
                          {{"s", "score", "(1 - a) * p - a * m"}}}));
    add_number(trace, {"index", "k", "candidate chosen", kRole, ""}, r.index,
               told_rule({"The candidate with the largest score, of equal ones the first.",
                          "\\operatorname{arg\\,max}_k\\, s_k",
                          {{"s", "score", "*"}},
                          {},
                          {{"m", "largest", "max(s)"}}},
                         "k", "number of the candidate", Array<double>({}, r.index)));
    return trace;
}

}  // namespace clearformer
