// Images as such: convolution, interpolation, resolutions.

#include "clearformer/vision/convolution.hpp"
#include "clearformer/vision/interpolate.hpp"
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
}
