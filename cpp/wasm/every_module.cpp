// What every module has, whatever else is in its table.

#include <emscripten/heap.h>

#include "wasm/handles.hpp"
#include "wasm/memory.hpp"
#include "wasm/table.hpp"

namespace clearformer::wasm {

Handles<Trace>& traces() {
    static Handles<Trace> all("trace");
    return all;
}

MemoryResult memory(const MemoryOptions&) { return {static_cast<double>(emscripten_get_heap_size()), handles_alive()}; }

}  // namespace clearformer::wasm

using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(every_module) {
    add<memory>();
    emscripten::function("describe", &descriptions);
}
