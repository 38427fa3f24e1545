#pragma once

// clip_loss, recorded: embeddings, lengths, unit vectors, logits, both softmaxes in four tensors each, and the loss.

#include "clearformer/vision/contrastive.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {

/// The trace of a finished clip_loss.
Trace clip_trace(const ClipLossOptions& options, const ClipLossResult& result, const UnitRows& images, const UnitRows& texts,
                 double scale);

}  // namespace clearformer
