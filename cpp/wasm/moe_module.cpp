// Mixtures of experts: routers, capacities, layers and balance losses.

#include "clearformer/moe/capacity.hpp"
#include "clearformer/moe/clamped_experts.hpp"
#include "clearformer/moe/deepseek_gate.hpp"
#include "clearformer/moe/expert_choice.hpp"
#include "clearformer/moe/layer.hpp"
#include "clearformer/moe/losses.hpp"
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
    add<switch_router>();
    add<capacity_router>();
    add<expert_choice>();
    add<soft_moe>();
    add<deepseek_v3_gate>();
    add<deepseek_v2_gate>();
    add<switch_balance_loss>();
    add<top_k_balance_loss>();
    add<router_z_loss>();
    add<importance_loss>();
    add<bias_update>();
    add<expert_load>();
}
