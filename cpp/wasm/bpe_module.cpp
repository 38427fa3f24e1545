// Byte pair encoding, and measures that compare texts.

#include "clearformer/text/bleu.hpp"
#include "clearformer/text/bpe.hpp"
#include "clearformer/text/edit_distance.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(bpe) {
    add<bpe_train>();
    add<bpe_encode>();
    add<bpe_decode>();
    add<bleu>();
    add<edit_distance>();
}
