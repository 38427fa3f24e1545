// Low-rank adapters, merged and taken out again, and the singular value decomposition.

#include "clearformer/quantization/lora.hpp"
#include "clearformer/quantization/svd.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(adapters) {
    add<lora>();
    add<lora_unmerge>();
    add<dora>();
    add<dora_unmerge>();
    add<svd>();
}
