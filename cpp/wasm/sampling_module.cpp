// Sampling: from logits to the next token, and searching for likely sequences.

#include "clearformer/sampling/chain.hpp"
#include "clearformer/sampling/mirostat.hpp"
#include "clearformer/sampling/sampling_kernels.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(sampling) {
    add<sampler_chain>();
    add<sample_top<double>, sample_top<float>>();
    add<filter_probabilities>();
    add<no_repeat_ngrams>();
    add<exponential_length_penalty>();
    add<logit_guidance>();
    add<mirostat>();
}
