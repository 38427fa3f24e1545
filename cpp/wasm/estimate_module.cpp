// Parameters, memory, FLOPs and time of a model, from its published configuration.

#include "clearformer/estimate/plan.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(estimate) { add<estimate::estimate>(); }
