#pragma once

// Configurations for tests, read from JSON as the page reads them.

#include <nlohmann/json.hpp>

#include "clearformer/estimate/model.hpp"

namespace clearformer::testing {

/// Nested objects become dotted keys; lists of objects are left out. In the order of the object: that of names, or of writing.
template <class Json>
void add_entries(const Json& object, const std::string& prefix, KeyValues& entries) {
    for (const auto& [name, value] : object.items()) {
        KeyValue entry;
        entry.key = prefix + name;
        if (value.is_object()) {
            add_entries(value, entry.key + ".", entries);
            continue;
        }
        if (value.is_boolean()) {
            entry.kind = KeyValue::kBoolean;
            entry.numbers = {value.template get<bool>() ? 1.0 : 0.0};
        } else if (value.is_number()) {
            entry.kind = KeyValue::kNumber;
            entry.numbers = {value.template get<double>()};
        } else if (value.is_string()) {
            entry.kind = KeyValue::kText;
            entry.texts = {value.template get<std::string>()};
        } else if (value.is_array() && !value.empty() && value[0].is_number()) {
            entry.kind = KeyValue::kNumbers;
            entry.numbers = value.template get<std::vector<double>>();
        } else if (value.is_array() && (value.empty() || value[0].is_string())) {
            entry.kind = KeyValue::kTexts;
            entry.texts = value.template get<std::vector<std::string>>();
        } else if (!value.is_null()) {
            continue;
        }
        entries.add(std::move(entry));
    }
}

template <class Json>
KeyValues config_of(const Json& object) {
    KeyValues entries;
    add_entries(object, "", entries);
    return entries;
}

/// Published sizes that several tests need.
inline nlohmann::json llama_7b() {
    return {{"model_type", "llama"},      {"hidden_size", 4096}, {"num_hidden_layers", 32}, {"num_attention_heads", 32},
            {"intermediate_size", 11008}, {"vocab_size", 32000}, {"rms_norm_eps", 1e-6},    {"tie_word_embeddings", false}};
}
inline nlohmann::json vit(int width, int layers, int heads, int patch) {
    return {{"model_type", "vit"},
            {"hidden_size", width},
            {"num_hidden_layers", layers},
            {"num_attention_heads", heads},
            {"intermediate_size", 4 * width},
            {"image_size", 224},
            {"patch_size", patch},
            {"num_channels", 3},
            {"num_labels", 1000}};
}
inline nlohmann::json swin(int width, std::vector<int> depths, std::vector<int> heads) {
    return {{"model_type", "swin"}, {"depths", depths},   {"embed_dim", width}, {"image_size", 224}, {"mlp_ratio", 4.0},
            {"num_channels", 3},    {"num_heads", heads}, {"patch_size", 4},    {"qkv_bias", true},  {"window_size", 7}};
}
inline nlohmann::json deepseek(int layers) {
    return {{"model_type", "deepseek_v2"},
            {"hidden_size", 512},
            {"num_hidden_layers", layers},
            {"num_attention_heads", 8},
            {"intermediate_size", 1024},
            {"vocab_size", 1000},
            {"kv_lora_rank", 64},
            {"q_lora_rank", 96},
            {"qk_rope_head_dim", 16},
            {"qk_nope_head_dim", 32},
            {"v_head_dim", 48},
            {"n_routed_experts", 16},
            {"num_experts_per_tok", 2},
            {"moe_intermediate_size", 128},
            {"n_shared_experts", 1},
            {"first_k_dense_replace", 1},
            {"tie_word_embeddings", false}};
}

}  // namespace clearformer::testing
