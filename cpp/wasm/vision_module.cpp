// Vision: patches, positions on grids, vision transformers, windows, masked autoencoding, videos and resolutions.

#include "clearformer/vision/dit_block.hpp"
#include "clearformer/vision/patches.hpp"
#include "clearformer/vision/positions_2d.hpp"
#include "clearformer/vision/vit.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(vision) {
    add<patch_embed>();
    add<tubelet_embed>();
    add<sincos2d>();
    add<vision_transformer>();
    add<dit_block>();
}
