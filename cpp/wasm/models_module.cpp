// A whole model: a decoder, with the logit lens.

#include "clearformer/blocks/model.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(models) { add<decoder_model>(); }
