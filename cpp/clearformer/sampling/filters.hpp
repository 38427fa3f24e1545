#pragma once

// Truncations: which candidates are dropped before one is drawn. Each takes the softmax of the candidates that are left
// when it begins, so that every filter sees renormalised probabilities.
//
// Hugging Face Transformers and llama.cpp differ in details; `Library` chooses between them. Every filter but
// top-n-sigma and top-h keeps at least `min_keep` candidates where there are as many. A threshold that a
// probability meets exactly keeps it.

#include "clearformer/sampling/candidates.hpp"

namespace clearformer {

enum class Library { kHuggingFace, kLlamaCpp };

/// Scales every logit by 1 / temperature. A temperature of 0 keeps the largest logit alone, unscaled (of equal ones the
/// lowest id).
void apply_temperature(Candidates& candidates, double temperature);

/// Temperature by entropy, as in llama.cpp: between max(0, t - range) and t + range, at the fraction
/// (entropy / log of the number of candidates)^exponent. Range 0 is plain temperature. Returns what it divided by.
double apply_dynamic_temperature(Candidates& candidates, double temperature, double range, double exponent);

/// The k largest logits (Fan et al. 2018); k of 0 or less keeps all. Hugging Face keeps every token equal to the k-th
/// and at least min_keep, llama.cpp exactly k.
void keep_top_k(Candidates& candidates, int k, int min_keep, Library library);

/// The shortest descending prefix whose probabilities sum to at least p (Holtzman et al. 2020). p of 1 or more keeps
/// all. Of equal logits Hugging Face keeps the higher ids, as a stable ascending sort does, llama.cpp here the lower.
void keep_top_p(Candidates& candidates, double p, int min_keep, Library library);

/// Every token at least p times as likely as the likeliest (Nguyen et al. 2024). p of 0 or less keeps all; the
/// likeliest always stays.
void keep_min_p(Candidates& candidates, double p, int min_keep);

/// Locally typical sampling (Meister et al. 2023): tokens by |-log p_i - entropy|, ascending, until their sum
/// reaches p (Hugging Face, which also keeps tokens as typical as the last) or exceeds it (llama.cpp). p of 1 or more
/// keeps all.
void keep_typical(Candidates& candidates, double p, int min_keep, Library library);

/// Every token with probability at least epsilon (Hewitt et al. 2022), and those equal to the min_keep-th.
void keep_epsilon(Candidates& candidates, double epsilon, int min_keep);

/// Epsilon with the threshold min(epsilon, sqrt(epsilon) e^-entropy) (Hewitt et al. 2022).
void keep_eta(Candidates& candidates, double epsilon, int min_keep);

/// Every logit at least max - n standard deviations, the deviation being that of the candidates' logits, divided by
/// their number (Tang et al. 2024). n of 0 or less keeps all.
void keep_top_n_sigma(Candidates& candidates, double n);

/// The descending prefix whose part of the entropy is at most h times the whole, and the likeliest token always. Only
/// the 100 likeliest are considered, as in Hugging Face Transformers (Baghaei Potraghloo et al. 2025).
void keep_top_h(Candidates& candidates, double h);

/// Every token with probability at least L = sum of p_i^2, the chance that two draws agree; `normalised` lowers that to
/// (V L - 1) / (V - 1) for V candidates (Tan et al. 2025).
void keep_p_less(Candidates& candidates, bool normalised, int min_keep);

/// "Exclude top choices" of llama.cpp: of the tokens with probability at least `threshold` only the least likely stays.
/// Nothing happens with fewer than two of them, with a threshold above 0.5, or where fewer than min_keep would be left.
void exclude_top_choices(Candidates& candidates, double threshold, int min_keep);

}  // namespace clearformer
