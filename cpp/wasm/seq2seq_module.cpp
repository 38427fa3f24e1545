// A whole model of two parts: an encoder with a decoder.

#include "clearformer/blocks/encoder_decoder.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(seq2seq) { add<encoder_decoder>(); }
