// Where a token stands: sinusoids, rotations and their scaling, relative positions.

#include "clearformer/position/relative_bias.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/position/rope_axes.hpp"
#include "clearformer/position/rope_backward.hpp"
#include "clearformer/position/rope_properties.hpp"
#include "clearformer/position/rope_scaling.hpp"
#include "clearformer/position/sinusoidal.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(positions) {
    add<sinusoidal_positions>();
    add<rope<double>, rope<float>>();
    add<rope_pairings>();
    add<rope_relative>();
    add<rope_frequencies>();
    add<rope_wavelengths>();
    add<yarn_softmax_scale>();
    add<rope_2d>();
    add<rope_multimodal>();
    add<relative_buckets>();
    add<relative_bias>();
    add<rope_backward>();
}
