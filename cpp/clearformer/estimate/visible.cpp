#include "clearformer/estimate/visible.hpp"

namespace clearformer::estimate {
namespace {

Quantity triangle(Quantity n) { return n * (n + 1) / 2; }

}  // namespace

Quantity visible_pairs(Quantity tokens, const Sight& sight) {
    const Quantity window = sight.window;
    if (!window) return triangle(tokens);
    if (sight.chunked) {
        const Quantity chunks = floor_divide(tokens, window);
        return chunks * triangle(window) + triangle(tokens - chunks * window);
    }
    const Quantity rising = least(tokens, window);
    return triangle(rising) + (tokens - rising) * window;
}

Quantity visible_pairs(Quantity tokens, Quantity before, const Sight& sight) {
    if (!before) return visible_pairs(tokens, sight);
    if (!sight.window) return tokens * before + triangle(tokens);
    return visible_pairs(before + tokens, sight) - visible_pairs(before, sight);
}

Quantity visible_keys(Quantity context, const Sight& sight) {
    if (!sight.window) return context;
    if (sight.chunked) return context - floor_divide(context - 1, sight.window) * sight.window;
    return least(context, sight.window);
}

Quantity mean_visible_keys(Quantity prompt, Quantity generated, const Sight& sight) {
    if (!sight.window) return prompt + (generated + 1) / 2;
    return (visible_pairs(prompt + generated, sight) - visible_pairs(prompt, sight)) / generated;
}

Quantity kept_keys(Quantity before, const Sight& sight) {
    if (!sight.window) return before;
    if (sight.chunked) return before - floor_divide(before, sight.window) * sight.window;
    return least(before, sight.window);
}

}  // namespace clearformer::estimate
