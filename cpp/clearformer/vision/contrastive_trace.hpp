#pragma once

// clip_loss, recorded: embeddings, lengths, unit vectors, logits, both softmaxes in four tensors each, and the loss.

#include "clearformer/vision/contrastive.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {

/// The trace of a finished clip_loss.
Trace clip_trace(const ClipLossOptions& options, const ClipLossResult& result, const UnitRows& images, const UnitRows& texts,
                 double scale);

/// imageEmbeds .. textUnits, cosines, logitsPerText, probabilities, losses, loss
Trace siglip_trace(const SiglipLossOptions& options, const SiglipLossResult& result, const UnitRows& images,
                   const UnitRows& texts);
/// z1, z2, views, lengths, units, logits, rowMax, exponentials, rowSum, probabilities, losses, loss
Trace nt_xent_trace(const NtXentOptions& options, const NtXentResult& result, const Array<double>& logits);
/// imageEmbeds .. textUnits, logits, rowMax, exponentials, rowSum, probabilities
Trace zero_shot_trace(const ZeroShotOptions& options, const ZeroShotResult& result, const UnitRows& images,
                      const UnitRows& texts);

}  // namespace clearformer
