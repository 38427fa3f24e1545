// The boundary as scripts/bench.mjs times it: the cheapest call, a view of memory, a copy of it.

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstdint>

namespace {

using emscripten::val;

double next(double x) { return x + 1; }

val view(std::uintptr_t address, unsigned count) {
    return val(emscripten::typed_memory_view(count, reinterpret_cast<const float*>(address)));
}

val copy(std::uintptr_t address, unsigned count) { return val::global("Float32Array").new_(view(address, count)); }

}  // namespace

EMSCRIPTEN_BINDINGS(bench) {
    emscripten::function("next", &next);
    emscripten::function("view", &view);
    emscripten::function("copy", &copy);
}
