// Gradients: for every operation and every objective, what it sends back from its results to its inputs.

#include "clearformer/ops/activation_backward.hpp"
#include "clearformer/ops/embedding_backward.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/ops/softmax_backward.hpp"
#include "clearformer/train/preference.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(gradients) {
    add<softmax_backward>();
    add<log_softmax_backward>();
    add<linear_backward>();
    add<matmul_backward>();
    add<layer_norm_backward>();
    add<rms_norm_backward>();
    add<group_norm_backward>();
    add<l2_normalize_backward>();
    add<activation_backward>();
    add<embedding_backward>();
    add<dpo_backward>();
    add<ppo_backward>();
}
