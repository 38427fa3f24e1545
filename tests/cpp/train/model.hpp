#pragma once

// Small seeded models for the tests of the tiny GPT.

#include "clearformer/train/tiny_gpt.hpp"
#include "support.hpp"

namespace clearformer::testing {

/// A model's options with parameters drawn for a configuration.
inline TinyGptOptions tiny_model(TinyGptConfig config, std::uint64_t seed = 1) {
    TinyGptOptions o;
    o.heads = static_cast<int>(config.heads);
    o.activation = config.activation;
    o.normalisation = config.rms ? "rms_norm" : "layer_norm";
    o.norm_first = config.norm_first;
    o.eps = config.eps;
    for (const TinyGptSlot& slot : tiny_gpt_slots(config))
        o.parameters.push_back({slot.name, normal(slot.shape, seed++, slot.shape.size() == 1 ? 1.0 : 0.6)});
    return o;
}

inline TinyGptConfig small_config() {
    TinyGptConfig c;
    c.layers = 2;
    c.heads = 2;
    c.width = 4;
    c.hidden = 6;
    c.vocabulary = 5;
    c.positions = 4;
    return c;
}

}  // namespace clearformer::testing
