// What every module has whose functions give traces.

#include "wasm/trace_functions.hpp"

#include "wasm/table.hpp"

namespace clearformer::wasm {

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

}  // namespace clearformer::wasm

using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(traces) {
    add<trace_tensors>();
    add<trace_tensor>();
    add<trace_explain>();
    add<trace_numpy>();
    add<trace_dispose>();
}
