// Vision transformers, their positions on a grid, and the block of a diffusion transformer.

#include "clearformer/vision/dit_block.hpp"
#include "clearformer/vision/positions_2d.hpp"
#include "clearformer/vision/vit.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(vision) {
    add<sincos2d>();
    add<vision_transformer>();
    add<dit_block>();
}
