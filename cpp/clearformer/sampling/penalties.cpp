#include "clearformer/sampling/penalties.hpp"

#include <cmath>

#include "clearformer/ops/softmax.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/sampling/rules.hpp"

namespace clearformer {
namespace {

/// The last `count` tokens, in order; -1: all.
std::vector<int> last_tokens(const std::vector<int>& tokens, int count) {
    const Size n = count < 0 ? tokens.size() : std::min(tokens.size(), static_cast<Size>(count));
    return std::vector<int>(tokens.end() - static_cast<std::ptrdiff_t>(n), tokens.end());
}

bool contains(const std::vector<int>& list, int value) { return std::find(list.begin(), list.end(), value) != list.end(); }

/// Calls f(logit, how often the token occurs) for every token in the list that is a candidate, once each.
template <class Function>
void each_seen(Candidates& c, std::vector<int> tokens, Function f) {
    std::sort(tokens.begin(), tokens.end());
    for (Size i = 0, next = 0; i < tokens.size(); i = next) {
        while (next < tokens.size() && tokens[next] == tokens[i]) ++next;
        double& logit = c.logits[static_cast<Size>(tokens[i])];
        if (logit > -kInfinity) f(logit, static_cast<double>(next - i));
    }
}

double penalised(double logit, double penalty) { return logit <= 0 ? logit * penalty : logit / penalty; }

/// matches[i]: how many entries from i on equal the first ones. matches[0] is 0. The Z algorithm, O(n).
std::vector<Size> prefix_matches(const std::vector<int>& text) {
    std::vector<Size> matches(text.size());
    for (Size i = 1, left = 0, right = 0; i < text.size(); ++i) {
        Size n = i < right ? std::min(right - i, matches[i - left]) : 0;
        while (i + n < text.size() && text[n] == text[i + n]) ++n;
        matches[i] = n;
        if (i + n > right) left = i, right = i + n;
    }
    return matches;
}

std::vector<double> log_softmax(const std::vector<double>& logits) {
    std::vector<double> y(logits.size());
    const double whole = softmax_row(logits.data(), y.data(), y.size()).logsumexp();
    for (Size i = 0; i < y.size(); ++i) y[i] = logits[i] - whole;
    return y;
}

}  // namespace

void penalise_repetition(Candidates& c, const std::vector<int>& tokens, double penalty) {
    each_seen(c, tokens, [&](double& logit, double) { logit = penalised(logit, penalty); });
}

void penalise_counts(Candidates& c, const std::vector<int>& tokens, int last_n, double repeat, double frequency,
                     double presence) {
    each_seen(c, last_tokens(tokens, last_n),
              [&](double& logit, double count) { logit = penalised(logit, repeat) - count * frequency - presence; });
}

void penalise_dry(Candidates& c, const std::vector<int>& tokens, const DryPenalty& dry) {
    if (dry.multiplier == 0 || dry.base < 1) return;
    // 1. The text backwards, and how far back its end runs without a breaker.
    std::vector<int> text = last_tokens(tokens, dry.last_n);
    std::reverse(text.begin(), text.end());
    const Size allowed = static_cast<Size>(dry.allowed);
    if (text.size() <= allowed) return;
    Size reach = 0;
    while (reach < text.size() && !contains(dry.breakers, text[reach])) ++reach;
    if (reach < allowed) return;
    // 2. Each earlier place that ends as the text ends, and the token that came next there.
    struct Repeat {
        int next;
        Size length;
    };
    std::vector<Repeat> repeats;
    const std::vector<Size> matches = prefix_matches(text);
    for (Size place = 1; place < text.size(); ++place) {
        const Size length = std::min(matches[place], reach);
        if (length >= allowed && !contains(dry.breakers, text[place - 1])) repeats.push_back({text[place - 1], length});
    }
    // 3. The longest for each token.
    std::sort(repeats.begin(), repeats.end(),
              [](const Repeat& a, const Repeat& b) { return a.next != b.next ? a.next < b.next : a.length > b.length; });
    // In single precision, as llama.cpp computes, base^n stays finite up to here.
    const double most = dry.base > 1.000001 ? std::floor(88.7228391 / std::log(dry.base)) : kInfinity;
    for (Size i = 0; i < repeats.size(); ++i) {
        if (i > 0 && repeats[i].next == repeats[i - 1].next) continue;
        const double excess = std::min(static_cast<double>(repeats[i].length - allowed), most);
        c.logits[static_cast<Size>(repeats[i].next)] -= dry.multiplier * std::pow(dry.base, excess);
    }
}

void add_biases(Candidates& c, const std::vector<int>& tokens, const std::vector<double>& biases) {
    for (Size i = 0; i < tokens.size(); ++i) c.logits[static_cast<Size>(tokens[i])] += biases[i];
}

void ban(Candidates& c, const std::vector<int>& tokens) {
    std::vector<char> banned(c.logits.size()), keep(c.size());
    for (int token : tokens) banned[static_cast<Size>(token)] = 1;
    for (Size i = 0; i < c.size(); ++i) keep[i] = !banned[static_cast<Size>(c.ids[i])];
    retain(c, keep);
}

std::vector<int> repeated_ngrams(const std::vector<int>& tokens, int n) {
    std::vector<int> banned;
    const Size context = static_cast<Size>(n) - 1;
    if (tokens.size() < static_cast<Size>(n)) return banned;
    std::vector<int> text(tokens.rbegin(), tokens.rend());
    const std::vector<Size> matches = prefix_matches(text);
    for (Size place = 1; place < text.size(); ++place) {
        if (matches[place] >= context) banned.push_back(text[place - 1]);
    }
    if (n == 1) banned.push_back(text.back());
    std::sort(banned.begin(), banned.end());
    banned.erase(std::unique(banned.begin(), banned.end()), banned.end());
    return banned;
}

NoRepeatNgramsResult no_repeat_ngrams(const NoRepeatNgramsOptions& o) {
    require(o.n >= 1, "no_repeat_ngrams: n must be at least 1, got ", o.n);
    for (int token : o.tokens) {
        require(token >= 0 && token < o.vocabulary, "no_repeat_ngrams: tokens must lie below the vocabulary size ",
                o.vocabulary, ", got ", token);
    }
    return {repeated_ngrams(o.tokens, o.n)};
}

double length_bonus(double logit, int start, double factor, int prompt_length, int length) {
    const double beyond = static_cast<double>(length) - prompt_length - start;
    return beyond > 0 && logit > -kInfinity ? std::fabs(logit) * (std::pow(factor, beyond) - 1) : 0;
}

ExponentialLengthPenaltyResult exponential_length_penalty(const ExponentialLengthPenaltyOptions& o) {
    const Size V = check_shapes(o)["V"];
    require(o.factor > 0, "exponential_length_penalty: factor must be above 0, got ", o.factor);
    require(o.eos >= 0 && static_cast<Size>(o.eos) < V,
            "exponential_length_penalty: eos must lie below the vocabulary size ", V, ", got ", o.eos);
    for (int count : {o.start, o.length, o.prompt_length})
        require(count >= 0, "exponential_length_penalty: lengths must be at least 0, got ", count);
    for (double logit : o.logits.data)
        require(logit < kInfinity, "exponential_length_penalty: logits must be below infinity, got ", logit);
    ExponentialLengthPenaltyResult r{o.logits};
    double& end = r.logits_out.data[static_cast<Size>(o.eos)];
    r.bonus = length_bonus(end, o.start, o.factor, o.prompt_length, o.length);
    require(std::isfinite(r.bonus) && end + r.bonus < kInfinity,
            "exponential_length_penalty: factor and length are too large, the bonus would be ", r.bonus);
    end += r.bonus;
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        const Size eos = static_cast<Size>(o.eos);
        const bool sets_in = r.bonus != 0;
        const double beyond = static_cast<double>(o.length) - o.prompt_length - o.start;
        add_given(trace, {"logits", "z", "logit", "input", "V"}, o.logits);
        add_number(trace, {"bonus", "b", "what the end token gains", "scores", ""}, r.bonus,
                   [=, factor = o.factor](const Index&, Pen& pen) {
                       pen.rule(sets_in ? "The size of the end token's logit, times how much the factor has grown by now."
                                        : "Nothing yet.",
                                sets_in ? "|z| (f^n - 1)" : "0");
                       pen.scalar("z", "logits", {eos});
                       pen.constant("n", "tokens beyond the start", beyond);
                       pen.constant("f", "factor", factor);
                       pen.step("b", "bonus", sets_in ? "abs(z) * (exp(n * log(f)) - 1)" : "0");
                   });
        add_made(trace, {"logitsOut", "z'", "logit after", "scores", "V"}, r.logits_out, [eos](const Index& at, Pen& pen) {
            const bool ends = at[0] == eos;
            pen.rule(ends ? "The end token's logit and its bonus." : "Not the end token: as it was.", ends ? "z + b" : "z");
            pen.scalar("z", "logits", at);
            if (ends) pen.scalar("b", "bonus", {});
            pen.step("y", "logit", ends ? "z + b" : "z");
        });
    }
    return r;
}

void guide(const char* function, Candidates& c, const std::vector<double>& unconditional, double guidance) {
    const auto with = log_softmax(c.logits), without = log_softmax(unconditional);
    for (int token : c.ids) {
        const Size id = static_cast<Size>(token);
        const double score = without[id] + guidance * (with[id] - without[id]);
        require(std::isfinite(score), function, ": the logits and guidance are too large, got a score of ", score);
        c.logits[id] = score;
    }
}

LogitGuidanceResult logit_guidance(const LogitGuidanceOptions& o) {
    check_shapes(o);
    Candidates c = candidates_of(o.conditional.data);
    guide("logit_guidance", c, o.unconditional.data, o.guidance);
    LogitGuidanceResult r{Array<double>(o.conditional.shape, std::move(c.logits))};
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        const auto add_side = [&](const char* name, const Array<double>& logits, const SoftmaxNames& names,
                                  const char* log) {
            add_given(trace, {name, "z", "logit", "input", "V"}, logits);
            add_softmax(trace, name, names);
            trace.derive({log, "ln p", "log-probability", "scores", "V"}, logits.shape, log_probability_rule(name, names));
        };
        add_side("conditional", o.conditional, {"maximum", "exponentials", "sum", "with"}, "logWith");
        add_side("unconditional", o.unconditional, {"maximumU", "exponentialsU", "sumU", "without"}, "logWithout");
        add_made(trace, {"scores", "s", "guided score", "scores", "V"}, r.scores,
                 recipe_rule({"Without the prompt, and the way from there to with it, stretched.",
                              "\\ln p_u + \\gamma (\\ln p_c - \\ln p_u)",
                              {{"c", "logWith"}, {"u", "logWithout"}},
                              {{"g", "guidance", o.guidance}},
                              {{"d", "the way", "c - u"}, {"s", "score", "u + g * d"}}}));
    }
    return r;
}

}  // namespace clearformer
