#pragma once

// How many parameters a model has, how many of them one token uses, and what a token leaves in the cache.

#include "clearformer/estimate/model.hpp"

namespace clearformer::estimate {

/// Parameters in all and by class, named total_params and "<class>_params".
struct Inventory {
    Quantity total;
    Quantity by_class[std::size(kClasses)];  // none where the model has no such tensor
    /// What one token uses: of the experts those chosen, and without the image tower of a model that writes. Three published conventions: with embedding and
    /// head; without the input embedding (a tied table counts, as it is the head); without both tables. Equal to the total where there are no
    /// experts, less the tables.
    Quantity active, active_without_embedding, active_without_tables;
    /// Weights that one token is multiplied with, biases and norms left out; a tied head counts.
    Quantity matmul_params;
};
Inventory count_parameters(Model& model);

/// Elements that one token leaves in the caches of all layers, and the bytes of it at `element_bytes` each: kv_elements_per_token. Windows
/// do not matter to one token.
Quantity cached_elements_per_token(Model& model);

/// Elements of the caches of one sequence of `tokens` tokens, where each layer keeps no more than its window. Cross-attention keeps
/// `source_tokens` instead. Names: kv_elements and, by group of layers, kv_elements <title>.
Quantity cached_elements(Model& model, Quantity tokens, Quantity source_tokens, const std::string& suffix = "");

}  // namespace clearformer::estimate
