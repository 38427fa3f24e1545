// Windows of attention, videos, rollout.

#include "clearformer/vision/swin.hpp"
#include "clearformer/vision/video.hpp"
#include "clearformer/vision/vit.hpp"
#include "clearformer/vision/windows.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

EMSCRIPTEN_BINDINGS(windows) {
    add<window_partition>();
    add<swin_shift_mask>();
    add<relative_position_index>();
    add<swin_attention>();
    add<patch_merging>();
    add<factorised_attention>();
    add<video_attention_cost>();
    add<attention_rollout>();
}
