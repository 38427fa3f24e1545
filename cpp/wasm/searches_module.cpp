// Searching for likely sequences: greedy, beam, exhaustive, contrastive.

#include "clearformer/sampling/search.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(searches) {
    add<greedy_search>();
    add<beam_search>();
    add<exhaustive_search>();
    add<contrastive_search>();
}
