#pragma once

#include "trace_support.hpp"

namespace clearformer::testing {

/// Opens every entry of every tensor of a trace and returns how many of the tensors are inputs.
inline Size check_whole_trace(const Trace& trace) {
    Size inputs = 0;
    for (const Node& node : trace.nodes()) {
        Index first;
        first.resize(node.shape.size());
        if (trace.explain(node.label.name, first).is_input) ++inputs;
        else check_every_entry(trace, node.label.name);
    }
    return inputs;
}

}  // namespace clearformer::testing
