// Numbers as codes: vector and scalar quantisation, action tokens, the cosine transform.

#include "clearformer/vision/action.hpp"
#include "clearformer/vision/vector_quantization.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(codes) {
    add<vector_quantize>();
    add<finite_scalar_quantize>();
    add<rt1_action_tokens>();
    add<openvla_action_tokens>();
    add<temporal_ensemble>();
    add<discrete_cosine_transform>();
}
