// Attention: over any number of heads, block by block, in tiles, with its projections.

#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/attention/streaming.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(heads) {
    add<traced<&attention<double>>, traced<&attention<float>>>();
    add<traced<&online_softmax<double>>>();
    add<streaming_attention>();
    add<traced<&multi_head_attention<double>>>();
}
