// From probabilities to tokens: draws, measures, searches, speculative decoding.

#include "clearformer/sampling/draw.hpp"
#include "clearformer/sampling/measures.hpp"
#include "clearformer/sampling/search.hpp"
#include "clearformer/sampling/speculative.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(decoding) {
    add<inverse_cdf>();
    add<gumbel_max>();
    add<token_measures>();
    add<divergences>();
    add<speculative_acceptance>();
    add<speculative_step>();
    add<greedy_search>();
    add<beam_search>();
    add<exhaustive_search>();
    add<contrastive_search>();
}
