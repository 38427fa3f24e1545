// What the pages of the text series start with: tokens, the traced attention layer, and the trace that opens its numbers.

#include "clearformer/attention/layer.hpp"
#include "clearformer/text/word_tokenizer.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(text) {
    add<tokenize>();
    add<detokenize>();
    add<attention_layer>();
    add<cached_decode>();
}
