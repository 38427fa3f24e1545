// Qwen 1.5, 2 and 2.5: biases on q, k and v only; a sliding window from a given layer on, where it is switched on. Qwen 3: no biases, a
// norm over each head of q and k. transformers: models/qwen2/modeling_qwen2.py, models/qwen3/modeling_qwen3.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

/// What Qwen's dense and sparse models share; `three` for the third generation.
DecoderTraits read(const Reader& config, Architecture& model, bool three) {
    DecoderTraits t = read_decoder(config, model, false);
    note_own_keys(config, t);
    t.qkv_bias = three ? config.flag_or("attention_bias", false) : config.flag_or("qkv_bias", true);
    t.o_bias = three && t.qkv_bias;
    if (three) t.qk_norm = DecoderTraits::kPerHead;
    const bool slides = config.flag_or("use_sliding_window", false);
    const Quantity window = config.optional_count("sliding_window"), first = config.optional_count("max_window_layers", 0);
    const std::optional<std::int64_t> listed = layers_named(config, "layer_types", "sliding_attention", t.layers);
    config.skip("use_qk_norm|qkv_bias");
    if (slides && window) {
        t.window = window;
        t.windowed = listed;
        if (!listed && first) t.windowed = std::max<std::int64_t>(0, t.layers.count() - first.count());
    }
    return t;
}

/// Every decoder_sparse_step-th layer has experts, except those of mlp_only_layers.
void read_experts(const Reader& config, Architecture& model, DecoderTraits& t, bool three) {
    const Quantity step = config.count_or("decoder_sparse_step", 1, "the family's default: every layer has experts");
    const std::vector<double> dense = config.numbers("mlp_only_layers");
    std::int64_t sparse = 0;
    for (std::int64_t i = 0; i < t.layers.count(); ++i) {
        bool only = false;
        for (const double layer : dense) only = only || layer == static_cast<double>(i);
        sparse += !only && (i + 1) % step.count() == 0;
    }
    ExpertTraits& e = t.experts;
    e.layers = sparse == t.layers.count()
                   ? t.layers
                   : model.ledger().leaf("sparse_layers|Layers with experts||decoder_sparse_step, mlp_only_layers", sparse,
                                         Origin::kConfig);
    e.count = config.count("num_experts|num_local_experts");
    e.chosen = config.count("num_experts_per_tok");
    e.width = config.count("moe_intermediate_size");
    const Quantity shared = config.optional_count("shared_expert_intermediate_size", 0);
    if (!three && shared && shared.count() > 0) {
        e.shared_width = shared;
        e.shared = "mlp.shared_expert.";
        e.shared_gate = "mlp.shared_expert_gate";
    }
    config.skip("norm_topk_prob");
}

void build(const Reader& config, Architecture& model) {
    const std::string type = config.text_or("model_type", "");
    const bool three = type == "qwen3" || type == "qwen3_moe";
    DecoderTraits t = read(config, model, three);
    t.feed_forward = config.count("intermediate_size");
    if (type == "qwen2_moe" || type == "qwen3_moe") read_experts(config, model, t, three);
    add_decoder(model, t);
}

}  // namespace

extern const Layout qwen_layout{"qwen2 qwen2_moe qwen3 qwen3_moe", &build};

}  // namespace clearformer::estimate
