// What every module has, whatever else is in its table.

#include "wasm/table.hpp"
#include "wasm/trace_functions.hpp"

using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(every_module) {
    add<memory>();
    emscripten::function("describe", &descriptions);
}
