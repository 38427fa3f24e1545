// Mixtures of experts, balanced: limited places, balance losses, loads.

#include "clearformer/moe/capacity.hpp"
#include "clearformer/moe/losses.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(balance) {
    add<switch_router>();
    add<capacity_router>();
    add<switch_balance_loss>();
    add<top_k_balance_loss>();
    add<router_z_loss>();
    add<importance_loss>();
    add<bias_update>();
    add<expert_load>();
}
