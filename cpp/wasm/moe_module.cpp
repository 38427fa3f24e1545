// Mixtures of experts: routers and layers.

#include "clearformer/moe/clamped_experts.hpp"
#include "clearformer/moe/deepseek_gate.hpp"
#include "clearformer/moe/expert_choice.hpp"
#include "clearformer/moe/layer.hpp"
#include "clearformer/moe/router.hpp"
#include "clearformer/moe/soft_moe.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(moe) {
    add<top_k_router>();
    add<noisy_top_k>();
    add<moe_layer>();
    add<clamped_experts>();
    add<expert_choice>();
    add<soft_moe>();
    add<deepseek_v3_gate>();
    add<deepseek_v2_gate>();
}
