// Shapes that a paper prints and no configuration file holds: GPT-3 (Brown et al. 2020, table 2.1), Gopher and Chinchilla (Rae et al.
// 2021, table 1; Hoffmann et al. 2022, table 4), PaLM (Chowdhery et al. 2022, table 1).

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

DecoderTraits read(const Reader& config, Architecture& model) {
    DecoderTraits t;
    t.width = config.count("n_embd|d_model");
    t.layers = config.count("n_layer");
    t.heads = t.kv_heads = config.count("n_head");
    t.head_width = config.count("d_head");
    t.vocabulary = config.count("vocab_size");
    t.tied = config.flag_assumed("tie_word_embeddings", true, "the paper does not say; its totals fit a tied head");
    model.trained_context = config.optional_count("n_positions");
    model.width = t.width;
    model.layers = t.layers;
    model.vocabulary = t.vocabulary;
    t.prefix = "";
    t.embedding = "embedding";
    t.q = "attention.q";
    t.k = "attention.k";
    t.v = "attention.v";
    t.o = "attention.o";
    t.gate = "feed_forward.gate";
    t.up = "feed_forward.up";
    t.down = "feed_forward.down";
    t.layer_norms = "norm_1|norm_2";
    t.final_norm = "final_norm";
    t.head = "head";
    return t;
}

/// As GPT-2. Where n_head times d_head is not d_model (the table prints 24 heads of 128 at width 2048, and 40 of 128 at 5140), the
/// projections are counted as square, as the table's totals have them, and the cache as the heads have it.
void gpt3(const Reader& config, Architecture& model) {
    DecoderTraits t = read(config, model);
    t.feed_forward = 4 * t.width;
    t.gated = false;
    t.qkv_bias = t.o_bias = t.feed_forward_bias = t.norm_bias = true;
    DecoderTraits square = t;
    if (t.heads.count() * t.head_width.count() != t.width.count()) {
        config.contradiction(
            "d_head", to_text(static_cast<double>(t.head_width.count())),
            "n_head × d_head is not n_embd; projections are counted as square, the cache as the heads have it");
        square.heads = square.kv_heads = model.one();
        square.head_width = t.width;
    }
    add_embedding(model, t);
    model.table("positions", Class::kPosition, config.count("n_positions"), t.width);
    add_attention_projections(model, square);
    add_attention(model, t);
    add_feed_forward(model, t);
    add_layer_norms(model, t);
    add_end(model, t);
}

/// Positions relative as in Transformer-XL: a projection of them in each layer. No biases.
void gopher(const Reader& config, Architecture& model) {
    DecoderTraits t = read(config, model);
    t.feed_forward = config.count("d_ff");
    t.gated = false;
    add_embedding(model, t);
    model.vector("layers.{i}.attention.positions", Class::kPosition, {t.width, t.width}, t.layers);
    add_attention_projections(model, t);
    add_attention(model, t);
    add_feed_forward(model, t);
    add_layer_norms(model, t);
    add_end(model, t);
}

/// One key and value head, SwiGLU, one norm before parallel attention and feed-forward, no biases, a tied head.
void palm(const Reader& config, Architecture& model) {
    DecoderTraits t = read(config, model);
    t.kv_heads = config.given("kv_heads", 1, "Chowdhery et al. 2022, section 2: multi-query attention");
    t.feed_forward = config.count("d_ff");
    t.layer_norms = "norm";
    add_decoder(model, t);
}

void build(const Reader& config, Architecture& model) {
    const std::string type = config.text_or("model_type", "");
    (type == "paper_gpt3" ? gpt3 : type == "paper_gopher" ? gopher : palm)(config, model);
}

}  // namespace

extern const Layout papers_layout{"paper_gpt3 paper_gopher paper_palm", &build};

}  // namespace clearformer::estimate
