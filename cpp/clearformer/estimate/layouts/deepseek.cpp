// DeepSeek MoE 16B, V2, V2-Lite and V3, and Kimi K2: dense layers first, then shared and fine-grained routed experts; from V2 on multi-head
// latent attention. transformers: models/deepseek_v3/modeling_deepseek_v3.py; DeepSeek-V2 (arXiv 2405.04434), section 2.1.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

/// The projections and the cache of multi-head latent attention: what is cached is the latent and one rotary key, once for all heads.
void add_latent_attention(const Reader& config, Architecture& model, const DecoderTraits& t) {
    const Quantity kv_rank = config.count("kv_lora_rank"), rotary = config.count("qk_rope_head_dim");
    const Quantity plain = config.count("qk_nope_head_dim"), v_width = config.count("v_head_dim");
    const Quantity q_rank = config.optional_count("q_lora_rank");
    const bool bias = config.flag_or("attention_bias", false);
    const char* const place = model.text({t.prefix, t.layer, "self_attn."});
    const auto linear = [&](const char* name, const char* title, Quantity in, Quantity out, bool has_bias) {
        Architecture::Linear l;
        l.name = model.text({place, name});
        l.title = title;
        l.kind = Class::kAttention;
        l.in = in;
        l.out = out;
        l.repeat = t.layers;
        l.bias = has_bias;
        model.linear(l);
    };
    const Quantity q_width = plain + rotary;
    if (q_rank) {
        linear("q_a_proj", "queries, down", t.width, q_rank, bias);
        model.norm(model.text({place, "q_a_layernorm"}), q_rank, true, false, t.layers);
        linear("q_b_proj", "queries, up", q_rank, t.heads * q_width, false);
    } else {
        linear("q_proj", "queries", t.width, t.heads * q_width, false);
    }
    linear("kv_a_proj_with_mqa", "latent and rotary key", t.width, kv_rank + rotary, bias);
    model.norm(model.text({place, "kv_a_layernorm"}), kv_rank, true, false, t.layers);
    linear("kv_b_proj", "keys and values from the latent", kv_rank, t.heads * (plain + v_width), false);
    linear("o_proj", "attention output", t.heads * v_width, t.width, bias);
    Attention core;
    core.name = model.text({place, "attention"});
    core.title = "latent attention";
    core.repeat = t.layers;
    core.heads = core.kv_heads = t.heads;
    core.width = q_width;
    core.v_width = v_width;
    core.latent = kv_rank;
    core.rotary = rotary;
    core.cached = kv_rank + rotary;
    model.attend(core);
}

void build(const Reader& config, Architecture& model) {
    const bool latent = config.text_or("model_type", "") != "deepseek";
    DecoderTraits t = read_decoder(config, model, false);
    t.feed_forward = config.count("intermediate_size");
    if (config.optional_count("n_routed_experts")) {
        ExpertTraits& e = t.experts;
        const Quantity first = config.count_or("first_k_dense_replace", 0, "the family's default", 0);
        const std::int64_t every = config.count_or("moe_layer_freq", 1, "the family's default").count();
        require(first.count() <= t.layers.count(), "config: first_k_dense_replace ", first.count(), " is more than ",
                t.layers.count(), " layers");
        e.layers = t.layers - first;
        if (every > 1) {
            std::int64_t sparse = 0;
            for (std::int64_t i = first.count(); i < t.layers.count(); ++i) sparse += i % every == 0;
            e.layers = model.ledger().leaf("sparse_layers|Layers with experts||first_k_dense_replace, moe_layer_freq",
                                           sparse, Origin::kConfig);
        }
        e.count = config.count("n_routed_experts");
        e.chosen = config.count("num_experts_per_tok");
        e.width = config.count("moe_intermediate_size");
        e.correction_bias = config.text_or("topk_method", "") == "noaux_tc";
        const Quantity shared = config.optional_count("n_shared_experts", 0);
        if (shared && shared.count() > 0) e.shared_width = shared * e.width;
    }
    config.skip("n_group|topk_group|norm_topk_prob|scoring_func|routed_scaling_factor|ep_size|aux_loss_alpha|seq_aux");
    const Quantity extra = config.optional_count("num_nextn_predict_layers", 0);
    if (extra && extra.count() > 0) {
        config.assume("num_nextn_predict_layers", "not counted",
                      "the layers that predict further tokens in training are stored beside the model and left out of "
                      "published totals");
    }
    if (!latent) {
        t.qkv_bias = t.o_bias = config.flag_or("attention_bias", false);
        return add_decoder(model, t);
    }
    add_embedding(model, t);
    add_latent_attention(config, model, t);
    add_feed_forward(model, t);
    add_experts(model, t);
    add_layer_norms(model, t);
    add_end(model, t);
}

}  // namespace

extern const Layout deepseek_layout{"deepseek deepseek_v2 deepseek_v3 kimi_k2", &build};

}  // namespace clearformer::estimate
