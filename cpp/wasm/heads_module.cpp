// Attention over any number of heads.

#include "clearformer/attention/attention_trace.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(heads) { add<traced<&attention<double>>, traced<&attention<float>>>(); }
