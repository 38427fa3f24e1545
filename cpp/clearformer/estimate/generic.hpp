#pragma once

#include "clearformer/estimate/layout.hpp"

namespace clearformer::estimate {

/// A decoder from the keys that most families share, for a model_type without a layout; every guess is noted as an assumption. Throws
/// DomainError where the keys do not describe a transformer.
void build_generic(const Reader& config, Architecture& model);

}  // namespace clearformer::estimate
