#include "clearformer/estimate/generic.hpp"

namespace clearformer::estimate {

void build_generic(const Reader& config, Architecture& model) {
    const std::string type = config.text_or("model_type", "");
    const std::string who = type.empty() ? "a configuration without model_type" : "model_type \"" + type + "\"";
    require(config.has("hidden_size|n_embd|d_model") && config.has("num_hidden_layers|n_layer|num_layers") &&
                config.has("num_attention_heads|n_head|num_heads") && config.has("vocab_size"),
            "config: ", who,
            " is not known, and without hidden_size, num_hidden_layers, num_attention_heads and vocab_size it is not read "
            "as a transformer");
    config.assume("model_type", type.empty() ? "absent" : type,
                  "not known: counted as a Llama-like decoder from the keys that most families share");
    if (config.has("kv_lora_rank")) return find_layout("deepseek_v3")->build(config, model);
    DecoderTraits t = read_decoder(config, model, false);
    note_own_keys(config, t);
    const std::string activation = config.text_or("hidden_act|activation_function|hidden_activation", "silu");
    t.gated = activation == "silu" || activation == "swiglu" || activation == "geglu" || activation == "gelu_pytorch_tanh";
    config.assume("gated feed-forward", t.gated ? "true" : "false",
                  "the activation " + activation + " usually " + (t.gated ? "gates" : "does not gate"));
    const Quantity inner = config.optional_count("intermediate_size|ffn_dim|n_inner|d_ff|ffn_hidden_size");
    if (!inner) config.assume("intermediate_size", "4 × hidden_size", "no key gives the width of the feed-forward");
    t.feed_forward = inner ? inner : 4 * t.width;
    t.qkv_bias = config.flag_or("attention_bias|qkv_bias|use_bias|bias", false);
    t.o_bias = config.flag_or("attention_bias|use_bias|bias", false);
    t.feed_forward_bias = config.flag_or("mlp_bias|use_bias|bias", false);
    t.window = config.flag_or("use_sliding_window", true) ? config.optional_count("sliding_window") : Quantity();
    t.windowed = layers_named(config, "layer_types", "sliding_attention", t.layers);
    const Quantity experts = config.optional_count("num_local_experts|num_experts|n_routed_experts|moe_num_experts", 0);
    if (experts && experts.count() > 1) {
        ExpertTraits& e = t.experts;
        e.count = experts;
        e.chosen = config.count("num_experts_per_tok|experts_per_token|moe_top_k|moe_topk");
        e.width = config.count_or("moe_intermediate_size|expert_ffn_hidden_size", t.feed_forward);
        const Quantity dense = config.count_or("first_k_dense_replace", 0, "no key names layers without experts", 0);
        require(dense.count() <= t.layers.count(), "config: first_k_dense_replace ", dense.count(), " is more than ",
                t.layers.count(), " layers");
        e.layers = t.layers - dense;
        const Quantity shared = config.optional_count("n_shared_experts|num_shared_experts", 0);
        if (shared && shared.count() > 0) e.shared_width = shared * e.width;
        config.assume("experts", "in every layer that is not said to be dense", "the family's layout is not known");
    }
    add_decoder(model, t);
}

}  // namespace clearformer::estimate
