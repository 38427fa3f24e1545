// A small GPT that learns, and the check of its gradients.

#include "clearformer/train/gradient_check.hpp"
#include "clearformer/train/tiny_gpt.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(gpt) {
    add<tiny_gpt>();
    add<gradient_check>();
}
