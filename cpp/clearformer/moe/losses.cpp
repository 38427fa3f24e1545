#include "clearformer/moe/losses.hpp"

#include <cmath>

#include "clearformer/moe/recording.hpp"
#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/recipe.hpp"

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

void record_probabilities(Trace& trace, const Array<double>& logits) {
    record_input(trace, {"logits", "l", "router logit", "scores", "T E"}, logits);
    record_softmax(trace, "logits",
                   {{"rowMax", "m", "largest logit", "scores", "T"},
                    {"exponentials", "e", "exponential", "scores", "T E"},
                    {"rowSum", "Z", "sum of exponentials", "scores", "T"},
                    {"probabilities", "p", "probability of the expert", "weights", "T E"}},
                   row_probabilities(logits));
}

const Label kLoss{"loss", "L", "loss", "scores", "1"};

/// The squared spread of x [E] over its squared mean, the squares summed and divided by `divisor`.
Rule variation_rule(const char* x, Size count, Size divisor) {
    return recipe_rule(
        {"The variance over the square of the mean.",
         "\\frac{\\frac{1}{n}\\sum_e (x_e - \\mu)^2}{\\mu^2}",
         {{"x", x, "*"}},
         {{"E", "experts", static_cast<double>(count)}, {"n", "what the sum is divided by", static_cast<double>(divisor)}},
         {{"r", "relative to the mean", "x * E / sum(x)"},
          {"d", "distances", "r - 1"},
          {"y", "variation", "sum(d * d) / n"}}});
}

/// logits .. probabilities, chosen, counts (with a mask), fractions, meanProbabilities, loss
void record_top_k_loss(Trace& trace, const TopKBalanceLossOptions& o, const TopKBalanceLossResult& r) {
    const Size T = o.logits.shape[0], E = o.logits.shape[1];
    record_probabilities(trace, o.logits);
    Array<double> chosen(o.logits.shape), counts({T}, 1.0);
    double counted = 0;
    for (Size t = 0; t < T; ++t) {
        for (Size e : largest(o.logits.row(t), E, static_cast<Size>(o.k))) chosen.row(t)[e] = 1;
        if (!o.attention_mask.empty()) counts.data[t] = o.attention_mask[t % o.attention_mask.size()];
        counted += counts.data[t];
    }
    record_input(trace, {"counts", "c", "1 where the token counts, 0 for padding", "input", "T"}, counts);
    record(trace, {"chosen", "k", "whether the token chooses the expert", "scores", "T E"}, chosen,
           told_rule({"1 where the expert's logit is among the k largest of the row, else 0.",
                      "[l_{t,e} \\in \\operatorname{top}_k\\, l_t]",
                      {{"x", "logits"}, {"l", "logits", "0n"}},
                      {{"k", "experts of each token", static_cast<double>(o.k)}},
                      {{"r", "larger ones (with itself at 0)", "sum((l - x + abs(l - x)) / 2)"}}},
                     "c", "whether it is chosen", chosen));
    const auto share = [&](const char* words, const char* x) {
        return recipe_rule({words,
                            "\\frac{1}{N} \\sum_t c_t\\, x_{t,e}",
                            {{"x", x, "n0"}, {"c", "counts", "*"}},
                            {{"N", "tokens that count", counted}},
                            {{"y", "mean", "sum(c * x) / N"}}});
    };
    record(trace, {"fractions", "f", "choices of the expert per token", "weights", "E"}, r.fractions,
           share("How many tokens choose the expert, over all that count.", "chosen"));
    record(trace, {"meanProbabilities", "P", "mean probability of the expert", "weights", "E"}, r.probabilities,
           share("The expert's probability, averaged over the tokens that count.", "probabilities"));
    record(trace, kLoss, Array<double>({1}, r.loss), balance_rule("fractions", "meanProbabilities", E));
}

/// logits, rowMax, exponentials, rowSum, probabilities, logsumexp, loss, gradient
void record_z_loss(Trace& trace, const Array<double>& logits, const RouterZLossResult& r) {
    const double T = static_cast<double>(logits.shape[0]);
    record_probabilities(trace, logits);
    record(trace, {"logsumexp", "z", "logarithm of the sum of exponentials", "scores", "T"}, r.logsumexp,
           logsumexp_rule("rowMax", "rowSum"));
    record(trace, kLoss, Array<double>({1}, r.loss),
           recipe_rule({"The mean square of the rows' logsumexp.",
                        "\\frac{1}{T} \\sum_t z_t^2",
                        {{"z", "logsumexp", "*"}},
                        {{"T", "tokens", T}},
                        {{"L", "mean square", "sum(z * z) / T"}}}));
    record(trace, {"gradient", "∂L/∂l", "gradient of the logit", "scores", "T E"}, r.gradient,
           recipe_rule({"Twice the row's logsumexp over the tokens, by the expert's probability.",
                        "\\tfrac{2}{T}\\, z_t\\, p_{t,e}",
                        {{"z", "logsumexp", "0"}, {"p", "probabilities"}},
                        {{"T", "tokens", T}},
                        {{"g", "gradient", "2 * z * p / T"}}}));
}

void record_loss(Trace& trace, const Array<double>& logits, const SwitchBalanceLossResult& r) {
    const Size T = logits.shape[0], E = logits.shape[1];
    record_probabilities(trace, logits);
    Array<double> chosen(logits.shape);
    for (Size t = 0; t < T; ++t) chosen.row(t)[largest(logits.row(t), E, 1)[0]] = 1;
    record(trace, {"chosen", "c", "whether the token chooses the expert", "scores", "T E"}, chosen,
           largest_rule("logits", E));
    record(trace, {"fractions", "f", "share of the tokens that choose the expert", "weights", "E"}, r.fractions,
           column_mean_rule("chosen", T, "How many tokens choose the expert, as a share of all tokens."));
    record(trace, {"meanProbabilities", "P", "mean probability of the expert", "weights", "E"}, r.probabilities,
           column_mean_rule("probabilities", T, "The expert's probability, averaged over the tokens."));
    record(trace, kLoss, Array<double>({1}, r.loss), balance_rule("fractions", "meanProbabilities", E));
    record(trace, {"gradient", "∂L/∂l", "gradient of the logit", "scores", "T E"}, r.gradient,
           recipe_rule(
               {"The expert's probability times how much fuller it is than the token's experts on average.",
                "\\tfrac{E}{T}\\, p_{t,e} (f_e - \\sum_j f_j\\, p_{t,j})",
                {{"f", "fractions", "1"}, {"a", "fractions", "*"}, {"q", "probabilities", "0n"}, {"p", "probabilities"}},
                {{"E", "experts", static_cast<double>(E)}, {"T", "tokens", static_cast<double>(T)}},
                {{"m", "average", "sum(a * q)"}, {"g", "gradient", "E / T * p * (f - m)"}}}));
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
    if (o.trace) record_loss(r.trace.emplace(), o.logits, r);
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
    TopKBalanceLossResult r{static_cast<double>(E) * product(s.fractions, s.probabilities), s.fractions, s.probabilities};
    if (o.trace) record_top_k_loss(r.trace.emplace(), o, r);
    return r;
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
    if (o.trace) record_z_loss(r.trace.emplace(), o.logits, r);
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
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        record_input(trace, {"probabilities", "p", "gate of the expert", "weights", "T E"}, o.probabilities);
        record(trace, {"importance", "I", "importance of the expert", "weights", "E"}, r.importance,
               sum_rule("The expert's gates, summed over the tokens.", "probabilities", "n0"));
        add_number(trace, {"cvSquared", "CV²", "squared coefficient of variation", "scores", ""}, r.cv_squared,
                   variation_rule("importance", E, E));
        if (E > 1) {
            add_number(trace, {"cvSquaredUnbiased", "CV²", "the same, over E - 1", "scores", ""}, r.cv_squared_unbiased,
                       variation_rule("importance", E, E - 1));
        }
    }
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
    if (o.trace) {
        const Size E = o.bias.size();
        Trace& trace = r.trace.emplace();
        record_input(trace, {"biasBefore", "b", "bias before", "weights", "E"}, o.bias);
        record_input(trace, {"load", "n", "load of the expert", "scores", "E"}, o.load);
        record(trace, {"error", "e", "how far the load is below the mean", "scores", "E"}, r.error,
               recipe_rule({"The mean load less the expert's own.",
                            "\\bar n - n_e",
                            {{"n", "load"}, {"a", "load", "*"}},
                            {{"E", "experts", static_cast<double>(E)}},
                            {{"m", "mean load", "sum(a) / E"}, {"e", "below the mean", "m - n"}}}));
        const double gamma = o.gamma;
        record(trace, {"bias", "b'", "bias after", "weights", "E"}, r.bias, [gamma](const Index& at, Pen& pen) {
            const double error = pen.value("error", at);
            write_recipe(pen, at,
                         {error > 0   ? "The expert has less than the mean: its bias goes up by gamma."
                          : error < 0 ? "The expert has more than the mean: its bias goes down by gamma."
                                      : "The expert has exactly the mean: its bias stays.",
                          "b + \\gamma \\operatorname{sign}(e)",
                          {{"b", "biasBefore"}, {"e", "error"}},
                          {{"g", "gamma", gamma}},
                          {{"y", "bias",
                            error > 0   ? "b + g"
                            : error < 0 ? "b - g"
                                        : "b"}}});
        });
    }
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
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        record_input(trace, {"indices", "e", "number of the chosen expert", "scores", "T K"}, o.indices);
        record(trace, {"load", "n", "choices of the expert", "scores", "E"}, as_tensor(r.load),
               count_rule("How many choices fell on the expert.", "indices"));
        add_number(trace, {"unused", "u", "experts that nobody chose", "scores", ""}, r.unused,
                   recipe_rule({"How many experts have no load.",
                                "\\sum_e [n_e = 0]",
                                {{"n", "load", "*"}},
                                {},
                                {{"o", "1 where there is none", "floor(1 / (1 + n))"}, {"u", "how many", "sum(o)"}}}));
    }
    if (o.indices.empty()) return r;
    for (Size e = 0; e < E; ++e) {
        const double share = r.fractions.data[e] = r.load[e] / static_cast<double>(o.indices.size());
        r.max_over_mean = std::max(r.max_over_mean, share * static_cast<double>(E));
        if (share > 0) r.entropy -= share * std::log(share);
    }
    r.effective_experts = std::exp(r.entropy);
    const Spread s = spread(r.fractions.data);
    r.cv_squared = s.squares / static_cast<double>(E) / (s.mean * s.mean);
    if (o.trace) {
        Trace& trace = *r.trace;
        record(trace, {"fractions", "f", "share of the choices", "weights", "E"}, r.fractions,
               recipe_rule({"The expert's load as a share of all choices.",
                            "n_e / \\sum_j n_j",
                            {{"n", "load"}, {"a", "load", "*"}},
                            {},
                            {{"f", "share", "n / sum(a)"}}}));
        add_number(trace, {"maxOverMean", "m", "the busiest expert's load over the mean", "scores", ""}, r.max_over_mean,
                   recipe_rule({"The largest share, in even shares.",
                                "E \\max_e f_e",
                                {{"f", "fractions", "*"}},
                                {{"E", "experts", static_cast<double>(E)}},
                                {{"m", "over the mean", "max(f) * E"}}}));
        add_number(trace, {"cvSquared", "CV²", "squared coefficient of variation", "scores", ""}, r.cv_squared,
                   variation_rule("fractions", E, E));
        Recipe entropy{"The entropy of the shares, in nats; an expert without a share adds nothing.",
                       "-\\sum_e f_e \\ln f_e",
                       {{"f", "fractions", "*"}},
                       {},
                       {{"o", "1 where there is no share", "floor(1 / (1 + f * 1000000000))"},
                        {"H", "entropy", "-sum(f * log(f + o))"}}};
        add_number(trace, {"entropy", "H", "entropy of the shares", "scores", ""}, r.entropy, recipe_rule(entropy));
        add_number(trace, {"effectiveExperts", "e^H", "effective experts", "scores", ""}, r.effective_experts,
                   recipe_rule({"Over how many experts an even spread would have this entropy.",
                                "e^H",
                                {{"H", "entropy", ""}},
                                {},
                                {{"y", "experts", "exp(H)"}}}));
    }
    return r;
}

}  // namespace clearformer
