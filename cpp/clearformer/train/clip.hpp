#pragma once

// Gradients held to a length.

#include "clearformer/trace.hpp"
#include "clearformer/train/named.hpp"

namespace clearformer {

/// gradients: any number of tensors, taken as one long vector; max_norm at least 0.
struct ClipOptions {
    static constexpr const char* kFunction = "clip_gradient_norm";
    std::vector<NamedTensor> gradients;
    double max_norm = 1;
    double eps = 1e-6;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("gradients", gradients);
        field.required("max_norm", max_norm);
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

struct ClipResult {
    double total_norm = 0;   // Euclidean length of all gradients together, before clipping
    double coefficient = 1;  // what each entry was multiplied by
    std::vector<NamedTensor> gradients;
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("total_norm", total_norm);
        field.required("coefficient", coefficient);
        field.required("gradients", gradients);
        field.optional("trace", trace);
    }
};

/// coefficient = min(1, max_norm / (total_norm + eps)): the direction stays, the length becomes at most max_norm
/// (Pascanu et al. 2013, algorithm 1; eps as in torch.nn.utils.clip_grad_norm_). Gradients of 0 stay so.
/// Throws DomainError for max_norm < 0, eps < 0 and a length too large for a double.
ClipResult clip_gradient_norm(const ClipOptions& options);

}  // namespace clearformer
