// Phi-3, 3.5 and 4: as Llama, with q, k and v in one matrix, gate and up in another. transformers: models/phi3/modeling_phi3.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, false);
    note_own_keys(config, t);
    t.feed_forward = config.count("intermediate_size");
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", false);
    t.qkv = "self_attn.qkv_proj";
    t.gate_up = "mlp.gate_up_proj";
    t.window = config.optional_count("sliding_window");
    add_decoder(model, t);
}

}  // namespace

extern const Layout phi3_layout{"phi3", &build};

}  // namespace clearformer::estimate
