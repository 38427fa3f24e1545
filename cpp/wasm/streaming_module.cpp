// Attention block by block and in tiles, with the running maximum and sum.

#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/attention/streaming.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(streaming) {
    add<traced<&online_softmax<double>>>();
    add<streaming_attention>();
}
