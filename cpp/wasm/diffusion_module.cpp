// Diffusion: noise schedules, steps, straight paths, guidance, timesteps.

#include "clearformer/vision/diffusion_schedule.hpp"
#include "clearformer/vision/diffusion_step.hpp"
#include "clearformer/vision/flow.hpp"
#include "clearformer/vision/guidance.hpp"
#include "clearformer/vision/timestep.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(diffusion) {
    add<diffusion_schedule>();
    add<q_sample>();
    add<ddim_step>();
    add<ddpm_step>();
    add<karras_sigmas>();
    add<flow_matching>();
    add<classifier_free_guidance>();
    add<timestep_embedding>();
}
