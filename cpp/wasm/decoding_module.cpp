// From probabilities to tokens: draws, measures, speculative decoding.

#include "clearformer/sampling/draw.hpp"
#include "clearformer/sampling/measures.hpp"
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
}
