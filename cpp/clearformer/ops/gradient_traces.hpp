#pragma once

// What the gradients record when `trace` is asked for: first what the forward function records, then dy and the gradients.

#include "clearformer/ops/activation_backward.hpp"
#include "clearformer/ops/embedding_backward.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/ops/softmax_backward.hpp"

namespace clearformer {

/// dy, along (the sum of y dy, or of dy for log_softmax, over the run), dx
Trace trace_of(const SoftmaxBackwardOptions& options, const SoftmaxBackwardResult& result, bool logarithm);
/// dy, dx, dWeight, dBias
Trace trace_of(const LinearBackwardOptions& options, const LinearBackwardResult& result);
/// dy, da, db
Trace trace_of(const MatmulBackwardOptions& options, const MatmulBackwardResult& result);
/// dy, scaledGradient (dy times gamma), shift, stretch, dx, dGamma, dBeta
Trace trace_of(const LayerNormBackwardOptions& options, const LayerNormBackwardResult& result);
/// dy, scaledGradient, stretch, dx, dGamma
Trace trace_of(const RmsNormBackwardOptions& options, const RmsNormBackwardResult& result);
/// dy, shift, stretch [N, groups], dx
Trace trace_of(const GroupNormBackwardOptions& options, const NormBackwardResult& result);
/// dy, along, dx
Trace trace_of(const L2NormalizeBackwardOptions& options, const NormBackwardResult& result);
/// dy, dTable, dPositions
Trace trace_of(const EmbeddingBackwardOptions& options, const EmbeddingBackwardResult& result);
/// dy, dx
Trace trace_of(const ActivationBackwardOptions& options, const ActivationBackwardResult& result);

}  // namespace clearformer
