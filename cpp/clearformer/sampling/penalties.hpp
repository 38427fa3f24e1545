#pragma once

// Changes of logits that depend on the tokens so far, or on the token alone.

#include "clearformer/sampling/filters.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// Divides a seen token's logit by `penalty` where it is above 0 and multiplies it where it is below (Keskar et al. 2019).
/// A token counts once however often it was seen.
void penalise_repetition(Candidates& candidates, const std::vector<int>& tokens, double penalty);

/// Over the last `last_n` tokens (-1: all, 0: nothing happens): the repetition penalty, then
/// logit -= count * frequency + presence for every token with a count above 0.
void penalise_counts(Candidates& candidates, const std::vector<int>& tokens, int last_n, double repeat, double frequency,
                     double presence);

/// DRY, "don't repeat yourself", as in llama.cpp.
struct DryPenalty {
    double multiplier, base;
    int allowed, last_n;        // last_n -1: all tokens
    std::vector<int> breakers;  // tokens that no repetition reaches across
};

/// Where the end of the text also occurs earlier, over n >= allowed tokens, the token that followed there loses
/// multiplier * base^(n - allowed); of several such places the longest counts. Breakers themselves lose nothing.
void penalise_dry(Candidates& candidates, const std::vector<int>& tokens, const DryPenalty& dry);

/// Adds biases[i] to the logit of tokens[i]. A dropped token stays dropped.
void add_biases(Candidates& candidates, const std::vector<int>& tokens, const std::vector<double>& biases);

/// Drops tokens.
void ban(Candidates& candidates, const std::vector<int>& tokens);

/// The scores of logit_guidance in place of the logits of the candidates; a dropped token stays dropped.
void guide(const char* function, Candidates& candidates, const std::vector<double>& unconditional, double guidance);

/// Tokens that would complete an n-gram that the text already has, ascending.
std::vector<int> repeated_ngrams(const std::vector<int>& tokens, int n);

/// tokens: the text so far. vocabulary: V, above every token.
struct NoRepeatNgramsOptions {
    static constexpr const char* kFunction = "no_repeat_ngrams";
    std::vector<int> tokens;
    int n = 0, vocabulary = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
        field.required("n", n);
        field.required("vocabulary", vocabulary);
    }
};

struct NoRepeatNgramsResult {
    std::vector<int> banned;  // ascending
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("banned", banned);
    }
};

/// The tokens that must not come next if no n-gram is to occur twice (Paulus et al. 2017, section 2.5). A text shorter
/// than n - 1 tokens bans nothing; n = 1 bans every token of the text.
/// Throws DomainError for n < 1 and tokens outside 0 .. vocabulary - 1.
NoRepeatNgramsResult no_repeat_ngrams(const NoRepeatNgramsOptions& options);

/// What exponential_length_penalty adds to a logit of `logit`.
double length_bonus(double logit, int start, double factor, int prompt_length, int length);

/// logits [V]; start: generated tokens before the penalty sets in; length: all tokens so far, with the prompt's.
struct ExponentialLengthPenaltyOptions {
    static constexpr const char* kFunction = "exponential_length_penalty";
    Array<double> logits;
    int eos = 0, start = 0, length = 0, prompt_length = 0;
    double factor = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "V", kAnyNumber);
        field.required("eos", eos);
        field.required("start", start);
        field.required("factor", factor);
        field.required("length", length);
        field.optional("prompt_length", prompt_length);
        field.optional("trace", trace);
    }
};

struct ExponentialLengthPenaltyResult {
    Array<double> logits_out;  // [V]
    double bonus = 0;          // what the end token's logit gained
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits_out", logits_out, "V", kAnyNumber);
        field.required("bonus", bonus);
        field.optional("trace", trace);
    }
};

/// Lets the end token grow likelier with every token after the start: its logit gains
/// |logit| (factor^(length - prompt_length - start) - 1), nothing before that. An end token of -inf stays.
/// Throws DomainError for factor <= 0, negative counts, an eos outside the vocabulary and a gain too large for a
/// double.
ExponentialLengthPenaltyResult exponential_length_penalty(const ExponentialLengthPenaltyOptions& options);

/// conditional, unconditional [V]: logits with and without the prompt.
struct LogitGuidanceOptions {
    static constexpr const char* kFunction = "logit_guidance";
    Array<double> conditional, unconditional;
    double guidance = 1.5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("conditional", conditional, "V");
        field.required("unconditional", unconditional, "V");
        field.optional("guidance", guidance);
        field.optional("trace", trace);
    }
};

struct LogitGuidanceResult {
    Array<double> scores;  // [V]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("scores", scores, "V");
        field.optional("trace", trace);
    }
};

/// Classifier-free guidance for text: log p_u + guidance (log p_c - log p_u), with the two log-softmaxes (Sanchez et al.
/// 2023, equation 7). Guidance 1 gives log p_c, 0 gives log p_u.
/// Throws DomainError for a guidance that is so large that a score is not finite.
LogitGuidanceResult logit_guidance(const LogitGuidanceOptions& options);

}  // namespace clearformer
