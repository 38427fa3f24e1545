#pragma once

// Tensors by name: how parameters and gradients cross the boundary.

#include "clearformer/blocks/model.hpp"

namespace clearformer {

/// The tensor of that name, or null.
inline const Array<double>* find_tensor(const std::vector<NamedTensor>& list, const std::string& name) {
    for (const NamedTensor& one : list) {
        if (one.name == name) return &one.tensor;
    }
    return nullptr;
}

/// Throws DomainError where two tensors have the same name.
void check_distinct(const char* function, const char* what, const std::vector<NamedTensor>& list);

}  // namespace clearformer
