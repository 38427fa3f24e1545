// BLOOM: ALiBi instead of positions, a norm after the embedding, biases everywhere, a tied head. transformers:
// models/bloom/modeling_bloom.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    config.skip("n_embed");
    DecoderTraits t;
    t.width = config.count("hidden_size|n_embed");
    t.layers = config.count("n_layer|num_hidden_layers");
    t.heads = t.kv_heads = config.count("n_head|num_attention_heads");
    require(t.width.count() % t.heads.count() == 0, "config: hidden_size ", t.width.count(), " is not divisible by ",
            t.heads.count(), " heads");
    t.head_width = model.ledger().named(floor_divide(t.width, t.heads), "head_dim|Width of a head");
    t.vocabulary = config.count("vocab_size");
    t.tied = config.flag_assumed("tie_word_embeddings", true, "the key is absent; this is the family's default");
    model.width = t.width;
    model.layers = t.layers;
    model.vocabulary = t.vocabulary;
    model.trained_context = config.optional_count("seq_length");
    t.feed_forward = 4 * t.width;
    name_like_bloom(t);
    t.qkv_bias = t.o_bias = t.feed_forward_bias = t.norm_bias = true;
    model.norm(model.text({t.prefix, "word_embeddings_layernorm"}), t.width, true, true);
    add_decoder(model, t);
}

}  // namespace

extern const Layout bloom_layout{"bloom", &build};

}  // namespace clearformer::estimate
