// Learning by comparison: contrastive losses, zero-shot classes, self-distillation.

#include "clearformer/vision/contrastive.hpp"
#include "clearformer/vision/self_distillation.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(contrast) {
    add<clip_loss>();
    add<siglip_loss>();
    add<nt_xent>();
    add<zero_shot>();
    add<exponential_moving_average>();
    add<momentum_schedule>();
    add<jepa_loss>();
    add<dino_loss>();
    add<byol_loss>();
}
