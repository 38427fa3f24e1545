// Gradients of layers and of preferences: rotations, attention, gated feed-forward layers, DPO, PPO.

#include "clearformer/attention/attention_backward.hpp"
#include "clearformer/blocks/feed_forward_backward.hpp"
#include "clearformer/position/rope_backward.hpp"
#include "clearformer/train/preference.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(layers) {
    add<rope_backward>();
    add<attention_backward>();
    add<gated_feed_forward_backward>();
    add<dpo_backward>();
    add<ppo_backward>();
}
