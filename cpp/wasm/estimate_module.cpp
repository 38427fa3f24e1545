// Parameters and cache of a model, from its published configuration; what this device does.

#include "clearformer/estimate/device.hpp"
#include "clearformer/estimate/estimate.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(estimate) {
    add<estimate::estimate>();
    add<estimate::measure_device>();
}
