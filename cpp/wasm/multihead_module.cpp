// Attention with its projections, and its gradient; who may see whom; how widely attention is spread.

#include "clearformer/attention/attention_backward.hpp"
#include "clearformer/attention/attention_trace.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(multihead) {
    add<traced<&multi_head_attention<double>>>();
    add<traced<&attention_mask>>();
    add<traced<&attention_entropy>>();
    add<attention_backward>();
}
