#include "clearformer/sampling/speculative.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/random.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/sampling/draw.hpp"

namespace clearformer {
namespace {

/// A residual with less mass than this is rounding: the two distributions are equal.
constexpr double kNoResidual = 1e-12;

void check_rows(const char* function, const char* name, const Array<double>& p) {
    for (Size row = 0; row < p.rows(); ++row) {
        double sum = 0;
        for (Size id = 0; id < p.width(); ++id) {
            require(p.row(row)[id] >= 0, function, ": ", name, " must hold probabilities of at least 0, got ",
                    p.row(row)[id]);
            sum += p.row(row)[id];
        }
        require(std::fabs(sum - 1) <= 1e-3, function, ": ", name, " must sum to 1, got ", sum);
    }
}

double acceptance(double target, double draft) { return draft > 0 ? std::min(1.0, target / draft) : 0; }

/// max(0, target - draft), normalised.
std::vector<double> residual_of(const double* target, const double* draft, Size V) {
    std::vector<double> residual(V);
    double sum = 0;
    for (Size id = 0; id < V; ++id) sum += residual[id] = std::max(0.0, target[id] - draft[id]);
    for (double& share : residual) share = sum > kNoResidual ? share / sum : 0;
    return residual;
}

/// 1 + rate + .. + rate^gamma.
double expected_tokens(double rate, int gamma) {
    if (1 - rate < 1e-9) return static_cast<double>(gamma) + 1;
    return (1 - std::pow(rate, static_cast<double>(gamma) + 1)) / (1 - rate);
}

Trace trace_of(const SpeculativeOptions& o, const SpeculativeResult& r) {
    const Size V = o.target.size();
    const char* role = "weights";
    const auto all = [](Size id) { return Index{id}; };
    Trace trace;
    add_given(trace, {"target", "p", "probability under the large model", role, "V"}, o.target);
    add_given(trace, {"draft", "q", "probability under the small model", role, "V"}, o.draft);
    add_made(trace, {"acceptance", "a", "probability of acceptance", role, "V"}, r.acceptance,
             [](const Index& at, Pen& pen) {
                 const double p = pen.value("target", at), q = pen.value("draft", at);
                 pen.rule(q == 0   ? "The token is never drafted."
                          : p >= q ? "The large model likes the token at least as well as the small one: always accepted."
                                   : "The token is drafted too often, so only this share of the drafts is accepted.",
                          q == 0 ? "0" : "\\min(1, p / q)");
                 pen.scalar("p", "target", at);
                 pen.scalar("q", "draft", at);
                 pen.step("a", "acceptance", q == 0 ? "0" : p >= q ? "1" : "p / q");
             });
    trace.add({{"acceptanceRate", "α", "acceptance rate", role, ""},
               {},
               [=](const Index&, Pen& pen) {
                   pen.rule("The probability that the two models have in common: the smaller one of every token, summed.",
                            "\\sum_v \\min(p_v, q_v)");
                   pen.vector("p", "target", V, all);
                   pen.vector("q", "draft", V, all);
                   pen.step("m", "smaller ones", "(p + q - abs(p - q)) / 2");
                   pen.step("r", "sum", "sum(m)");
               },
               {r.acceptance_rate}});
    trace.derive({"excess", "d", "what the small model gives too little", role, "V"}, {V}, [](const Index& at, Pen& pen) {
        const bool above = pen.value("target", at) > pen.value("draft", at);
        pen.rule("What the small model gives the token too little, or 0.", "\\max(0, p - q)");
        pen.scalar("p", "target", at);
        pen.scalar("q", "draft", at);
        pen.step("d", "excess", above ? "p - q" : "0");
    });
    add_made(trace, {"residual", "r", "residual probability", role, "V"}, r.residual, [=](const Index& at, Pen& pen) {
        double sum = 0;
        for (Size id = 0; id < V; ++id) sum += pen.value("excess", {id});
        const bool none = sum <= kNoResidual;
        pen.rule(none ? "The two models agree: nothing is ever rejected." : "The token's excess as a share of all.",
                 none ? "0" : "\\frac{d_v}{\\sum_w d_w}");
        pen.scalar("d", "excess", at);
        pen.vector("e", "excess", V, all);
        pen.step("s", "sum", "sum(e)");
        pen.step("r", "share", none ? "0" : "d / s");
    });
    const std::vector<int> gammas = o.gammas;
    add_made(trace, {"expectedTokens", "E", "expected tokens of a step", role, "N"}, {{gammas.size()}, r.expected_tokens},
             [gammas](const Index& at, Pen& pen) {
                 const double rate = pen.value("acceptanceRate", {}), gamma = gammas[at[0]];
                 const bool always = 1 - rate < 1e-9;
                 pen.rule(always ? "Every draft is accepted, and one more token comes from the large model."
                                 : "How many tokens one step gives on average: the first draft, the second if the first is "
                                   "accepted, and so on.",
                          always ? "\\gamma + 1" : "\\frac{1 - \\alpha^{\\gamma + 1}}{1 - \\alpha}");
                 pen.scalar("a", "acceptanceRate", {});
                 pen.constant("g", "drafted tokens", gamma);
                 pen.step("E", "tokens", always ? "g + 1" : rate == 0 ? "1" : "(1 - exp((g + 1) * log(a))) / (1 - a)");
             });
    add_made(trace, {"marginal", "p'", "probability of coming out", role, "V"}, r.marginal, [](const Index& at, Pen& pen) {
        pen.rule("Drafted and accepted, or drawn after a rejection: together what the large model says.",
                 "q_v a_v + (1 - \\alpha) r_v");
        pen.scalar("q", "draft", at);
        pen.scalar("a", "acceptance", at);
        pen.scalar("b", "acceptanceRate", {});
        pen.scalar("r", "residual", at);
        pen.step("y", "sum", "q * a + (1 - b) * r");
    });
    return trace;
}

/// target, draft, drafted, u, acceptance, accepted, excess (where a draft was rejected), finalDistribution, tokens
Trace trace_of(const SpeculativeStepOptions& o, const SpeculativeStepResult& r) {
    const Size G = o.drafted.size(), V = o.target.width(), row = static_cast<Size>(r.accepted);
    const char* role = "scores";
    Trace trace;
    add_given(trace, {"target", "p", "probability of the large model", "weights", "P V"}, o.target);
    add_given(trace, {"draft", "q", "probability of the small model", "weights", "G V"}, o.draft);
    add_given(trace, {"drafted", "x", "drafted token", "input", "G"}, as_tensor(o.drafted));
    trace.add(
        {{"u", "u", "draw", "input", "P"}, {r.u.size()}, given_rule("A uniform number: given, or from the seed."), r.u});
    add_made(trace, {"acceptance", "a", "probability of being accepted", "weights", "G"}, {{G}, r.acceptance},
             [drafted = o.drafted](const Index& at, Pen& pen) {
                 const Index entry{at[0], static_cast<Size>(drafted[at[0]])};
                 const bool always = pen.value("target", entry) >= pen.value("draft", entry);
                 pen.rule("What the large model gives the drafted token over what the small one gives it, at most 1.",
                          "\\min(1, p_x / q_x)");
                 pen.scalar("p", "target", entry);
                 pen.scalar("q", "draft", entry);
                 pen.step("a", "acceptance", always ? "1" : "p / q");
             });
    add_number(trace, {"accepted", "n", "drafts accepted", role, ""}, r.accepted,
               told_rule({"How many drafts come before the first whose draw is not below its acceptance.",
                          "\\min\\{i : u_i \\ge a_i\\}",
                          {{"a", "acceptance", "*"}, {"u", "u", "n", G}},
                          {},
                          {{"d", "below where positive", "a - u"}}},
                         "n", "drafts accepted", Array<double>({}, r.accepted)));
    const bool from_target =
        row == G || std::equal(r.final_distribution.data.begin(), r.final_distribution.data.end(), o.target.row(row));
    if (!from_target) {
        trace.derive({"excess", "d", "what the small model gives too little", role, "V"}, {V},
                     [row](const Index& at, Pen& pen) {
                         pen.rule("What the small model gives the token too little, or 0.", "\\max(0, p - q)");
                         pen.scalar("p", "target", {row, at[0]});
                         pen.scalar("q", "draft", {row, at[0]});
                         pen.step("d", "excess", "(p - q + abs(p - q)) / 2");
                     });
    }
    add_made(trace, {"finalDistribution", "r", "probability of the last token", "weights", "V"}, r.final_distribution,
             [=](const Index& at, Pen& pen) {
                 if (from_target) {
                     pen.rule("The large model's own probability.", "p_v");
                     pen.scalar("p", "target", {row, at[0]});
                     pen.step("r", "as it is", "p");
                     return;
                 }
                 write_recipe(pen, at,
                              {"The token's excess as a share of all.",
                               "\\frac{d_v}{\\sum_w d_w}",
                               {{"d", "excess"}, {"e", "excess", "*"}},
                               {},
                               {{"r", "share", "d / sum(e)"}}});
             });
    const Array<double> tokens = as_tensor(r.tokens);
    add_made(trace, {"tokens", "x", "token that comes out", role, "N"}, tokens, [=](const Index& at, Pen& pen) {
        const bool drafted = at[0] < row;
        pen.rule(drafted
                     ? "A draft that was accepted."
                     : "Drawn from the last distribution: the first token whose cumulative probability exceeds the draw.",
                 drafted ? "x_i" : "\\min\\{v : F_v > u\\}");
        if (drafted) {
            pen.scalar("x", "drafted", at);
            pen.step("y", "accepted", "x");
            return;
        }
        pen.vector("r", "finalDistribution", V, [](Size v) { return Index{v}; });
        pen.scalar("u", "u", {G});
        pen.constant("x", "number of the token", tokens.at(at));
        pen.step("y", "drawn", "x");
    });
    return trace;
}

}  // namespace

SpeculativeResult speculative_acceptance(const SpeculativeOptions& o) {
    const Size V = check_shapes(o)["V"];
    require(V > 0, "speculative_acceptance: there must be at least one token, got shape ", o.target.shape);
    check_rows("speculative_acceptance", "target", o.target);
    check_rows("speculative_acceptance", "draft", o.draft);
    SpeculativeResult r;
    const std::vector<double>&p = o.target.data, &q = o.draft.data;
    r.acceptance = r.marginal = Array<double>({V});
    r.residual = Array<double>({V}, residual_of(p.data(), q.data(), V));
    for (Size id = 0; id < V; ++id) {
        r.acceptance.data[id] = acceptance(p[id], q[id]);
        r.acceptance_rate += std::min(p[id], q[id]);
    }
    r.acceptance_rate = std::min(r.acceptance_rate, 1.0);
    for (Size id = 0; id < V; ++id) {
        r.marginal.data[id] = q[id] * r.acceptance.data[id] + (1 - r.acceptance_rate) * r.residual.data[id];
    }
    for (int gamma : o.gammas) {
        require(gamma >= 0, "speculative_acceptance: gammas must be at least 0, got ", gamma);
        r.expected_tokens.push_back(expected_tokens(r.acceptance_rate, gamma));
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

SpeculativeStepResult speculative_step(const SpeculativeStepOptions& o) {
    const Letters letters = check_shapes(o);
    const Size G = letters["G"], P = letters["P"], V = letters["V"];
    require(P == G + 1, "speculative_step: target must have one row more than draft, got ", P, " and ", G);
    require(V > 0, "speculative_step: there must be at least one token, got shape ", o.target.shape);
    check_rows("speculative_step", "target", o.target);
    check_rows("speculative_step", "draft", o.draft);
    SpeculativeStepResult r;
    Random random(o.seed);
    for (Size i = 0; i < P; ++i) {
        r.u.push_back(o.u ? (*o.u)[i] : random.uniform());
        require(r.u[i] >= 0 && r.u[i] < 1, "speculative_step: u must be from 0 to below 1, got ", r.u[i]);
    }
    bool rejected = false;
    for (Size i = 0; i < G; ++i) {
        require(o.drafted[i] >= 0 && static_cast<Size>(o.drafted[i]) < V,
                "speculative_step: drafted must lie below the vocabulary size ", V, ", got ", o.drafted[i]);
        const Size id = static_cast<Size>(o.drafted[i]);
        require(o.draft.row(i)[id] > 0, "speculative_step: drafted must have a draft probability above 0, got token ", id);
        r.acceptance.push_back(acceptance(o.target.row(i)[id], o.draft.row(i)[id]));
        rejected |= r.u[i] >= r.acceptance[i];
        if (rejected) continue;
        r.tokens.push_back(o.drafted[i]);
        ++r.accepted;
    }
    InverseCdfOptions last;
    const Size row = static_cast<Size>(r.accepted);
    last.probabilities = Array<double>({V}, std::vector<double>(o.target.row(row), o.target.row(row) + V));
    if (rejected) {
        const std::vector<double> residual = residual_of(o.target.row(row), o.draft.row(row), V);
        if (*std::max_element(residual.begin(), residual.end()) > 0) last.probabilities.data = residual;
    }
    last.u = std::vector<double>{r.u.back()};
    r.tokens.push_back(inverse_cdf(last).index[0]);
    r.final_distribution = std::move(last.probabilities);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
