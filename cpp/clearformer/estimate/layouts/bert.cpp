// BERT and RoBERTa, the bare encoder with its pooler. transformers: models/bert/modeling_bert.py, models/roberta/modeling_roberta.py.

#include "clearformer/estimate/encoder.hpp"

namespace clearformer::estimate {
namespace {

void build(const Reader& config, Architecture& model) {
    EncoderTraits t;
    t.width = config.count("hidden_size");
    t.layers = config.count("num_hidden_layers");
    t.heads = config.count("num_attention_heads");
    t.feed_forward = config.count("intermediate_size");
    t.layer = "encoder.layer.{i}.";
    const Quantity words = config.count("vocab_size"), positions = config.count("max_position_embeddings");
    const Quantity kinds = config.count_or("type_vocab_size", 2, "the family's default");
    config.skip("position_embedding_type");
    model.generates = false;
    model.width = t.width;
    model.layers = t.layers;
    model.vocabulary = words;
    model.trained_context = positions;
    model.table("embeddings.word_embeddings.weight", Class::kEmbedding, words, t.width);
    model.table("embeddings.position_embeddings.weight", Class::kPosition, positions, t.width);
    model.table("embeddings.token_type_embeddings.weight", Class::kPosition, kinds, t.width);
    model.norm("embeddings.LayerNorm", t.width, true, true);
    add_encoder(model, t);
    add_dense(model, "pooler.dense", "pooler", Class::kOther, t.width, t.width, true, Stream::kOnce);
    config.assume("head", "none", "the count is that of the bare encoder with its pooler; task heads come on top");
}

}  // namespace

extern const Layout bert_layout{"bert roberta", &build};

}  // namespace clearformer::estimate
