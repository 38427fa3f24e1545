#include <cmath>

#include "clearformer/attention/attention_backward.hpp"
#include "clearformer/attention/causal_head.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/ops/softmax_backward.hpp"

namespace clearformer {

template <class Real>
CausalHead<Real>::CausalHead(Size T, Size D)
    : T_(T), D_(D), scale_(static_cast<Real>(1.0 / std::sqrt(static_cast<double>(D)))), d_logits_(T * T) {
    for (Size t = 0; t < T; ++t) {
        seen_.push_back({0, t + 1});
        seen_by_.push_back({t, T});
    }
}

template <>
void CausalHead<double>::forward(const HeadRows<const double>& head, double* weights, double* y, Size ldy) {
    matmul_transposed(head.q, head.k, weights, T_, D_, T_, head.stride, head.stride, T_);
    for (Size t = 0; t < T_; ++t) {
        double* row = weights + t * T_;
        for (Size s = 0; s <= t; ++s) row[s] *= scale_;
        std::fill(row + t + 1, row + T_, 0.0);
        softmax_row(row, row, t + 1);
    }
    matmul(weights, head.v, y, T_, T_, D_, T_, head.stride, ldy);
}

template <>
void CausalHead<double>::backward(const HeadRows<const double>& head, const double* weights, const double* dy, Size ldy,
                                  const HeadRows<double>& gradient) {
    for (Size t = 0; t < T_; ++t) {
        std::fill_n(gradient.k + t * gradient.stride, D_, 0.0);
        std::fill_n(gradient.v + t * gradient.stride, D_, 0.0);
    }
    std::vector<double> d_weights(T_ * T_);
    add_transposed_product(weights, dy, gradient.v, T_, T_, D_, T_, ldy, gradient.stride);
    attention_logits_backward(weights, head.v, dy, d_weights.data(), d_logits_.data(), T_, T_, D_, head.stride, ldy);
    for (double& value : d_logits_) value *= scale_;
    attention_scores_backward(d_logits_.data(), head.q, head.k, gradient.q, gradient.k, T_, T_, D_, head.stride, head.stride,
                              gradient.stride, gradient.stride);
}

template <>
void CausalHead<float>::forward(const HeadRows<const float>& head, float* weights, float* y, Size ldy) {
    packed_.pack_transposed(head.k, D_, T_, head.stride, scale_);
    packed_.multiply_columns(head.q, weights, T_, seen_.data(), head.stride, T_);
    for (Size t = 0; t < T_; ++t) {
        float* row = weights + t * T_;
        std::fill(row + t + 1, row + T_, 0.0f);
        softmax_row(row, row, t + 1);
    }
    packed_.pack(head.v, T_, D_, head.stride);
    packed_.multiply_depths(weights, y, T_, seen_.data(), T_, ldy);
}

template <>
void CausalHead<float>::backward(const HeadRows<const float>& head, const float* weights, const float* dy, Size ldy,
                                 const HeadRows<float>& gradient) {
    float* d_logits = d_logits_.data();
    // 1. From the output to the values and, through the weights, to the logits.
    packed_.pack(dy, T_, D_, ldy);
    packed_.multiply_turned(weights, gradient.v, T_, seen_by_.data(), T_, gradient.stride, false);
    packed_.pack_transposed(head.v, D_, T_, head.stride);
    packed_.multiply_columns(dy, d_logits, T_, seen_.data(), ldy, T_);
    for (Size t = 0; t < T_; ++t) {
        float* row = d_logits + t * T_;
        softmax_row_backward(weights + t * T_, row, row, t + 1);
        std::fill(row + t + 1, row + T_, 0.0f);
    }
    // 2. From the logits to the queries and the keys, the scale in the packed factor.
    packed_.pack(head.k, T_, D_, head.stride, scale_);
    packed_.multiply_depths(d_logits, gradient.q, T_, seen_.data(), T_, gradient.stride);
    packed_.pack(head.q, T_, D_, head.stride, scale_);
    packed_.multiply_turned(d_logits, gradient.k, T_, seen_by_.data(), T_, gradient.stride, false);
}

template class CausalHead<float>;
template class CausalHead<double>;

}  // namespace clearformer
