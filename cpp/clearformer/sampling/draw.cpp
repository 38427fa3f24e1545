#include "clearformer/sampling/draw.hpp"

#include <cmath>
#include <numeric>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/random.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

constexpr int kMostDraws = 1000000;

void check_distribution(const char* function, const std::vector<double>& p) {
    double sum = 0;
    for (double share : p) {
        require(share >= 0, function, ": probabilities must be at least 0, got ", share);
        sum += share;
    }
    require(std::fabs(sum - 1) <= 1e-3, function, ": probabilities must sum to 1, got ", sum);
}

/// probabilities, order, cumulative, u, index
Trace trace_of(const InverseCdfOptions& o, const InverseCdfResult& r) {
    Trace trace;
    add_given(trace, {"probabilities", "p", "probability of the token", "weights", "V"}, o.probabilities);
    const Array<double> order = as_tensor(r.order), index = as_tensor(r.index), u({r.u.size()}, r.u);
    add_made(trace, {"order", "v", "number of the token", "scores", "V"}, order,
             told_rule({"The order in which the probabilities are added up.", "v_i", {}, {{"i", "place", 0, 0}}, {}}, "v",
                       "number of the token", order));
    add_made(trace, {"cumulative", "F", "cumulative probability", "weights", "V"}, r.cumulative,
             [order = r.order](const Index& at, Pen& pen) {
                 pen.rule("The probabilities of this token and all before it, summed.", "\\sum_{j \\le i} p_{v_j}");
                 pen.vector("p", "probabilities", at[0] + 1, [&](Size i) { return Index{static_cast<Size>(order[i])}; });
                 pen.step("F", "sum", "sum(p)");
             });
    trace.add({{"u", "u", "draw", "input", "N"}, u.shape, given_rule("A uniform number: given, or from the seed."), u.data});
    add_made(
        trace, {"index", "v", "token drawn", "scores", "N"}, index,
        told_rule({"The first token whose cumulative probability exceeds the draw; the last possible one, where rounding "
                   "leaves none.",
                   "\\min\\{v : F_v > u\\}",
                   {{"F", "cumulative", "*"}, {"u", "u"}},
                   {},
                   {}},
                  "v", "number of the token", index));
    return trace;
}

/// logits, u, gumbel, scores, index
Trace trace_of(const GumbelMaxOptions& o, const GumbelMaxResult& r) {
    Trace trace;
    add_given(trace, {"logits", "z", "logit", "scores", "V"}, o.logits);
    trace.add(
        {{"u", "u", "draw", "input", "V"}, r.u.shape, given_rule("A uniform number: given, or from the seed."), r.u.data});
    add_made(trace, {"gumbel", "g", "Gumbel noise", "scores", "V"}, r.gumbel,
             recipe_rule({"Minus the logarithm of minus the logarithm of the draw.",
                          "-\\ln(-\\ln u)",
                          {{"u", "u"}},
                          {},
                          {{"a", "inner logarithm", "-log(u)"}, {"g", "noise", "-log(a)"}}}));
    add_made(trace, {"scores", "s", "noisy logit", "scores", "V"}, r.scores, add_rule("logits", "gumbel"));
    add_number(trace, {"index", "v", "token drawn", "scores", ""}, r.index,
               told_rule({"The token with the largest noisy logit.",
                          "\\operatorname{arg\\,max}_v\\, s_v",
                          {{"s", "scores", "*"}},
                          {},
                          {{"m", "largest", "max(s)"}}},
                         "v", "number of the token", Array<double>({}, r.index)));
    return trace;
}

}  // namespace

InverseCdfResult inverse_cdf(const InverseCdfOptions& o) {
    const Size V = check_shapes(o)["V"];
    const std::vector<double>& p = o.probabilities.data;
    check_distribution("inverse_cdf", p);
    require(o.order == "token" || o.order == "probability", "inverse_cdf: order must be token or probability, got \"",
            o.order, "\"");
    require(o.draws >= 0 && o.draws <= kMostDraws, "inverse_cdf: draws must be from 0 to ", kMostDraws, ", got ", o.draws);
    InverseCdfResult r;
    // 1. The draws.
    Random random(o.seed);
    if (o.u) r.u = *o.u;
    else {
        for (int draw = 0; draw < o.draws; ++draw) r.u.push_back(random.uniform());
    }
    // 2. The steps of the distribution function.
    r.order.resize(V);
    std::iota(r.order.begin(), r.order.end(), 0);
    const auto share = [&](int id) { return p[static_cast<Size>(id)]; };
    if (o.order == "probability")
        std::stable_sort(r.order.begin(), r.order.end(), [&](int a, int b) { return share(a) > share(b); });
    r.cumulative = Array<double>({V});
    double sum = 0;
    Size last = 0;  // of those with a probability above 0
    for (Size i = 0; i < V; ++i) {
        r.cumulative.data[i] = sum += share(r.order[i]);
        if (share(r.order[i]) > 0) last = i;
    }
    // 3. Where each draw falls.
    for (double u : r.u) {
        require(u >= 0 && u < 1, "inverse_cdf: u must be from 0 to below 1, got ", u);
        const auto place = std::upper_bound(r.cumulative.data.begin(), r.cumulative.data.end(), u);
        r.index.push_back(r.order[std::min(last, static_cast<Size>(place - r.cumulative.data.begin()))]);
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

GumbelMaxResult gumbel_max(const GumbelMaxOptions& o) {
    const Size V = check_shapes(o)["V"];
    require(V > 0, "gumbel_max: there must be at least one logit, got shape ", o.logits.shape);
    GumbelMaxResult r{o.logits, o.logits, 0, o.logits};
    Random random(o.seed);
    for (Size id = 0; id < V; ++id) {
        const double logit = o.logits.data[id];
        require(logit < kInfinity, "gumbel_max: logits must be below infinity, got ", logit);
        // A draw of 0 has no logarithm: half a step above it.
        const double u = o.u ? o.u->data[id] : std::max(random.uniform(), 0x1.0p-54);
        require(u > 0 && u < 1, "gumbel_max: u must be above 0 and below 1, got ", u);
        r.u.data[id] = u;
        r.gumbel.data[id] = -std::log(-std::log(u));
        r.scores.data[id] = logit + r.gumbel.data[id];
        if (r.scores.data[id] > r.scores.data[static_cast<Size>(r.index)]) r.index = static_cast<int>(id);
    }
    require(r.scores.data[static_cast<Size>(r.index)] > -kInfinity,
            "gumbel_max: at least one logit must be above -infinity");
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
