#pragma once

// A configuration, understood: its architecture, what was assumed, which keys were read.

#include "clearformer/estimate/architecture.hpp"
#include "clearformer/estimate/reader.hpp"

#include "clearformer/extents.hpp"

#include <memory>
#include <optional>

namespace clearformer::estimate {

struct Model {
    Ledger ledger;
    Architecture architecture{ledger};
    std::string model_type;
    bool known = true;  // a layout of its own, not the generic one
    std::vector<Note> notes;
    std::vector<std::string> used_keys, ignored_keys;  // ignored: keys that say nothing about sizes, or that no layout reads
};

/// Reads a configuration. A model_type without a layout of its own but with a text_config is read by that one's; what else is unknown is
/// read from the keys that most families share, and noted.
/// `image_size`: pixels a side of the images, where they are not of the configured size; in the configuration's own unit, so for DiT of
/// the latent. It changes rows, never parameters: tables of positions are stretched. Models without images take no notice.
/// Throws DomainError and KindError, naming key and rule.
std::unique_ptr<Model> read_model(const KeyValues& config, std::optional<Size> image_size = std::nullopt);

}  // namespace clearformer::estimate
