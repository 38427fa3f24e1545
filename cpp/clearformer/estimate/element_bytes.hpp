#pragma once

// Bytes that one number takes when it is read or written, by what it belongs to.

#include "clearformer/estimate/model.hpp"
#include "clearformer/estimate/workload.hpp"

namespace clearformer::estimate {

struct ElementBytes {
    Quantity weights[std::size(kClasses)], cache, activations;  // doubles: formats in blocks take fractions of a byte
    Quantity of(Class kind) const { return weights[static_cast<std::size_t>(kind)]; }
};

/// From the formats that a workload names. Throws DomainError for a format or a class that is not known.
ElementBytes element_bytes(Model& model, const Workload& workload);

}  // namespace clearformer::estimate
