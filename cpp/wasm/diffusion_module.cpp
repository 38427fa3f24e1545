// Vision arithmetic around the networks: contrastive losses, diffusion, quantisation, self-distillation, actions.

#include "clearformer/vision/action.hpp"
#include "clearformer/vision/contrastive.hpp"
#include "clearformer/vision/diffusion_schedule.hpp"
#include "clearformer/vision/diffusion_step.hpp"
#include "clearformer/vision/flow.hpp"
#include "clearformer/vision/guidance.hpp"
#include "clearformer/vision/self_distillation.hpp"
#include "clearformer/vision/timestep.hpp"
#include "clearformer/vision/vector_quantization.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(diffusion) {
    add<clip_loss>();
    add<siglip_loss>();
    add<nt_xent>();
    add<zero_shot>();
    add<diffusion_schedule>();
    add<q_sample>();
    add<ddim_step>();
    add<ddpm_step>();
    add<karras_sigmas>();
    add<flow_matching>();
    add<classifier_free_guidance>();
    add<timestep_embedding>();
    add<vector_quantize>();
    add<finite_scalar_quantize>();
    add<exponential_moving_average>();
    add<momentum_schedule>();
    add<jepa_loss>();
    add<dino_loss>();
    add<byol_loss>();
    add<rt1_action_tokens>();
    add<openvla_action_tokens>();
    add<temporal_ensemble>();
    add<discrete_cosine_transform>();
}
