#include "clearformer/attention/multi_head.hpp"

#include "clearformer/attention/heads.hpp"
#include "clearformer/ops/linear.hpp"

namespace clearformer {
namespace {

template <class Real>
void append_row(Array<Real>& x, const std::vector<Real>& row) {
    x.data.insert(x.data.end(), row.begin(), row.end());
    ++x.shape[0];
}

}  // namespace

template <class Real>
MultiHeadResult<Real> multi_head_attention(const MultiHeadOptions<Real>& o) {
    const Letters letter = check_shapes(o);
    const Size C = letter["C"], T = letter["T"], S = letter["S"];
    require(o.heads >= 1 && C % static_cast<Size>(o.heads) == 0,
            "multi_head_attention: heads must divide the model width, got ", o.heads, " heads and width ", C);
    const Size H = static_cast<Size>(o.heads), D = C / H;
    require(D >= 1, "multi_head_attention: the model width must be at least 1, got 0");
    const bool separate = o.q_weight && o.k_weight && o.v_weight;
    require_kind(o.in_proj_weight.has_value() != separate,
                 "multi_head_attention: give either in_proj_weight or all of q_weight, ", "k_weight and v_weight");
    if (o.in_proj_weight) {
        require(letter["C3"] == 3 * C, "multi_head_attention: in_proj_weight must have 3 C = ", 3 * C, " rows, got ",
                letter["C3"]);
        require(letter["Ck"] == C && letter["Cv"] == C, "multi_head_attention: with in_proj_weight key and value must be ",
                C, " wide, got ", letter["Ck"], " and ", letter["Cv"]);
    }
    require(!o.in_proj_bias || letter["C3"] == 3 * C, "multi_head_attention: in_proj_bias must have 3 C = ", 3 * C,
            " entries, got ", o.in_proj_bias ? o.in_proj_bias->size() : 0);
    require(o.bias_k.has_value() == o.bias_v.has_value(), "multi_head_attention: bias_k and bias_v go together");
    require(o.key_valid.empty() || o.key_valid.size() == S,
            "multi_head_attention: key_valid needs one entry for each of the ", S, " keys, got ", o.key_valid.size());

    // 1. Project.
    const auto project = [&](const Array<Real>& x, Size part, const std::optional<Array<Real>>& weight) {
        LinearOptions<Real> linear_options;
        linear_options.x = x;
        linear_options.weight = o.in_proj_weight ? rows_of(*o.in_proj_weight, part * C, C) : *weight;
        if (o.in_proj_bias) linear_options.bias = rows_of(*o.in_proj_bias, part * C, C);
        return linear(linear_options).y;
    };
    const Array<Real> q = project(o.query, 0, o.q_weight);
    Array<Real> k = project(o.key, 1, o.k_weight), v = project(o.value, 2, o.v_weight);
    // 2. Keys and values that every query sees.
    if (o.bias_k) {
        append_row(k, o.bias_k->data);
        append_row(v, o.bias_v->data);
    }
    if (o.add_zero_attention) {
        append_row(k, std::vector<Real>(C));
        append_row(v, std::vector<Real>(C));
    }
    // 3. Attend, head by head.
    const Size keys = k.shape[0];
    AttentionOptions<Real> heads;
    heads.q = split_heads(q, H);
    heads.k = split_heads(k, H);
    heads.v = split_heads(v, H);
    Array<Real> allow({T, keys}, Real(1));
    for (Size t = 0; t < T; ++t) {
        for (Size s = 0; s < S; ++s) {
            if ((o.causal && s > t) || (!o.key_valid.empty() && o.key_valid[s] == 0)) allow.row(t)[s] = 0;
        }
    }
    heads.allow = std::move(allow);
    AttentionResult<Real> attended = attention(heads);
    // 4. Join the heads and project out.
    LinearOptions<Real> out;
    out.x = join_heads(attended.output);
    out.weight = o.out_weight;
    out.bias = o.out_bias;
    MultiHeadResult<Real> result{linear(out).y, std::move(attended.weights), Array<Real>({T, keys})};
    for (Size i = 0; i < result.weights_per_head.size(); ++i) {
        result.weights_mean.data[i % (T * keys)] += result.weights_per_head.data[i] / static_cast<Real>(H);
    }
    return result;
}

template MultiHeadResult<float> multi_head_attention(const MultiHeadOptions<float>&);
template MultiHeadResult<double> multi_head_attention(const MultiHeadOptions<double>&);

}  // namespace clearformer
