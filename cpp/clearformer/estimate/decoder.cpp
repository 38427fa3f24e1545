// Decoders of the GPT and Llama kind: what their layouts have in common.

#include <algorithm>

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {
namespace {

const char* in_layer(Architecture& model, const DecoderTraits& t, std::string_view name) {
    return model.text({t.prefix, t.layer, name});
}

bool there(const char* name) { return *name != 0; }

Quantity counted(Architecture& model, const char* title, std::int64_t layers) {
    return model.ledger().leaf({title, "||counted over the layers as the configuration lists them"}, layers,
                               Origin::kConfig);
}

}  // namespace

Quantity read_layers(const Reader& config, Names names) {
    constexpr std::int64_t most = 65536;
    const Quantity layers = config.count(names);
    require(layers.count() <= most, "config: ", config.path(first_name(names)), " must be at most ", most, ", got ",
            layers.count());
    return layers;
}

DecoderTraits read_decoder(const Reader& config, Architecture& model, bool tied) {
    DecoderTraits t;
    t.width = config.count("hidden_size|n_embd|d_model");
    t.layers = read_layers(config, "num_hidden_layers|n_layer|num_layers");
    t.heads = config.count("num_attention_heads|n_head|num_heads");
    t.kv_heads = config.count_or("num_key_value_heads|num_kv_heads", t.heads);
    t.head_width = config.optional_count("head_dim|d_head");
    if (!t.head_width) {
        require(t.width.count() % t.heads.count() == 0, "config: ", config.path("hidden_size"), " ", t.width.count(),
                " is not divisible by ", t.heads.count(), " heads, and there is no head_dim");
        t.head_width = model.ledger().named(floor_divide(t.width, t.heads), {config.path("head_dim"), "|Width of a head"});
    }
    require(t.heads.count() % t.kv_heads.count() == 0, "config: ", t.heads.count(), " query heads cannot share ",
            t.kv_heads.count(), " key and value heads evenly");
    t.vocabulary = config.count("vocab_size");
    t.tied = config.flag_assumed("tie_word_embeddings", tied, "the key is absent; this is the family's default");
    model.trained_context = config.optional_count("max_position_embeddings|n_positions|n_ctx|max_seq_len|seq_length");
    model.width = t.width;
    model.layers = t.layers;
    model.vocabulary = t.vocabulary;
    return t;
}

void note_own_keys(const Reader& config, const DecoderTraits& t) {
    if (config.has("num_key_value_heads|num_kv_heads")) return;
    config.assume(config.path("num_key_value_heads"), std::to_string(t.heads.count()),
                  "the key is absent: every query head has keys and values of its own, the class's default");
}

void name_like_bloom(DecoderTraits& t) {
    t.prefix = "transformer.";
    t.embedding = "word_embeddings";
    t.layer = "h.{i}.";
    t.qkv = "self_attention.query_key_value";
    t.o = "self_attention.dense";
    t.up = "mlp.dense_h_to_4h";
    t.down = "mlp.dense_4h_to_h";
    t.final_norm = "ln_f";
    t.gated = false;
}

std::optional<std::int64_t> layers_named(const Reader& config, const char* key, const char* type, Quantity layers) {
    const std::vector<std::string> types = config.texts(key);
    if (types.empty()) return {};
    require(static_cast<std::int64_t>(types.size()) == layers.count(), "config: ", config.path(key), " must name ",
            layers.count(), " layers, got ", types.size());
    return std::count(types.begin(), types.end(), type);
}

void add_embedding(Architecture& model, const DecoderTraits& t) {
    model.table(model.text({t.prefix, t.embedding, ".weight"}), Class::kEmbedding, t.vocabulary,
                t.embedding_width ? t.embedding_width : t.width);
}

void add_attention_projections(Architecture& model, const DecoderTraits& t) {
    const auto linear = [&](std::string_view name, const char* title, Quantity in, Quantity out, bool bias) {
        Architecture::Linear l;
        l.name = in_layer(model, t, name);
        l.title = title;
        l.kind = Class::kAttention;
        l.in = in;
        l.out = out;
        l.repeat = t.layers;
        l.bias = bias;
        model.linear(l);
    };
    const Quantity queries = t.heads * t.head_width, keys = t.kv_heads * t.head_width;
    if (there(t.qkv)) {
        linear(t.qkv, "queries, keys and values", t.width, queries + 2 * keys, t.qkv_bias);
    } else {
        linear(t.q, "queries", t.width, queries, t.qkv_bias);
        linear(t.k, "keys", t.width, keys, t.qkv_bias);
        linear(t.v, "values", t.width, keys, t.qkv_bias);
    }
    linear(t.o, "attention output", queries, t.width, t.o_bias);
    if (t.qk_norm != DecoderTraits::kNone) {
        const bool per_head = t.qk_norm == DecoderTraits::kPerHead;
        model.norm(in_layer(model, t, t.q_norm), per_head ? t.head_width : queries, true, false, t.layers);
        if (per_head) model.norms.back().groups = t.heads;
        model.norm(in_layer(model, t, t.k_norm), per_head ? t.head_width : keys, true, false, t.layers);
        if (per_head) model.norms.back().groups = t.kv_heads;
    }
}

void add_attention(Architecture& model, const DecoderTraits& t) {
    Attention core;
    core.name = in_layer(model, t, "attention");
    core.title = "attention";
    core.heads = t.heads;
    core.kv_heads = t.kv_heads;
    core.width = core.v_width = t.head_width;
    core.cached = 2 * t.kv_heads * t.head_width;
    core.repeat = t.layers;
    core.chunked = t.chunked;
    if (!t.window || !t.windowed) {
        core.window = t.window;
        return model.attend(core);
    }
    const std::int64_t rest = t.layers.count() - *t.windowed;
    if (rest > 0) {
        core.repeat = counted(model, "full_attention_layers|Layers that see everything", rest);
        core.title = "full attention";
        model.attend(core);
    }
    if (*t.windowed > 0) {
        core.repeat = counted(
            model, t.chunked ? "windowed_layers|Layers that see a chunk" : "windowed_layers|Layers with a sliding window",
            *t.windowed);
        core.title = t.chunked ? "attention in chunks" : "attention in a window";
        core.window = t.window;
        model.attend(core);
    }
}

void add_feed_forward(Architecture& model, const DecoderTraits& t) {
    const Quantity dense = t.experts.layers ? t.layers - t.experts.layers : t.layers;
    if (dense.count() == 0) return;
    const auto linear = [&](std::string_view name, const char* title, Quantity in, Quantity out) {
        Architecture::Linear l;
        l.name = in_layer(model, t, name);
        l.title = title;
        l.kind = Class::kFeedForward;
        l.in = in;
        l.out = out;
        l.repeat = dense;
        l.bias = t.feed_forward_bias;
        model.linear(l);
    };
    if (t.gated && there(t.gate_up)) {
        linear(t.gate_up, "gate and up", t.width, 2 * t.feed_forward);
    } else {
        if (t.gated) linear(t.gate, "gate", t.width, t.feed_forward);
        linear(t.up, "up", t.width, t.feed_forward);
    }
    linear(t.down, "down", t.feed_forward, t.width);
}

void add_experts(Architecture& model, const DecoderTraits& t) {
    const ExpertTraits& e = t.experts;
    if (!e.layers || e.layers.count() == 0) return;
    require(e.chosen.count() <= e.count.count(), "config: ", e.chosen.count(), " experts per token cannot be chosen from ",
            e.count.count());
    const auto linear = [&](std::string_view name, const char* title, Class kind, Quantity in, Quantity out, bool bias,
                            bool of_experts) {
        Architecture::Linear l;
        l.name = in_layer(model, t, name);
        l.title = title;
        l.kind = kind;
        l.in = in;
        l.out = out;
        l.repeat = e.layers;
        l.bias = bias;
        if (of_experts) {
            l.experts = e.count;
            l.chosen = e.chosen;
        }
        model.linear(l);
    };
    linear(e.router, "router", Class::kRouter, t.width, e.count, e.router_bias, false);
    if (e.correction_bias)
        model.vector(model.text({in_layer(model, t, e.router), ".e_score_correction_bias"}), Class::kRouter, {e.count},
                     e.layers);
    const auto feed_forward = [&](const char* place, Class kind, Quantity width, bool bias, bool of_experts, bool fused) {
        if (e.gated && fused && there(e.gate_up)) {
            linear(model.text({place, e.gate_up}), "expert gate and up", kind, t.width, 2 * width, bias, of_experts);
        } else {
            if (e.gated)
                linear(model.text({place, e.gate}), of_experts ? "expert gate" : "shared gate", kind, t.width, width, bias,
                       of_experts);
            linear(model.text({place, e.up}), of_experts ? "expert up" : "shared up", kind, t.width, width, bias,
                   of_experts);
        }
        linear(model.text({place, e.down}), of_experts ? "expert down" : "shared down", kind, width, t.width, bias,
               of_experts);
    };
    feed_forward(e.expert, Class::kExpert, e.width, e.bias, true, true);
    if (e.shared_width) {
        feed_forward(e.shared, Class::kShared, e.shared_width, false, false, false);
        if (there(e.shared_gate))
            linear(e.shared_gate, "shared expert's gate", Class::kShared, t.width, model.one(), false, false);
    }
}

void add_layer_norms(Architecture& model, const DecoderTraits& t) {
    std::string_view name;
    for (Names names = t.layer_norms; next_name(names, name);) {
        model.norm(in_layer(model, t, name), t.width, t.norm_scale, t.norm_bias, t.layers);
    }
}

void add_end(Architecture& model, const DecoderTraits& t) {
    if (there(t.final_norm)) model.norm(model.text({t.prefix, t.final_norm}), t.width, t.norm_scale, t.norm_bias);
    if (!t.has_head) return;
    model.head(model.text({t.head_prefixed ? t.prefix : "", t.head}), t.embedding_width ? t.embedding_width : t.width,
               t.vocabulary, t.tied, t.head_bias);
}

void add_decoder(Architecture& model, const DecoderTraits& t) {
    add_embedding(model, t);
    add_attention_projections(model, t);
    add_attention(model, t);
    add_feed_forward(model, t);
    add_experts(model, t);
    add_layer_norms(model, t);
    add_end(model, t);
}

}  // namespace clearformer::estimate
