#include "wasm/trace_functions.hpp"

#include <emscripten/heap.h>

namespace clearformer::wasm {

Handles<Trace>& traces() {
    static Handles<Trace> all("trace");
    return all;
}

TensorList trace_tensors(const TraceOnly& o) {
    TensorList list;
    for (const Node& node : traces().at(o.trace).nodes()) {
        const Label& label = node.label;
        list.tensors.push_back({label.name, label.symbol, label.title, label.role, label.letters, node.shape});
    }
    return list;
}

TensorResult trace_tensor(const TraceTensor& o) { return {traces().at(o.trace).tensor(o.name, o.at)}; }
Explanation trace_explain(const TraceCell& o) { return traces().at(o.trace).explain(o.tensor, o.index); }
Code trace_numpy(const TraceNumpy& o) { return {traces().at(o.trace).numpy(o.tensor, o.index)}; }
Disposed trace_dispose(const TraceDispose& o) { return {traces().drop(o.trace)}; }

MemoryResult memory(const MemoryOptions&) { return {static_cast<double>(emscripten_get_heap_size()), handles_alive()}; }

}  // namespace clearformer::wasm
