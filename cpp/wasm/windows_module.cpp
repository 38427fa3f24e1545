// Windows of attention, masked autoencoding, convolution, interpolation, videos and resolutions.

#include "clearformer/vision/mae.hpp"
#include "clearformer/vision/resolution.hpp"
#include "clearformer/vision/swin.hpp"
#include "clearformer/vision/video.hpp"
#include "clearformer/vision/windows.hpp"
#include "clearformer/vision/convolution.hpp"
#include "clearformer/vision/interpolate.hpp"
#include "clearformer/vision/dit_block.hpp"
#include "clearformer/vision/patches.hpp"
#include "clearformer/vision/positions_2d.hpp"
#include "clearformer/vision/vit.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(windows) {
    add<window_partition>();
    add<swin_shift_mask>();
    add<relative_position_index>();
    add<swin_attention>();
    add<patch_merging>();
    add<mae_masking>();
    add<mae_loss>();
    add<factorised_attention>();
    add<video_attention_cost>();
    add<smart_resize>();
    add<anyres>();
    add<conv2d>();
    add<interpolate>();
    add<pos_embed_interpolate>();
    add<attention_rollout>();
}
