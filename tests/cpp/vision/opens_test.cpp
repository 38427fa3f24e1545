// Traces of what surrounds the networks: every tensor that was not given opens.

#include "clearformer/vision/action.hpp"
#include "clearformer/vision/contrastive.hpp"
#include "clearformer/vision/diffusion_step.hpp"
#include "clearformer/vision/flow.hpp"
#include "clearformer/vision/guidance.hpp"
#include "clearformer/vision/interpolate.hpp"
#include "clearformer/vision/mae.hpp"
#include "clearformer/vision/patches.hpp"
#include "clearformer/vision/resolution.hpp"
#include "clearformer/vision/self_distillation.hpp"
#include "clearformer/vision/swin.hpp"
#include "clearformer/vision/timestep.hpp"
#include "clearformer/vision/vector_quantization.hpp"
#include "clearformer/vision/video.hpp"
#include "clearformer/vision/windows.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("actions open, inside the range and beyond both ends") {
    const Array<double> action({5}, {-2, -1, 0.3, 1, 7});
    Rt1ActionTokensOptions rt1;
    rt1.action = action;
    rt1.bins = 11;
    rt1.trace = true;
    check_every_tensor(*rt1_action_tokens(rt1).trace);
    OpenvlaActionTokensOptions openvla;
    openvla.action = action;
    openvla.bins = 11;
    openvla.trace = true;
    check_every_tensor(*openvla_action_tokens(openvla).trace);
    for (double m : {0.5, -0.5}) {
        TemporalEnsembleOptions o{normal({4, 3, 2}, 1), 3, m, true};
        check_every_tensor(*temporal_ensemble(o).trace);
    }
}

TEST_CASE("the cosine transform opens in every type and norm") {
    for (int type = 1; type <= 4; ++type) {
        for (const char* norm : {"ortho", "backward", "forward"}) {
            DiscreteCosineTransformOptions o;
            o.x = normal({2, 5}, 1);
            o.axis = 1;
            o.type = type;
            o.norm = norm;
            o.trace = true;
            const auto r = discrete_cosine_transform(o);
            check_every_tensor(*r.trace);
        }
    }
}

TEST_CASE("contrastive losses open, and so do their gradients") {
    ClipLossOptions clip;
    clip.image_embeds = normal({3, 4}, 1);
    clip.text_embeds = normal({3, 4}, 2);
    clip.trace = true;
    const auto r = clip_loss(clip);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("dText").data == r.d_text.data);
    SiglipLossOptions siglip;
    siglip.image_embeds = normal({3, 4}, 1);
    siglip.text_embeds = normal({3, 4}, 2);
    siglip.trace = true;
    check_every_tensor(*siglip_loss(siglip).trace);
    check_every_tensor(*nt_xent({normal({3, 4}, 1), normal({3, 4}, 2), 0.5, true}).trace);
    check_every_tensor(*zero_shot({normal({3, 4}, 1), normal({2, 4}, 2), 100, true}).trace);
}

TEST_CASE("noise schedules of every name open, a single step included") {
    for (const char* name : {"linear", "scaled_linear", "sigmoid", "constant", "jsd", "cosine"}) {
        for (int steps : {1, 6}) {
            CAPTURE(name);
            DiffusionScheduleOptions o;
            o.schedule = name;
            o.steps = steps;
            o.timesteps = {0, steps - 1};
            o.trace = true;
            check_every_tensor(*diffusion_schedule(o).trace);
        }
    }
}

TEST_CASE("steps, straight paths, guidance and timesteps open") {
    for (double eta : {0.0, 1.0}) {
        DdimStepOptions o;
        o.x_t = normal({2, 2}, 1);
        o.eps = normal({2, 2}, 2);
        o.noise = normal({2, 2}, 3);
        o.t = 500;
        o.t_prev = 400;
        o.eta = eta;
        o.trace = true;
        check_every_tensor(*ddim_step(o).trace);
    }
    check_every_tensor(*flow_matching({normal({2, 2}, 1), normal({2, 2}, 2), {0, 0.5, 1}, 3, true}).trace);
    for (int n : {1, 5}) check_every_tensor(*karras_sigmas({n, 0.002, 80, 7, true}).trace);
    for (double rescale : {0.0, 0.7}) {
        check_every_tensor(*classifier_free_guidance({normal({2, 3}, 1), normal({2, 3}, 2), 7.5, rescale, true}).trace);
    }
    for (const char* layout : {"sin_cos", "cos_sin", "interleaved"}) {
        check_every_tensor(*timestep_embedding({{0, 1.5, 40}, 7, layout, 10000, 0, true}).trace);
    }
}

TEST_CASE("self-distillation opens, near and far targets included") {
    ExponentialMovingAverageOptions e{normal({3}, 1), normal({4, 3}, 2), 0.9, true};
    check_every_tensor(*exponential_moving_average(e).trace);
    check_every_tensor(*momentum_schedule({{0, 3, 10}, 10, 0.996, 1, true}).trace);
    for (const char* norm : {"layer_norm", "none"}) {
        JepaLossOptions o;
        o.pred = normal({3, 4}, 1);
        o.target = normal({3, 4}, 2, 2);
        o.target_norm = norm;
        o.trace = true;
        check_every_tensor(*jepa_loss(o).trace);
    }
    DinoLossOptions d;
    d.student = normal({3, 4}, 1);
    d.teacher = normal({3, 4}, 2);
    d.center = normal({4}, 3);
    d.trace = true;
    check_every_tensor(*dino_loss(d).trace);
    check_every_tensor(*byol_loss({normal({2, 3, 4}, 1), normal({2, 3, 4}, 2), true}).trace);
}

TEST_CASE("scalar quantisation opens in both variants, for even and odd levels") {
    for (const char* variant : {"paper", "vector_quantize_pytorch"}) {
        FiniteScalarQuantizeOptions o;
        o.z = normal({4, 3}, 1, 2);
        o.levels = {8, 5, 2};
        o.variant = variant;
        o.trace = true;
        check_every_tensor(*finite_scalar_quantize(o).trace);
    }
}

TEST_CASE("patches, tubelets, tables of positions and masked tokens open") {
    TubeletEmbedOptions t;
    t.video = normal({2, 4, 4, 6}, 1);
    t.weight = normal({3, 2, 2, 2, 3}, 2);
    t.trace = true;
    check_every_tensor(*tubelet_embed(t).trace);
    t.bias = normal({3}, 3);
    check_every_tensor(*tubelet_embed(t).trace);
    for (bool cls : {false, true}) {
        PosEmbedInterpolateOptions p;
        p.pos_embed = normal({cls ? Size(7) : Size(6), 2}, 1);
        p.from = {2, 3};
        p.to = {3, 2};
        p.cls_token = cls;
        p.trace = true;
        check_every_tensor(*pos_embed_interpolate(p).trace);
    }
    MaeMaskingOptions m{normal({6, 2}, 1), normal({6}, 2), 0.5, true};
    m.noise.data[1] = m.noise.data[4];
    check_every_tensor(*mae_masking(m).trace);
    PatchMergingOptions merge;
    merge.x = normal({3, 3, 2}, 1);
    merge.trace = true;
    check_every_tensor(*patch_merging(merge).trace);
    merge.gamma = normal({8}, 2);
    check_every_tensor(*patch_merging(merge).trace);
    merge.weight = normal({4, 8}, 3);
    check_every_tensor(*patch_merging(merge).trace);
}

TEST_CASE("windows, relative positions, costs and resolutions open") {
    for (int shift : {0, 1}) {
        check_every_tensor(*window_partition({4, 6, 2, shift, true}).trace);
        const auto mask = swin_shift_mask({4, 6, 2, shift, true});
        check_every_tensor(*mask.trace);
        CHECK(mask.trace->tensor("allow").data == mask.allow.data);
    }
    check_every_tensor(*relative_position_index({3, true}).trace);
    check_every_tensor(*video_attention_cost({8, 14, 15, {2, 7, 7}, true}).trace);
    SmartResizeOptions s;
    s.sizes = Array<double>({4, 2}, {30, 40, 3000, 2000, 300, 500, 42, 2000});
    s.trace = true;
    check_every_tensor(*smart_resize(s).trace);
    AnyresOptions a;
    a.sizes = Array<double>({3, 2}, {480, 640, 100, 900, 336, 336});
    a.pinpoints = Array<double>({3, 2}, {336, 672, 672, 672, 672, 336});
    a.trace = true;
    const auto r = anyres(a);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("best").data == r.best.data);
}
