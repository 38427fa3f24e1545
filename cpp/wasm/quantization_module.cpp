// Numbers in fewer bits.

#include "clearformer/quantization/absmax.hpp"
#include "clearformer/quantization/code_tables.hpp"
#include "clearformer/quantization/errors.hpp"
#include "clearformer/quantization/float_formats.hpp"
#include "clearformer/quantization/ggml.hpp"
#include "clearformer/quantization/zero_point.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(quantization) {
    add<quantize_absmax>();
    add<quantize_zero_point>();
    add<quantize_ggml>();
    add<quantize_code_table>();
    add<float_formats>();
    add<round_to_float>();
    add<quantization_error>();
}
