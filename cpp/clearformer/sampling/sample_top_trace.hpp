#pragma once

// What sample_top records when `trace` is asked for. It is always the double computation, as in ops/traces.hpp.

#include "clearformer/ops/traces.hpp"
#include "clearformer/sampling/sampling_kernels.hpp"

namespace clearformer {

/// logits, ids, kept, powers, sum, probabilities
Trace trace_of(const SampleTopOptions<double>& options);
inline Trace trace_of(const SampleTopOptions<float>& o) {
    return trace_of(SampleTopOptions<double>{widened(o.logits), o.temperature, o.top_k, o.top_p});
}

}  // namespace clearformer
