#pragma once

// One stage of a sampler chain: a type and its parameters.

#include "clearformer/sampling/penalties.hpp"

namespace clearformer {

/// The types, with what they take (defaults in brackets; those that depend on the library are given for Hugging Face /
/// llama.cpp):
///
///     temperature          temperature (1 / 0.8)
///     dynamic_temperature  temperature (1 / 0.8), range (0), exponent (1)
///     top_k                k (50 / 40), min_keep (1)
///     top_p                p (1 / 0.95), min_keep (1)
///     min_p                p (0 / 0.05), min_keep (1)
///     typical              p (1), min_keep (1)
///     epsilon, eta         epsilon, min_keep (1)
///     top_n_sigma          n
///     top_h                h
///     p_less               normalised (false), min_keep (1)
///     xtc                  threshold (0.1), probability (1), min_keep (1)
///     repetition           penalty
///     frequency, presence  penalty, last_n (-1)
///     penalties            last_n (-1 / 64), repeat (1), frequency (0), presence (0)
///     dry                  multiplier, base (1.75), allowed (2), last_n (-1), breakers (none)
///     no_repeat_ngram      n
///     logit_bias           tokens, biases
///     suppress             tokens
///     exp_decay_length     eos, start, factor, prompt_length (0), length (the number of tokens)
///     guidance             guidance (1.5), unconditional
struct SamplerStage {
    std::string type;
    std::optional<double> temperature, range, exponent, p, epsilon, n, h, threshold, probability, penalty, repeat, frequency,
        presence, multiplier, base, factor, guidance;
    std::optional<int> k, min_keep, last_n, allowed, eos, start, prompt_length, length;
    std::optional<bool> normalised;
    std::optional<std::vector<int>> breakers, tokens;
    std::optional<std::vector<double>> biases, unconditional;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("type", type);
        field.optional("temperature", temperature);
        field.optional("range", range);
        field.optional("exponent", exponent);
        field.optional("k", k);
        field.optional("p", p);
        field.optional("min_keep", min_keep);
        field.optional("epsilon", epsilon);
        field.optional("n", n);
        field.optional("h", h);
        field.optional("normalised", normalised);
        field.optional("threshold", threshold);
        field.optional("probability", probability);
        field.optional("penalty", penalty);
        field.optional("last_n", last_n);
        field.optional("repeat", repeat);
        field.optional("frequency", frequency);
        field.optional("presence", presence);
        field.optional("multiplier", multiplier);
        field.optional("base", base);
        field.optional("allowed", allowed);
        field.optional("breakers", breakers);
        field.optional("tokens", tokens);
        field.optional("biases", biases);
        field.optional("eos", eos);
        field.optional("start", start);
        field.optional("factor", factor);
        field.optional("prompt_length", prompt_length);
        field.optional("length", length);
        field.optional("guidance", guidance);
        field.optional("unconditional", unconditional);
    }
};

/// What a stage needs besides the candidates.
struct StageContext {
    const char* function;
    Library library;
    const std::vector<int>& tokens;  // the text so far
    double chance;                   // a draw from [0, 1), for a stage that happens with a probability
};

/// Throws DomainError for an unknown type, a parameter that the type does not have, lacks or does not allow.
void check_stage(const SamplerStage& stage, Size vocabulary, const StageContext& context);

/// Throws DomainError where a logit would leave -1e150 .. 1e150.
void apply_stage(Candidates& candidates, const SamplerStage& stage, const StageContext& context);

/// Throws DomainError for a logit that is neither -inf nor within -1e150 .. 1e150, a span in which every sum of squares is
/// finite.
void check_logits(const char* function, const std::vector<double>& logits);

/// Throws DomainError for anything but "hf" and "llama.cpp".
Library library_named(const char* function, const std::string& name);

}  // namespace clearformer
