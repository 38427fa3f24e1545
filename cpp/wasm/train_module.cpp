// Training: losses, optimizers and schedules.

#include "clearformer/train/clip.hpp"
#include "clearformer/train/losses.hpp"
#include "clearformer/train/optimizers.hpp"
#include "clearformer/train/preference.hpp"
#include "clearformer/train/schedules.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(train) {
    add<cross_entropy>();
    add<distillation>();
    add<dpo>();
    add<grpo_advantages>();
    add<ppo_objective>();
    add<optimizer_step>();
    add<optimizer_path>();
    add<clip_gradient_norm>();
    add<cosine_schedule>();
    add<linear_schedule>();
    add<inverse_sqrt_schedule>();
    add<noam_schedule>();
    add<cosine_minimum_schedule>();
    add<wsd_schedule>();
}
