#include "clearformer/train/clip.hpp"

#include <cmath>

namespace clearformer {

ClipResult clip_gradient_norm(const ClipOptions& o) {
    require(o.max_norm >= 0, "clip_gradient_norm: max_norm must be at least 0, got ", o.max_norm);
    require(o.eps >= 0, "clip_gradient_norm: eps must be at least 0, got ", o.eps);
    ClipResult r{0, 1, o.gradients};
    double square = 0;
    for (const NamedTensor& gradient : o.gradients) {
        for (double g : gradient.tensor.data) square += g * g;
    }
    require(std::isfinite(square), "clip_gradient_norm: the gradients are too large, their squares sum to ", square);
    r.total_norm = std::sqrt(square);
    if (r.total_norm + o.eps > o.max_norm) r.coefficient = o.max_norm / (r.total_norm + o.eps);
    for (NamedTensor& gradient : r.gradients) {
        for (double& g : gradient.tensor.data) g *= r.coefficient;
    }
    return r;
}

}  // namespace clearformer
