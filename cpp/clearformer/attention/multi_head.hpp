#pragma once

// Multi-head attention with its projections, laid out as torch.nn.MultiheadAttention lays them out.

#include <optional>
#include <vector>

#include "clearformer/attention/attention.hpp"

namespace clearformer {

/// query [T, C], key [S, Ck], value [S, Cv]. Weights are [out, in]: y = x W^T + b, and head h is the columns h D .. (h + 1) D - 1.
/// Either in_proj_weight [3 C, C] with the rows W_Q, W_K, W_V stacked, or q_weight [C, C], k_weight [C, Ck], v_weight [C, Cv].
/// bias_k and bias_v [1, 1, C] append one learned key and value; add_zero_attention appends a key and a value of zeros;
/// both are visible to every query. key_valid marks padding keys with 0. causal is aligned top-left, as PyTorch's is_causal.
template <class Real>
struct MultiHeadOptions {
    static constexpr const char* kFunction = "multi_head_attention";
    Array<Real> query, key, value;
    int heads = 1;
    std::optional<Array<Real>> in_proj_weight, in_proj_bias, q_weight, k_weight, v_weight;
    Array<Real> out_weight;
    std::optional<Array<Real>> out_bias, bias_k, bias_v;
    bool add_zero_attention = false;
    bool causal = false;
    std::vector<int> key_valid;
    bool trace = false;

    template <class Visitor>
    void fields(Visitor& field) {
        field.required("query", query, "T C");
        field.required("key", key, "S Ck");
        field.required("value", value, "S Cv");
        field.required("heads", heads);
        field.optional("in_proj_weight", in_proj_weight, "C3 C");
        field.optional("in_proj_bias", in_proj_bias, "C3");
        field.optional("q_weight", q_weight, "C C");
        field.optional("k_weight", k_weight, "C Ck");
        field.optional("v_weight", v_weight, "C Cv");
        field.required("out_weight", out_weight, "C C");
        field.optional("out_bias", out_bias, "C");
        field.optional("bias_k", bias_k, "1 1 C");
        field.optional("bias_v", bias_v, "1 1 C");
        field.optional("add_zero_attention", add_zero_attention);
        field.optional("causal", causal);
        field.optional("key_valid", key_valid);
        field.optional("trace", trace);
    }
};

template <class Real>
struct MultiHeadResult {
    Array<Real> output;            // [T, C]
    Array<Real> weights_per_head;  // [H, T, S]
    Array<Real> weights_mean;      // [T, S] averaged over the heads
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("output", output, "T C");
        field.required("weights_per_head", weights_per_head, "H T S");
        field.required("weights_mean", weights_mean, "T S");
        field.optional("trace", trace);
    }
};

/// Throws DomainError when heads does not divide C, shapes do not fit, or neither form of the projections is given.
template <class Real>
MultiHeadResult<Real> multi_head_attention(const MultiHeadOptions<Real>& options);

}  // namespace clearformer
