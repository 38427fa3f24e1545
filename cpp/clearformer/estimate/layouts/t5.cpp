// T5, gated (v1.1, FLAN) and not: relative positions of the first layer serve the whole stack, heads of width d_kv, no biases.
// transformers: models/t5/modeling_t5.py.

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

struct Stack {
    const char* name;
    Quantity layers;
    Stream stream;
    bool decoder;
};

void build(const Reader& config, Architecture& model) {
    const Quantity width = config.count("d_model"), heads = config.count("num_heads"), head = config.count("d_kv");
    const Quantity inner = config.count("d_ff"), words = config.count("vocab_size");
    const Quantity encoder_layers = config.count("num_layers"),
                   decoder_layers = config.count_or("num_decoder_layers", encoder_layers);
    const Quantity buckets = config.count_or("relative_attention_num_buckets", 32, "the family's default");
    config.skip("relative_attention_max_distance|is_encoder_decoder");
    const std::string projection = config.text_or("feed_forward_proj", "relu");
    const bool gated = projection.compare(0, 6, "gated-") == 0;
    const bool tied = config.flag_assumed("tie_word_embeddings", true, "the key is absent; this is the family's default");
    model.width = width;
    model.layers = decoder_layers;
    model.vocabulary = words;
    model.trained_context = config.optional_count("n_positions");
    model.table("shared.weight", Class::kEmbedding, words, width);
    const Quantity wide = heads * head;
    for (const Stack& stack : {Stack{"encoder.", encoder_layers, Stream::kEncoder, false},
                               Stack{"decoder.", decoder_layers, Stream::kTokens, true}}) {
        const char* const layer = model.text({stack.name, "block.{i}.layer."});
        const auto linear = [&](const char* place, const char* name, const char* title, Class kind, Quantity in,
                                Quantity out, Stream stream) {
            Architecture::Linear l;
            l.name = model.text({layer, place, name});
            l.title = title;
            l.kind = kind;
            l.in = in;
            l.out = out;
            l.repeat = stack.layers;
            l.stream = stream;
            model.linear(l);
        };
        const auto attend = [&](const char* place, Stream keys, bool causal, const char* title) {
            linear(place, "q", "queries", Class::kAttention, width, wide, stack.stream);
            linear(place, "k", "keys", Class::kAttention, width, wide, keys);
            linear(place, "v", "values", Class::kAttention, width, wide, keys);
            linear(place, "o", "attention output", Class::kAttention, wide, width, stack.stream);
            Attention core;
            core.name = model.text({layer, place, "attention"});
            core.title = title;
            core.stream = stack.stream;
            core.keys = keys;
            core.causal = causal;
            core.repeat = stack.layers;
            core.heads = core.kv_heads = heads;
            core.width = core.v_width = head;
            if (stack.decoder) core.cached = 2 * heads * head;
            model.attend(core);
        };
        attend("0.SelfAttention.", stack.stream, stack.decoder, stack.decoder ? "decoder attention" : "encoder attention");
        model.table(model.text({stack.name, "block.0.layer.0.SelfAttention.relative_attention_bias.weight"}),
                    Class::kPosition, buckets, heads);
        if (stack.decoder) attend("1.EncDecAttention.", Stream::kEncoder, false, "cross-attention");
        const char* const place = stack.decoder ? "2.DenseReluDense." : "1.DenseReluDense.";
        if (gated) linear(place, "wi_0", "gate", Class::kFeedForward, width, inner, stack.stream);
        linear(place, gated ? "wi_1" : "wi", "up", Class::kFeedForward, width, inner, stack.stream);
        linear(place, "wo", "down", Class::kFeedForward, inner, width, stack.stream);
        for (int i = 0; i < (stack.decoder ? 3 : 2); ++i) {
            model.norm(model.text({layer, i, ".layer_norm"}), width, true, false, stack.layers, stack.stream);
        }
        model.norm(model.text({stack.name, "final_layer_norm"}), width, true, false, {}, stack.stream);
    }
    model.head("lm_head", width, words, tied, false);
}

}  // namespace

extern const Layout t5_layout{"t5 mt5", &build};

}  // namespace clearformer::estimate
