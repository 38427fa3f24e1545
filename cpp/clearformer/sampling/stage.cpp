#include "clearformer/sampling/stage.hpp"

#include <cmath>

namespace clearformer {
namespace {

constexpr double kLargestLogit = 1e150;

/// A type, what it must have and what it may have, as words.
struct StageType {
    const char *name, *required, *optional;
};
constexpr StageType kTypes[] = {
    {"temperature", "", "temperature"},
    {"dynamic_temperature", "", "temperature range exponent"},
    {"top_k", "", "k min_keep"},
    {"top_p", "", "p min_keep"},
    {"min_p", "", "p min_keep"},
    {"typical", "", "p min_keep"},
    {"epsilon", "epsilon", "min_keep"},
    {"eta", "epsilon", "min_keep"},
    {"top_n_sigma", "n", ""},
    {"top_h", "h", ""},
    {"p_less", "", "normalised min_keep"},
    {"xtc", "", "threshold probability min_keep"},
    {"repetition", "penalty", ""},
    {"frequency", "penalty", "last_n"},
    {"presence", "penalty", "last_n"},
    {"penalties", "", "last_n repeat frequency presence"},
    {"dry", "multiplier", "base allowed last_n breakers"},
    {"no_repeat_ngram", "n", ""},
    {"logit_bias", "tokens biases", ""},
    {"suppress", "tokens", ""},
    {"exp_decay_length", "eos start factor", "prompt_length length"},
    {"guidance", "unconditional", "guidance"},
};

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const Size end = std::min(words.find(' '), words.size());
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

const StageType& find_type(const char* function, const std::string& name) {
    std::string names;
    for (const StageType& type : kTypes) {
        if (name == type.name) return type;
        names += (names.empty() ? "" : ", ") + std::string(type.name);
    }
    fail({function, ": the type of a stage must be one of ", names, ", got \"", name, "\""});
}

int whole(double n) { return static_cast<int>(n); }

}  // namespace

void check_logits(const char* function, const std::vector<double>& logits) {
    for (double logit : logits) {
        require(logit == -kInfinity || std::fabs(logit) <= kLargestLogit, function,
                ": logits must be -infinity or between -1e150 and 1e150, got ", logit);
    }
}

Library library_named(const char* function, const std::string& name) {
    require(name == "hf" || name == "llama.cpp", function, ": semantics must be hf or llama.cpp, got \"", name, "\"");
    return name == "hf" ? Library::kHuggingFace : Library::kLlamaCpp;
}

void check_stage(const SamplerStage& s, Size vocabulary, const StageContext& context) {
    const char* function = context.function;
    // 1. The parameters are those of the type.
    const StageType& type = find_type(function, s.type);
    FieldList list;
    list_fields(const_cast<SamplerStage&>(s), list);
    for (const Field& field : list) {
        if (field.required) continue;
        const bool needed = has_word(type.required, field.name), known = needed || has_word(type.optional, field.name);
        require(known || !field.has(), function, ": stage ", s.type, " takes ", type.required, *type.required ? " " : "",
                type.optional, ", not ", field.name);
        require(!needed || field.has(), function, ": stage ", s.type, " needs ", field.name);
    }
    // 2. Their values are in their domains.
    const auto at_least = [&](const char* name, double value, double bound) {
        require(value >= bound, function, ": ", name, " of stage ", s.type, " must be at least ", bound, ", got ", value);
    };
    const auto above_0 = [&](const char* name, double value) {
        require(value > 0, function, ": ", name, " of stage ", s.type, " must be above 0, got ", value);
    };
    const auto tokens_fit = [&](const char* name, const std::vector<int>& tokens) {
        for (int token : tokens) {
            require(token >= 0 && static_cast<Size>(token) < vocabulary, function, ": ", name, " of stage ", s.type,
                    " must lie below the vocabulary size ", vocabulary, ", got ", token);
        }
    };
    if (s.temperature) at_least("temperature", *s.temperature, 0);
    if (s.range) at_least("range", *s.range, 0);
    if (s.exponent) at_least("exponent", *s.exponent, 0);
    if (s.p) at_least("p", *s.p, 0);
    if (s.min_keep) at_least("min_keep", *s.min_keep, 0);
    if (s.epsilon) at_least("epsilon", *s.epsilon, 0);
    if (s.h) at_least("h", *s.h, 0);
    if (s.threshold) at_least("threshold", *s.threshold, 0);
    if (s.probability) at_least("probability", *s.probability, 0);
    if (s.last_n) at_least("last_n", *s.last_n, -1);
    if (s.multiplier) at_least("multiplier", *s.multiplier, 0);
    if (s.base) at_least("base", *s.base, 0);
    if (s.allowed) at_least("allowed", *s.allowed, 0);
    if (s.repeat) above_0("repeat", *s.repeat);
    if (s.factor) above_0("factor", *s.factor);
    if (s.start) at_least("start", *s.start, 0);
    if (s.prompt_length) at_least("prompt_length", *s.prompt_length, 0);
    if (s.length) at_least("length", *s.length, 0);
    if (s.type == "repetition") above_0("penalty", *s.penalty);
    if (s.type == "no_repeat_ngram") {
        require(*s.n >= 1 && *s.n <= 1e9 && *s.n == std::floor(*s.n), function,
                ": n of stage no_repeat_ngram must be a whole number from 1 to 1e9, got ", *s.n);
    }
    if (s.tokens) tokens_fit("tokens", *s.tokens);
    if (s.breakers) {
        for (int token : *s.breakers) at_least("breakers", token, 0);
    }
    if (s.eos) tokens_fit("eos", {*s.eos});
    if (s.biases) {
        require(s.biases->size() == s.tokens->size(), function, ": stage logit_bias needs one bias for each token, got ",
                s.biases->size(), " for ", s.tokens->size());
    }
    if (s.unconditional) {
        require(s.unconditional->size() == vocabulary, function, ": unconditional of stage guidance must have ", vocabulary,
                " logits, got ", s.unconditional->size());
    }
}

void apply_stage(Candidates& c, const SamplerStage& s, const StageContext& context) {
    const bool hf = context.library == Library::kHuggingFace;
    const auto is = [&](const char* type) { return s.type == type; };
    const int min_keep = s.min_keep.value_or(1), last_n = s.last_n.value_or(is("penalties") && !hf ? 64 : -1);
    const double temperature = s.temperature.value_or(hf ? 1 : 0.8);
    if (is("temperature")) apply_temperature(c, temperature);
    else if (is("dynamic_temperature"))
        apply_dynamic_temperature(c, temperature, s.range.value_or(0), s.exponent.value_or(1));
    else if (is("top_k")) keep_top_k(c, s.k.value_or(hf ? 50 : 40), min_keep, context.library);
    else if (is("top_p")) keep_top_p(c, s.p.value_or(hf ? 1 : 0.95), min_keep, context.library);
    else if (is("min_p")) keep_min_p(c, s.p.value_or(hf ? 0 : 0.05), min_keep);
    else if (is("typical")) keep_typical(c, s.p.value_or(1), min_keep, context.library);
    else if (is("epsilon")) keep_epsilon(c, *s.epsilon, min_keep);
    else if (is("eta")) keep_eta(c, *s.epsilon, min_keep);
    else if (is("top_n_sigma")) keep_top_n_sigma(c, *s.n);
    else if (is("top_h")) keep_top_h(c, *s.h);
    else if (is("p_less")) keep_p_less(c, s.normalised.value_or(false), min_keep);
    else if (is("xtc")) {
        if (context.chance < s.probability.value_or(1)) exclude_top_choices(c, s.threshold.value_or(0.1), min_keep);
    } else if (is("repetition")) penalise_repetition(c, context.tokens, *s.penalty);
    else if (is("frequency")) penalise_counts(c, context.tokens, last_n, 1, *s.penalty, 0);
    else if (is("presence")) penalise_counts(c, context.tokens, last_n, 1, 0, *s.penalty);
    else if (is("penalties")) {
        penalise_counts(c, context.tokens, last_n, s.repeat.value_or(1), s.frequency.value_or(0), s.presence.value_or(0));
    } else if (is("dry")) {
        penalise_dry(
            c, context.tokens,
            {*s.multiplier, s.base.value_or(1.75), s.allowed.value_or(2), last_n, s.breakers.value_or(std::vector<int>{})});
    } else if (is("no_repeat_ngram")) ban(c, repeated_ngrams(context.tokens, whole(*s.n)));
    else if (is("logit_bias")) add_biases(c, *s.tokens, *s.biases);
    else if (is("suppress")) ban(c, *s.tokens);
    else if (is("exp_decay_length")) {
        double& end = c.logits[static_cast<Size>(*s.eos)];
        end += length_bonus(end, *s.start, *s.factor, s.prompt_length.value_or(0),
                            s.length.value_or(static_cast<int>(context.tokens.size())));
    } else if (is("guidance")) {
        guide(context.function, c, *s.unconditional, s.guidance.value_or(1.5));
    }
    check_logits(context.function, c.logits);
}

}  // namespace clearformer
