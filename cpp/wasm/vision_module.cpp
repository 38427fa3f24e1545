// Vision: patches, positions on grids, vision transformers, windows, masked autoencoding, videos and resolutions.

#include "clearformer/vision/convolution.hpp"
#include "clearformer/vision/dit_block.hpp"
#include "clearformer/vision/interpolate.hpp"
#include "clearformer/vision/mae.hpp"
#include "clearformer/vision/patches.hpp"
#include "clearformer/vision/positions_2d.hpp"
#include "clearformer/vision/resolution.hpp"
#include "clearformer/vision/swin.hpp"
#include "clearformer/vision/video.hpp"
#include "clearformer/vision/vit.hpp"
#include "clearformer/vision/windows.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(vision) {
    add<patch_embed>();
    add<tubelet_embed>();
    add<conv2d>();
    add<sincos2d>();
    add<interpolate>();
    add<pos_embed_interpolate>();
    add<vision_transformer>();
    add<attention_rollout>();
    add<window_partition>();
    add<swin_shift_mask>();
    add<relative_position_index>();
    add<swin_attention>();
    add<patch_merging>();
    add<mae_masking>();
    add<mae_loss>();
    add<dit_block>();
    add<factorised_attention>();
    add<video_attention_cost>();
    add<smart_resize>();
    add<anyres>();
}
