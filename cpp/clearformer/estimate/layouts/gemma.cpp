// Gemma 1 to 3: heads wider than hidden_size / heads, a tied head; from the second on four norms a layer and sliding windows; the third
// also normalises q and k, and from 4B on comes with an image tower. transformers: models/gemma/modeling_gemma.py, models/gemma2, models/gemma3.

#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {
namespace {

DecoderTraits read(const Reader& config, Architecture& model, int generation) {
    DecoderTraits t;
    // Published files of Gemma 3 leave out what is the class's default (configuration_gemma3.py).
    const char* const why = "the class's default, which published files leave out";
    t.width = config.count("hidden_size");
    t.layers = read_layers(config, "num_hidden_layers");
    t.heads = config.count_or("num_attention_heads", 8, why);
    t.kv_heads = config.count_or("num_key_value_heads", generation == 3 ? 4 : t.heads.count(), why);
    t.head_width = config.count_or("head_dim", 256, "the family's default");
    t.vocabulary = config.count_or("vocab_size", generation == 3 ? 262208 : 256000, why);
    t.tied = config.flag_assumed("tie_word_embeddings", true, "the key is absent; this is the family's default");
    t.feed_forward = config.count("intermediate_size");
    t.qkv_bias = t.o_bias = config.flag_or("attention_bias", false);
    model.trained_context = config.optional_count("max_position_embeddings");
    model.width = t.width;
    model.layers = t.layers;
    model.vocabulary = t.vocabulary;
    require(t.heads.count() % t.kv_heads.count() == 0, "config: ", t.heads.count(), " query heads cannot share ",
            t.kv_heads.count(), " key and value heads evenly");
    if (generation > 1) {
        t.layer_norms = "input_layernorm|post_attention_layernorm|pre_feedforward_layernorm|post_feedforward_layernorm";
        t.window = config.optional_count("sliding_window");
        t.windowed = layers_named(config, "layer_types", "sliding_attention", t.layers);
        if (!t.windowed && t.window) {
            // Gemma 2 alternates, the first layer sliding; Gemma 3 lets every sixth layer see everything.
            const std::int64_t pattern = generation == 2 ? 2 : config.count_or("sliding_window_pattern", 6, why).count();
            t.windowed = t.layers.count() - t.layers.count() / pattern;
        }
    }
    if (generation == 3) t.qk_norm = DecoderTraits::kPerHead;
    return t;
}

/// SigLIP without its head, and a norm and a projection into the text model.
void add_image_tower(const Reader& config, Architecture& model) {
    config.skip("model_type|vision_use_head");
    const Quantity text_width = model.width;
    const Quantity width = add_vision_tower(config, model, {"vision_tower.vision_model.", false, false, true});
    model.norm("multi_modal_projector.mm_soft_emb_norm", width, true, false, {}, Stream::kImage);
    Architecture::Linear l;
    l.name = "multi_modal_projector.mm_input_projection";
    l.title = "image to text";
    l.weight = "_weight";
    l.in = width;
    l.out = text_width;
    l.stream = Stream::kImage;
    l.rows = config.given("mm_tokens_per_image", 256, "Gemma 3 pools the patches of an image to 256 rows");
    model.linear(l);
}

void build(const Reader& config, Architecture& model) {
    const std::string type = config.text_or("model_type", "");
    if (config.has_object("text_config")) {
        config.skip("mm_tokens_per_image");
        const Reader text = config.within("text_config");
        text.skip("model_type");
        add_decoder(model, read(text, model, 3));
        if (config.has_object("vision_config")) add_image_tower(config.within("vision_config"), model);
        return;
    }
    add_decoder(model, read(config, model, type == "gemma" ? 1 : type == "gemma2" ? 2 : 3));
}

}  // namespace

extern const Layout gemma_layout{"gemma gemma2 gemma3 gemma3_text", &build};

}  // namespace clearformer::estimate
