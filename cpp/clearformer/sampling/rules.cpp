#include "clearformer/sampling/rules.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer {
namespace {

struct Reason {
    const char *type, *words, *formula;
};

/// Why a stage drops a token.
constexpr Reason kReasons[] = {
    {"temperature", "Dropped: at temperature 0 only the largest logit stays.", "-\\infty"},
    {"dynamic_temperature", "Dropped: at temperature 0 only the largest logit stays.", "-\\infty"},
    {"top_k", "Dropped: not among the k largest logits.", "z_i < z_{(k)}"},
    {"top_p", "Dropped: the likelier tokens already sum to p.", "\\sum_{j: p_j > p_i} p_j \\ge p"},
    {"min_p", "Dropped: its probability is below the fraction p of the largest.", "p_i < p \\max_j p_j"},
    {"typical", "Dropped: tokens whose surprise is closer to the entropy already sum to p.",
     "\\bigl|-\\log p_i - H\\bigr| \\text{ too large}"},
    {"epsilon", "Dropped: its probability is below epsilon.", "p_i < \\varepsilon"},
    {"eta", "Dropped: its probability is below eta.", "p_i < \\eta = \\min(\\varepsilon, \\sqrt{\\varepsilon}\\, e^{-H})"},
    {"top_n_sigma", "Dropped: its logit is more than n standard deviations below the largest.",
     "z_i < \\max_j z_j - n \\sigma"},
    {"top_h", "Dropped: up to it the likelier tokens hold more than the fraction h of the entropy.",
     "-\\sum_{j: p_j \\ge p_i} p_j \\log p_j > h H"},
    {"p_less", "Dropped: its probability is below the chance that two draws agree.", "p_i < \\sum_j p_j^2"},
    {"xtc", "Dropped: it is above the threshold, and so is a less likely token.", "p_i > p_j \\ge \\text{threshold}"},
    {"no_repeat_ngram", "Dropped: it would complete an n-gram that the text already has.", "-\\infty"},
    {"suppress", "Dropped: the token is suppressed.", "-\\infty"},
};

bool is_filter(const std::string& type) {
    for (const Reason& reason : kReasons) {
        if (type == reason.type) return true;
    }
    return false;
}

void explain_dropped(Pen& pen, const std::string& type, bool already) {
    const Reason* reason = &kReasons[0];
    for (const Reason& candidate : kReasons) {
        if (type == candidate.type) reason = &candidate;
    }
    if (already) pen.rule("Dropped before this stage.", "-\\infty");
    else pen.rule(reason->words, reason->formula);
    pen.constant("d", "dropped", -kInfinity);
    pen.step("y", "dropped", "x + d");
}

Index last_axis(Index at, Size v) {
    at.push_back(v);
    return at;
}

/// The tokens of a row that have a probability above 0.
std::vector<Size> possible(const Pen& pen, const char* p, const Index& row, Size count) {
    std::vector<Size> tokens;
    for (Size v = 0; v < count; ++v) {
        if (pen.value(p, last_axis(row, v)) > 0) tokens.push_back(v);
    }
    return tokens;
}

void row_of(Pen& pen, const char* symbol, const char* tensor, const Index& row, const std::vector<Size>& tokens) {
    pen.vector(symbol, tensor, tokens.size(), [&](Size i) { return last_axis(row, tokens[i]); });
}

/// The stage alone, on logits of 0: what it adds to every token.
std::vector<double> additions(const SamplerStage& stage, const StageContext& context, Size vocabulary) {
    Candidates zeros = candidates_of(std::vector<double>(vocabulary));
    apply_stage(zeros, stage, context);
    return zeros.logits;
}

Rule added_rule(const char* logits, const char* words, const char* formula, const char* name, std::vector<double> added) {
    return [=, added = std::move(added)](const Index& at, Pen& pen) {
        const bool changed = added[at[0]] != 0;
        pen.rule(changed ? words : "This stage leaves the token alone.", changed ? formula : "z_i");
        pen.scalar("x", logits, at);
        if (changed) pen.constant("b", name, added[at[0]]);
        pen.step("y", changed ? "sum" : "unchanged", changed ? "x + b" : "x");
    };
}

/// Repetition, frequency and presence: counts[v] is how often token v is in the window.
Rule counted_rule(const char* logits, double repeat, double frequency, double presence, std::vector<double> counts) {
    return [=, counts = std::move(counts)](const Index& at, Pen& pen) {
        const double count = counts[at[0]];
        const bool above = pen.value(logits, at) > 0;
        if (count == 0) {
            pen.rule("The token has not occurred: this stage leaves it alone.", "z_i");
            pen.scalar("x", logits, at);
            pen.step("y", "unchanged", "x");
            return;
        }
        pen.rule(
            above
                ? "The token has occurred: its logit, above 0, is divided by the repetition penalty, and pays for how often."
                : "The token has occurred: its logit, not above 0, is multiplied by the repetition penalty, and pays for "
                  "how "
                  "often.",
            above ? "z_i / r - n_i f - p" : "z_i\\, r - n_i f - p");
        pen.scalar("x", logits, at);
        pen.constant("r", "repetition penalty", repeat);
        pen.constant("n", "occurrences", count);
        pen.constant("f", "frequency penalty", frequency);
        pen.constant("p", "presence penalty", presence);
        pen.step("s", "repetition", above ? "x / r" : "x * r");
        pen.step("y", "penalised", "s - n * f - p");
    };
}

std::vector<double> counts_in(const std::vector<int>& tokens, int last_n, Size vocabulary) {
    std::vector<double> counts(vocabulary);
    const Size first =
        last_n < 0 || static_cast<Size>(last_n) > tokens.size() ? 0 : tokens.size() - static_cast<Size>(last_n);
    for (Size i = first; i < tokens.size(); ++i) counts[static_cast<Size>(tokens[i])] += 1;
    return counts;
}

Rule temperature_rule(const char* logits, double divisor) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The logit divided by the temperature.", "z_i / \\tau");
        pen.scalar("x", logits, at);
        pen.constant("tau", "temperature", divisor);
        pen.step("y", "divided", "x / tau");
    };
}

Rule length_rule(const char* logits, Size eos, double factor, double beyond) {
    return [=](const Index& at, Pen& pen) {
        const bool grows = at[0] == eos && beyond > 0;
        pen.rule(grows ? "The end token gains with every token after the start." : "This stage leaves the token alone.",
                 grows ? "z_i + |z_i| (f^n - 1)" : "z_i");
        pen.scalar("x", logits, at);
        if (grows) pen.constant("f", "factor", factor);
        if (grows) pen.constant("n", "tokens after the start", beyond);
        if (grows) pen.step("g", "factor to the power n", "exp(n * log(f))");
        pen.step("y", grows ? "raised" : "unchanged", grows ? "x + abs(x) * (g - 1)" : "x");
    };
}

double logsumexp(std::vector<double> logits) { return softmax_row(logits.data(), logits.data(), logits.size()).logsumexp(); }

Rule guidance_rule(const char* logits, double guidance, const Candidates& before, std::vector<double> unconditional) {
    const double with = logsumexp(before.logits), without = logsumexp(unconditional);
    return [=, unconditional = std::move(unconditional)](const Index& at, Pen& pen) {
        pen.rule("The unconditional log-probability, moved by the guidance times what the prompt changes.",
                 "\\log p_u + g\\, (\\log p_c - \\log p_u)");
        pen.scalar("x", logits, at);
        pen.constant("u", "unconditional logit", unconditional[at[0]]);
        pen.constant("Zc", "log of the sum of exponentials, conditional", with);
        pen.constant("Zu", "log of the sum of exponentials, unconditional", without);
        pen.constant("g", "guidance", guidance);
        pen.step("c", "conditional log-probability", "x - Zc");
        pen.step("v", "unconditional log-probability", "u - Zu");
        pen.step("y", "guided", "v + g * (c - v)");
    };
}

/// What the stage does to a logit that stays.
Rule kept_rule(const char* logits, const SamplerStage& s, const StageContext& context, const Candidates& before) {
    const Size V = before.logits.size();
    const bool hf = context.library == Library::kHuggingFace;
    if (s.type == "temperature" || s.type == "dynamic_temperature") {
        Candidates copy = before;
        const double chosen = apply_dynamic_temperature(copy, s.temperature.value_or(hf ? 1 : 0.8), s.range.value_or(0),
                                                        s.exponent.value_or(1));
        return temperature_rule(logits, chosen > 0 ? chosen : 1);
    }
    if (s.type == "repetition") {
        std::vector<double> seen = counts_in(context.tokens, -1, V);
        return counted_rule(logits, *s.penalty, 0, 0, std::move(seen));
    }
    if (s.type == "frequency" || s.type == "presence") {
        const bool frequency = s.type == "frequency";
        return counted_rule(logits, 1, frequency ? *s.penalty : 0, frequency ? 0 : *s.penalty,
                            counts_in(context.tokens, s.last_n.value_or(-1), V));
    }
    if (s.type == "penalties") {
        return counted_rule(logits, s.repeat.value_or(1), s.frequency.value_or(0), s.presence.value_or(0),
                            counts_in(context.tokens, s.last_n.value_or(hf ? -1 : 64), V));
    }
    if (s.type == "dry") {
        return added_rule(
            logits,
            "The token would continue a repetition: it loses multiplier times base to the power of the excess length.",
            "z_i - m\\, b^{n - \\text{allowed}}", "minus the penalty", additions(s, context, V));
    }
    if (s.type == "logit_bias")
        return added_rule(logits, "The logit plus the token's bias.", "z_i + b_i", "bias", additions(s, context, V));
    if (s.type == "exp_decay_length") {
        const double length = s.length.value_or(static_cast<int>(context.tokens.size()));
        return length_rule(logits, static_cast<Size>(*s.eos), *s.factor, length - s.prompt_length.value_or(0) - *s.start);
    }
    if (s.type == "guidance") return guidance_rule(logits, s.guidance.value_or(1.5), before, *s.unconditional);
    return [=](const Index& at, Pen& pen) {
        pen.rule("Kept, as it stands.", "z_i");
        pen.scalar("x", logits, at);
        pen.step("y", "kept", "x");
    };
}

}  // namespace

Rule stage_rule(const char* logits, const SamplerStage& stage, const StageContext& context, const Candidates& before,
                const Candidates& after) {
    const Rule kept = kept_rule(logits, stage, context, before);
    return [=, type = stage.type, out = after.logits](const Index& at, Pen& pen) {
        if (out[at[0]] > -kInfinity) return kept(at, pen);
        pen.scalar("x", logits, at);
        explain_dropped(pen, type, pen.value(logits, at) == -kInfinity || !is_filter(type));
    };
}

void add_softmax(Trace& trace, const char* logits, const SoftmaxNames& names) {
    const bool one_row = trace.node(logits).shape.size() == 1;
    const char *letters = one_row ? "V" : "T V", *row_letters = one_row ? "" : "T";
    record_softmax(trace, logits,
                   {{names.maximum, "m", "largest logit", "scores", row_letters},
                    {names.exponentials, "e", "exponential", "scores", letters},
                    {names.sum, "Z", "sum of exponentials", "scores", row_letters},
                    {names.probabilities, "p", "probability", "weights", letters}});
}

Rule log_probability_rule(const char* logits, const SoftmaxNames& names) {
    return [=](const Index& at, Pen& pen) {
        Index row = at;
        row.pop_back();
        pen.rule("The logit minus the log of the sum of all exponentials.", "z_v - m - \\log Z");
        pen.scalar("x", logits, at);
        pen.scalar("m", names.maximum, row);
        pen.scalar("Z", names.sum, row);
        pen.step("y", "log-probability", "x - m - log(Z)");
    };
}

Rule token_entropy_rule(const char* p, const char* log_p, Size count) {
    return [=](const Index& at, Pen& pen) {
        const std::vector<Size> tokens = possible(pen, p, at, count);
        pen.rule("The mean surprise: every possible token's surprise, weighted by its probability.",
                 "-\\sum_v p_v \\log p_v");
        row_of(pen, "p", p, at, tokens);
        row_of(pen, "l", log_p, at, tokens);
        pen.step("s", "weighted surprises", "-(p * l)");
        pen.step("H", "sum", "sum(s)");
    };
}

Rule varentropy_rule(const char* p, const char* log_p, const char* entropy, Size count) {
    return [=](const Index& at, Pen& pen) {
        const std::vector<Size> tokens = possible(pen, p, at, count);
        pen.rule("How much the surprise varies: its mean squared distance from the entropy.",
                 "\\sum_v p_v (\\log p_v + H)^2");
        row_of(pen, "p", p, at, tokens);
        row_of(pen, "l", log_p, at, tokens);
        pen.scalar("H", entropy, at);
        pen.step("d", "distances", "l + H");
        pen.step("v", "varentropy", "sum(p * d * d)");
    };
}

Rule divergence_rule(const char* p, const char* log_p, const char* log_q, Size count) {
    return [=](const Index& at, Pen& pen) {
        const std::vector<Size> tokens = possible(pen, p, at, count);
        pen.rule(
            "How much likelier each token is under the first than under the second, in logarithms, weighted by the first.",
            "\\sum_v p_v (\\log p_v - \\log q_v)");
        row_of(pen, "p", p, at, tokens);
        row_of(pen, "a", log_p, at, tokens);
        row_of(pen, "b", log_q, at, tokens);
        pen.step("d", "log ratios", "a - b");
        pen.step("D", "divergence", "sum(p * d)");
    };
}

}  // namespace clearformer
