#include "clearformer/sampling/measures.hpp"

#include <cmath>
#include <numbers>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/sampling/rules.hpp"

namespace clearformer {
namespace {

/// log softmax of a row that has a logit above -inf.
std::vector<double> log_shares(const char* function, const double* logits, Size n) {
    std::vector<double> y(n);
    const double whole = softmax_row(logits, y.data(), n).logsumexp();
    require(whole > -kInfinity, function, ": every row must have a logit above -infinity, got ", n, " without");
    for (Size i = 0; i < n; ++i) y[i] = logits[i] - whole;
    return y;
}

/// p times something that may be infinite where p is 0.
double weighted(double p, double value) { return p == 0 ? 0 : p * value; }

/// sum of p (log p - log q), from the two logarithms.
double divergence(const std::vector<double>& log_p, const std::vector<double>& log_q) {
    double sum = 0;
    for (Size i = 0; i < log_p.size(); ++i) sum += weighted(std::exp(log_p[i]), log_p[i] - log_q[i]);
    return std::max(sum, 0.0);
}

constexpr Size kMostTraced = 65536;

Node node(const char* name, const char* symbol, const char* title, const char* letters, const Array<double>& values,
          Rule rule) {
    return {{name, symbol, title, "scores", letters}, values.shape, std::move(rule), values.data};
}

Array<double> scalar(double value) { return Array<double>(Shape{}, value); }

/// A scalar of one expression over a tensor's one entry x.
Rule function_rule(const char* words, const char* formula, const char* x, const char* label, const char* expression) {
    return [=](const Index&, Pen& pen) {
        pen.rule(words, formula);
        pen.scalar("x", x, {});
        pen.step("y", label, expression);
    };
}

Trace trace_of(const TokenMeasuresOptions& o, const TokenMeasuresResult& r) {
    const Size T = o.logits.shape[0], V = o.logits.shape[1];
    const SoftmaxNames names{"maximum", "exponentials", "sum", "probabilities"};
    Trace trace;
    trace.add({{"logits", "z", "logit", "input", "T V"},
               o.logits.shape,
               given_rule("A logit of the model, as given."),
               o.logits.data});
    add_softmax(trace, "logits", names);
    trace.add(node("logProbabilities", "\\log p", "log-probability", "T V", r.log_probabilities,
                   log_probability_rule("logits", names)));
    trace.add(node("entropy", "H", "entropy, in nats", "T", r.entropy,
                   token_entropy_rule("probabilities", "logProbabilities", V)));
    trace.add(node("entropyBits", "H_2", "entropy, in bits", "T", r.entropy_bits, [](const Index& at, Pen& pen) {
        pen.rule("The entropy in nats, divided by the nats of a bit.", "H / \\log 2");
        pen.scalar("H", "entropy", at);
        pen.step("B", "bits", "H / log(2)");
    }));
    trace.add(node("varentropy", "V", "varentropy, in squared nats", "T", r.varentropy,
                   varentropy_rule("probabilities", "logProbabilities", "entropy", V)));
    if (!r.nll) return trace;
    trace.add(node(
        "nll", "\\ell", "surprise of the target, in nats", "T", *r.nll, [targets = *o.targets](const Index& at, Pen& pen) {
            pen.rule("The log-probability of the token that came, with its sign changed.", "-\\log p_{\\text{target}}");
            pen.scalar("l", "logProbabilities", {at[0], static_cast<Size>(targets[at[0]])});
            pen.step("n", "surprise", "-l");
        }));
    trace.add(node("meanNll", "\\bar\\ell", "mean surprise, in nats", "", scalar(*r.mean_nll), mean_rule("nll", T)));
    trace.add(
        node("perplexity", "\\mathrm{PPL}", "perplexity", "", scalar(*r.perplexity),
             function_rule("e to the power of the mean surprise: as many equally likely tokens would surprise as much.",
                           "e^{\\bar\\ell}", "meanNll", "exponential", "exp(x)")));
    trace.add(node("bitsPerToken", "b", "bits per token", "", scalar(*r.bits_per_token),
                   function_rule("The mean surprise in bits.", "\\bar\\ell / \\log 2", "meanNll", "bits", "x / log(2)")));
    return trace;
}

Trace trace_of(const DivergencesOptions& o, const DivergencesResult& r, const std::vector<double>& log_p,
               const std::vector<double>& log_q, const std::vector<double>& log_middle) {
    const Size V = o.logits_p.size();
    const SoftmaxNames of_p{"maximumP", "exponentialsP", "sumP", "p"}, of_q{"maximumQ", "exponentialsQ", "sumQ", "q"};
    const auto vector = [&](const std::vector<double>& values) { return Array<double>({V}, values); };
    Trace trace;
    trace.add(
        {{"logitsP", "z_p", "logit of the first", "input", "V"}, {V}, given_rule("A logit, as given."), o.logits_p.data});
    trace.add(
        {{"logitsQ", "z_q", "logit of the second", "input", "V"}, {V}, given_rule("A logit, as given."), o.logits_q.data});
    add_softmax(trace, "logitsP", of_p);
    add_softmax(trace, "logitsQ", of_q);
    trace.add(node("logP", "\\log p", "log-probability, first", "V", vector(log_p), log_probability_rule("logitsP", of_p)));
    trace.add(node("logQ", "\\log q", "log-probability, second", "V", vector(log_q), log_probability_rule("logitsQ", of_q)));
    trace.add(node("klPq", "D_{pq}", "Kullback-Leibler divergence of p from q", "", scalar(r.kl_pq),
                   divergence_rule("p", "logP", "logQ", V)));
    trace.add(node("klQp", "D_{qp}", "Kullback-Leibler divergence of q from p", "", scalar(r.kl_qp),
                   divergence_rule("q", "logQ", "logP", V)));
    trace.add(node("logMiddle", "\\log m", "log-probability of the mixture", "V", vector(log_middle),
                   [](const Index& at, Pen& pen) {
                       pen.rule("The logarithm of the mean of the two probabilities.", "\\log \\tfrac{p + q}{2}");
                       pen.scalar("p", "p", at);
                       pen.scalar("q", "q", at);
                       pen.step("m", "mean", "(p + q) / 2");
                       pen.step("y", "logarithm", "log(m)");
                   }));
    const double half_p = divergence(log_p, log_middle), half_q = divergence(log_q, log_middle);
    trace.add(node("klPm", "D_{pm}", "divergence of p from the mixture", "", scalar(half_p),
                   divergence_rule("p", "logP", "logMiddle", V)));
    trace.add(node("klQm", "D_{qm}", "divergence of q from the mixture", "", scalar(half_q),
                   divergence_rule("q", "logQ", "logMiddle", V)));
    trace.add(node("js", "\\mathrm{JS}", "Jensen-Shannon divergence", "", scalar(r.js), [](const Index&, Pen& pen) {
        pen.rule("The mean of the two divergences from the mixture.", "\\tfrac12 (D_{pm} + D_{qm})");
        pen.scalar("a", "klPm", {});
        pen.scalar("b", "klQm", {});
        pen.step("y", "mean", "(a + b) / 2");
    }));
    trace.add(node("tv", "\\mathrm{TV}", "total variation", "", scalar(r.tv), [V](const Index&, Pen& pen) {
        pen.rule("Half of what the probabilities differ by, over all tokens.", "\\tfrac12 \\sum_v |p_v - q_v|");
        pen.vector("p", "p", V, [](Size v) { return Index{v}; });
        pen.vector("q", "q", V, [](Size v) { return Index{v}; });
        pen.step("d", "differences", "abs(p - q)");
        pen.step("y", "half the sum", "sum(d) / 2");
    }));
    trace.add(node("crossEntropyPq", "H_{pq}", "cross-entropy", "", scalar(r.cross_entropy_pq),
                   token_entropy_rule("p", "logQ", V)));
    return trace;
}

}  // namespace

TokenMeasuresResult token_measures(const TokenMeasuresOptions& o) {
    const Letters letters = check_shapes(o);
    const Size T = letters["T"], V = letters["V"];
    check_logits("token_measures", o.logits.data);
    require(!o.trace || o.logits.size() <= kMostTraced, "token_measures: a trace takes at most ", kMostTraced,
            " logits, got ", o.logits.size());
    TokenMeasuresResult r;
    r.log_probabilities = o.logits;
    r.entropy = r.entropy_bits = r.varentropy = Array<double>({T});
    for (Size t = 0; t < T; ++t) {
        const std::vector<double> y = log_shares("token_measures", o.logits.row(t), V);
        std::copy(y.begin(), y.end(), r.log_probabilities.row(t));
        for (double log_p : y) r.entropy.data[t] -= weighted(std::exp(log_p), log_p);
        const double entropy = r.entropy.data[t];
        for (double log_p : y) r.varentropy.data[t] += weighted(std::exp(log_p), (log_p + entropy) * (log_p + entropy));
        r.entropy_bits.data[t] = entropy / std::numbers::ln2;
    }
    if (!o.targets) {
        if (o.trace) r.trace = trace_of(o, r);
        return r;
    }
    require(T > 0, "token_measures: targets need at least one row of logits, got shape ", o.logits.shape);
    r.nll = Array<double>({T});
    r.mean_nll = 0;
    for (Size t = 0; t < T; ++t) {
        const int target = (*o.targets)[t];
        require(target >= 0 && static_cast<Size>(target) < V, "token_measures: targets must lie below the vocabulary size ",
                V, ", got ", target);
        r.nll->data[t] = -r.log_probabilities.row(t)[target];
        *r.mean_nll += r.nll->data[t] / static_cast<double>(T);
    }
    r.perplexity = std::exp(*r.mean_nll);
    r.bits_per_token = *r.mean_nll / std::numbers::ln2;
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

DivergencesResult divergences(const DivergencesOptions& o) {
    const Size V = check_shapes(o)["V"];
    require(!o.trace || V <= kMostTraced, "divergences: a trace takes at most ", kMostTraced, " logits, got ", V);
    check_logits("divergences", o.logits_p.data);
    check_logits("divergences", o.logits_q.data);
    const std::vector<double> p = log_shares("divergences", o.logits_p.data.data(), V),
                              q = log_shares("divergences", o.logits_q.data.data(), V);
    DivergencesResult r;
    std::vector<double> middle(V);
    for (Size i = 0; i < V; ++i) {
        const double share_p = std::exp(p[i]), share_q = std::exp(q[i]);
        middle[i] = std::log((share_p + share_q) / 2);
        r.tv += std::fabs(share_p - share_q) / 2;
        r.cross_entropy_pq -= weighted(share_p, q[i]);
    }
    r.kl_pq = divergence(p, q);
    r.kl_qp = divergence(q, p);
    r.js = (divergence(p, middle) + divergence(q, middle)) / 2;
    if (o.trace) r.trace = trace_of(o, r, p, q, middle);
    return r;
}

}  // namespace clearformer
