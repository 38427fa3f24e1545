#pragma once

// A configuration, understood: its architecture, what was assumed, which keys were read.

#include "clearformer/estimate/architecture.hpp"
#include "clearformer/estimate/reader.hpp"

#include <memory>

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
/// Throws DomainError and KindError, naming key and rule.
std::unique_ptr<Model> read_model(const KeyValues& config);

}  // namespace clearformer::estimate
