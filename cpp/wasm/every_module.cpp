// What every module has, whatever else is in its table.

#include "wasm/table.hpp"
#include "wasm/trace_functions.hpp"

using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(every_module) {
    add<memory>();
    add<trace_tensors>();
    add<trace_tensor>();
    add<trace_explain>();
    add<trace_numpy>();
    add<trace_dispose>();
    emscripten::function("describe", &descriptions);
}
