#pragma once

// A softmax in a trace: its four tensors, for whatever has one inside.

#include <optional>

#include "clearformer/trace.hpp"

namespace clearformer {

/// What the four tensors of a softmax along the last axis are called: the rows' largest entries, the exponentials, their sums, the shares.
struct SoftmaxLabels {
    Label maximum, exponentials, sum, result;
};

/// Adds them for the tensor x [.. N] of the trace. `result` gives the shares as a kernel computed them; by default they are computed here.
/// Entries of minus infinity have an exponential of 0, and a row of nothing else shares of 0.
void record_softmax(Trace& trace, const char* x, const SoftmaxLabels& labels, std::optional<Array<double>> result = {});

}  // namespace clearformer
