#pragma once

// Causal attention of one head on rows that lie among those of other heads, forward and backward: what training needs.

#include "clearformer/ops/packed.hpp"

namespace clearformer {

/// Queries, keys and values [T, D], the rows of all three `stride` apart.
template <class Real>
struct HeadRows {
    Real *q, *k, *v;
    Size stride;
};

/// Heads of one shape, one after another. Scale is 1 / sqrt(D). In double plain loops over all keys, in float the SIMD kernels, which
/// pass over the keys that a query does not see.
template <class Real>
class CausalHead {
public:
    CausalHead(Size T, Size D);

    /// weights [T, T], zeros above the diagonal; y [T, D], its rows ldy apart.
    void forward(const HeadRows<const Real>& head, Real* weights, Real* y, Size ldy);
    /// From dy [T, D] and the weights of forward to the gradients of q, k and v.
    void backward(const HeadRows<const Real>& head, const Real* weights, const Real* dy, Size ldy,
                  const HeadRows<Real>& gradient);

private:
    Size T_, D_;
    Real scale_;
    std::vector<Real> d_logits_;
    std::vector<Range> seen_, seen_by_;  // the keys that a query sees, the queries that see a key
    PackedMatrix packed_;
};

}  // namespace clearformer
