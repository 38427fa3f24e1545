// gpt-oss: experts with biases, an attention sink for each head, every other layer in a window. transformers:
// models/gpt_oss/modeling_gpt_oss.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    DecoderTraits t = read_decoder(config, model, false);
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", true);
    t.window = config.optional_count("sliding_window");
    t.windowed = layers_named(config, "layer_types", "sliding_attention", t.layers);
    if (!t.windowed && t.window) {
        config.assume("layer_types", "every other layer slides", "the key is absent; this is the default of GptOssConfig");
        t.windowed = (t.layers.count() + 1) / 2;
    }
    ExpertTraits& e = t.experts;
    e.layers = t.layers;
    e.count = config.count("num_local_experts|num_experts");
    e.chosen = config.count("num_experts_per_tok|experts_per_token");
    config.skip("experts_per_token|swiglu_limit|initial_context_length");
    e.width = config.count("intermediate_size");
    e.bias = e.router_bias = true;
    e.router = "mlp.router";
    e.expert = "mlp.experts.";
    e.gate_up = "gate_up_proj";
    model.vector(model.text({t.prefix, t.layer, "self_attn.sinks"}), Class::kOther, {t.heads}, t.layers);
    add_decoder(model, t);
}

}  // namespace

extern const Layout gpt_oss_layout{"gpt_oss", &build};

}  // namespace clearformer::estimate
