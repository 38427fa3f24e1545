// Sampling: a chain of stages, from logits to the next token.

#include "clearformer/sampling/chain.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(sampling) {
    add<sampler_chain>();
    add<filter_probabilities>();
}
