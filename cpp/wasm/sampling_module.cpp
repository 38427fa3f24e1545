// Sampling: from logits to the next token, and searching for likely sequences.

#include "clearformer/sampling/chain.hpp"
#include "clearformer/sampling/draw.hpp"
#include "clearformer/sampling/measures.hpp"
#include "clearformer/sampling/mirostat.hpp"
#include "clearformer/sampling/search.hpp"
#include "clearformer/sampling/speculative.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(sampling) {
    add<sampler_chain>();
    add<filter_probabilities>();
    add<no_repeat_ngrams>();
    add<exponential_length_penalty>();
    add<logit_guidance>();
    add<mirostat>();
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
