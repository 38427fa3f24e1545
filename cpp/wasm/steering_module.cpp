// Steering the next token: its few candidates, Mirostat, penalties, guidance.

#include "clearformer/sampling/mirostat.hpp"
#include "clearformer/sampling/penalties.hpp"
#include "clearformer/sampling/sample_top_trace.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(steering) {
    add<traced<&sample_top<double>>, traced<&sample_top<float>>>();
    add<mirostat>();
    add<no_repeat_ngrams>();
    add<exponential_length_penalty>();
    add<logit_guidance>();
}
