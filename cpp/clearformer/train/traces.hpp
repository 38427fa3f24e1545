#pragma once

// The recorded computations of cross entropy and of the small GPT.

#include "clearformer/train/losses.hpp"
#include "clearformer/train/tiny_gpt.hpp"

namespace clearformer {

/// logits, rowMax, exponentials, rowSum, probabilities, losses, loss, dLogits.
Trace cross_entropy_trace(const CrossEntropyOptions& options, const CrossEntropyResult& result);

/// The parameters by their names; embedded [T, C]; for every layer, here 0: h0_ln1_mean, h0_ln1_variance (h0_ln1_rms),
/// h0_ln1_normalised, h0_ln1, h0_q, h0_k, h0_v [H, T, D], h0_scores, h0_scaled, h0_masked, h0_rowMax, h0_exponentials,
/// h0_rowSum, h0_weights, h0_headOutputs, h0_concatenated, h0_attention, h0_afterAttention, h0_ln2_.., h0_ln2, h0_fc,
/// h0_hidden, h0_fc2, h0_out; lnf_.., lnf; logits; with targets rowMax, exponentials, rowSum, probabilities, losses, loss,
/// dLogits. With norm_first false h0_ln1 follows h0_afterAttention, and h0_ln2 follows h0_sum and takes the place of h0_out.
/// Throws DomainError for several sequences and for more than 256 tokens.
Trace tiny_gpt_trace(const TinyGpt<double>& model, const TinyGptOptions& options);

}  // namespace clearformer
