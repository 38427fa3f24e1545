// Images as such: patches, masked autoencoding, convolution, interpolation, resolutions.

#include "clearformer/vision/convolution.hpp"
#include "clearformer/vision/interpolate.hpp"
#include "clearformer/vision/mae.hpp"
#include "clearformer/vision/patches.hpp"
#include "clearformer/vision/resolution.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(images) {
    add<smart_resize>();
    add<anyres>();
    add<conv2d>();
    add<interpolate>();
    add<pos_embed_interpolate>();
    add<patch_embed>();
    add<tubelet_embed>();
    add<mae_masking>();
    add<mae_loss>();
}
