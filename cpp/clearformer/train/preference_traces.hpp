#pragma once

// The recorded computations of the losses that learn from preferences and rewards, and of distillation.

#include "clearformer/train/losses.hpp"
#include "clearformer/train/preference.hpp"

namespace clearformer {

/// policyChosen, policyRejected, referenceChosen, referenceRejected, chosenRewards, rejectedRewards, margin, losses, loss
Trace trace_of(const DpoOptions& options, const DpoResult& result);
/// Adds dy, dPolicyChosen and dPolicyRejected to that.
Trace trace_of(const DpoBackwardOptions& options, const DpoBackwardResult& result, Trace trace);
/// rewards, mean, deviation, advantages
Trace trace_of(const GrpoOptions& options, const GrpoResult& result);
/// ratio, advantages, clipped, objective
Trace trace_of(const PpoOptions& options, const PpoResult& result);
/// Adds dy and dRatio to that.
Trace trace_of(const PpoBackwardOptions& options, const PpoBackwardResult& result, Trace trace);
/// student and teacher, softened by the temperature, each with maximum, exponentials and sum; studentProbabilities, teacherProbabilities, losses,
/// loss, dStudent
Trace trace_of(const DistillationOptions& options, const DistillationResult& result);

}  // namespace clearformer
