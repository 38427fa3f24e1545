#include "clearformer/blocks/block.hpp"

#include <cmath>

#include "clearformer/attention/heads.hpp"
#include "clearformer/ops/activation.hpp"

namespace clearformer {
namespace {

constexpr const char* kWeight = "Given: a weight.";

Value weight(Flow& flow, const Label& label, const Array<double>& array) { return flow.input(label, array, kWeight); }

/// torch.nn.MultiheadAttention as steps of a flow, its tensors under `prefix`.
struct Projections {
    const Array<double>&in_weight, &in_bias, &out_weight, &out_bias;
};
struct AttentionStep {
    Value weights, y;
};
/// Whom a query may see; empty: everyone.
Array<double> visible(Size T, Size S, bool causal, const std::vector<int>& valid) {
    if (!causal && valid.empty()) return {};
    Array<double> allow = causal ? causal_mask(T, S) : Array<double>({T, S}, 1.0);
    for (Size i = 0; !valid.empty() && i < allow.size(); ++i) allow.data[i] *= valid[i % S];
    return allow;
}
AttentionStep attention_step(Flow& flow, const std::string& prefix, const char* part, const Value& queries,
                             const Value& memory, const Projections& p, Size H, bool causal, const std::vector<int>& valid,
                             bool qk_norm = false) {
    const Size C = queries.array.width();
    flow.set_prefix(prefix + part);
    Value projected[3];
    const Label weights[3] = {{"wQ", "W_Q", "query weight", "q", "C C"},
                              {"wK", "W_K", "key weight", "k", "C C"},
                              {"wV", "W_V", "value weight", "v", "C C"}};
    const Label biases[3] = {
        {"bQ", "b_Q", "query bias", "q", "C"}, {"bK", "b_K", "key bias", "k", "C"}, {"bV", "b_V", "value bias", "v", "C"}};
    const Label flat[3] = {{"qAll", "Q", "query entry", "q", "T C"},
                           {"kAll", "K", "key entry", "k", "S C"},
                           {"vAll", "V", "value entry", "v", "S C"}};
    const Label heads[3] = {{"q", "Q", "query entry", "q", "H T D"},
                            {"k", "K", "key entry", "k", "H S D"},
                            {"v", "V", "value entry", "v", "H S D"}};
    for (Size i = 0; i < 3; ++i) {
        const Value w = weight(flow, weights[i], rows_of(p.in_weight, i * C, C)),
                    b = weight(flow, biases[i], rows_of(p.in_bias, i * C, C));
        projected[i] = flow.split_heads(heads[i], flow.linear(flat[i], i == 0 ? queries : memory, w, &b), H);
    }
    if (qk_norm) {
        projected[0] = flow.rms_norm({"qNormed", "Q̂", "normalised query entry", "q", "H T D"}, projected[0], nullptr, 1e-6);
        projected[1] = flow.rms_norm({"kNormed", "K̂", "normalised key entry", "k", "H S D"}, projected[1], nullptr, 1e-6);
    }
    AttendOptions attend;
    attend.scale = 1 / std::sqrt(static_cast<double>(C / H));
    attend.allow = visible(queries.extent(0), memory.extent(0), causal, valid);
    const Attended attended = flow.attend(projected[0], projected[1], projected[2], attend);
    const Value joined = flow.join_heads({"joined", "concat(O)", "joined head output", "v", "T C"}, attended.output);
    const Value wo = weight(flow, {"wO", "W_O", "output weight", "residual", "C C"}, p.out_weight);
    const Value bo = weight(flow, {"bO", "b_O", "output bias", "residual", "C"}, p.out_bias);
    AttentionStep step{attended.weights,
                       flow.linear({"output", "Y", "attention output entry", "residual", "T C"}, joined, wo, &bo)};
    flow.set_prefix(prefix);
    return step;
}

Value mlp_step(Flow& flow, const Value& x, const Array<double>& w1, const Array<double>& b1, const Array<double>& w2,
               const Array<double>& b2, const std::string& activation) {
    FeedForwardWeights w;
    w.w1 = weight(flow, {"w1", "W_1", "first weight", "mlp", "F C"}, w1);
    w.b1 = weight(flow, {"b1", "b_1", "first bias", "mlp", "F"}, b1);
    w.w2 = weight(flow, {"w2", "W_2", "second weight", "mlp", "C F"}, w2);
    w.b2 = weight(flow, {"b2", "b_2", "second bias", "mlp", "C"}, b2);
    w.activation = activation;
    return feed_forward(flow, {"mlp", "F", "feed-forward output entry", "mlp", "T C"}, x, w).y;
}

Size check_heads(const char* function, int heads, Size C, Size C3) {
    require(heads >= 1 && C > 0 && C % static_cast<Size>(heads) == 0, function, ": heads must divide the model width, got ",
            heads, " heads and width ", C);
    require(C3 == 3 * C, function, ": the input projection must have 3 C = ", 3 * C, " rows, got ", C3);
    return static_cast<Size>(heads);
}

void check_common(const char* function, double eps, const std::string& activation) {
    require(eps >= 0, function, ": eps must be at least 0, got ", eps);
    find_activation(activation);
}

void check_valid(const char* function, const char* name, const std::vector<int>& valid, Size count) {
    require(valid.empty() || valid.size() == count, function, ": ", name, " must have one entry for each of the ", count,
            " rows, got ", valid.size());
    for (int one : valid) require(one == 0 || one == 1, function, ": ", name, " must be 0 or 1, got ", one);
}

Label sum_label(const char* name) { return {name, "X", "residual stream entry", "residual", "T C"}; }

}  // namespace

Value norm_step(Flow& flow, const std::string& name, const Value& x, const Array<double>& gamma, const Array<double>& beta,
                double eps) {
    const Value g = weight(flow, {(name + "Gamma").c_str(), "γ", "scale", "residual", "C"}, gamma);
    const Value b = weight(flow, {(name + "Beta").c_str(), "β", "shift", "residual", "C"}, beta);
    return flow.layer_norm({name.c_str(), "N", "normalised entry", "residual", "T C"}, x, &g, &b, eps);
}

void check_encoder_block(const char* name, const EncoderBlockOptions& o) {
    const Letters letter = check_shapes(o);
    const Size H = check_heads(name, o.heads, letter["C"], letter["C3"]);
    check_common(name, o.eps, o.activation);
    check_bytes(name, {H, letter["T"], letter["T"]}, sizeof(double));
    check_valid(name, "valid", o.valid, letter["T"]);
    const bool sandwich = o.placement == "sandwich", parallel = o.placement == "parallel";
    require(o.placement == "post" || o.placement == "pre" || sandwich || parallel, name,
            ": placement must be post, pre, sandwich or parallel, got \"", o.placement, "\"");
    require_kind(parallel || (o.gamma2 && o.beta2), name, ": placement ", o.placement, " needs gamma2 and beta2");
    require_kind(!sandwich || (o.gamma3 && o.beta3 && o.gamma4 && o.beta4), name,
                 ": placement sandwich needs gamma3, beta3, gamma4 and beta4");
}

EncoderValues encoder_block(Flow& flow, const std::string& prefix, const Value& x, const EncoderBlockOptions& o) {
    const bool sandwich = o.placement == "sandwich";
    const Projections projections{o.in_weight, o.in_bias, o.out_weight, o.out_bias};
    flow.set_prefix(prefix);
    const auto attend = [&](const Value& from) {
        return attention_step(flow, prefix, "attention.", from, from, projections, static_cast<Size>(o.heads), o.causal,
                              o.valid, o.qk_norm);
    };
    const auto mlp = [&](const Value& from) { return mlp_step(flow, from, o.w1, o.b1, o.w2, o.b2, o.activation); };
    AttentionStep step;
    Value after, y;
    if (o.placement == "post") {
        step = attend(x);
        after = norm_step(flow, "afterAttention", flow.add(sum_label("sum1"), x, step.y), o.gamma1, o.beta1, o.eps);
        y = norm_step(flow, "y", flow.add(sum_label("sum2"), after, mlp(after)), *o.gamma2, *o.beta2, o.eps);
    } else if (o.placement == "parallel") {
        const Value normed = norm_step(flow, "norm1", x, o.gamma1, o.beta1, o.eps);
        step = attend(normed);
        after = flow.add(sum_label("afterAttention"), x, step.y);
        y = flow.add(sum_label("y"), after, mlp(normed));
    } else {
        step = attend(norm_step(flow, "norm1", x, o.gamma1, o.beta1, o.eps));
        Value update = step.y;
        if (sandwich) update = norm_step(flow, "norm3", update, *o.gamma3, *o.beta3, o.eps);
        after = flow.add(sum_label("afterAttention"), x, update);
        update = mlp(norm_step(flow, "norm2", after, *o.gamma2, *o.beta2, o.eps));
        if (sandwich) update = norm_step(flow, "norm4", update, *o.gamma4, *o.beta4, o.eps);
        y = flow.add(sum_label("y"), after, update);
    }
    return {std::move(step.weights), std::move(after), std::move(y)};
}

EncoderBlockResult encoder_block(const EncoderBlockOptions& o) {
    check_encoder_block(o.kFunction, o);
    Flow flow(o.trace);
    const Value x = flow.input({"x", "X", "token vector entry", "residual", "T C"}, o.x, "Given: the token's row.");
    EncoderValues v = encoder_block(flow, "", x, o);
    return {std::move(v.weights.array), std::move(v.after_attention.array), std::move(v.y.array), flow.take()};
}

void check_decoder_block(const char* name, const DecoderBlockOptions& o) {
    const Letters letter = check_shapes(o);
    const Size H = check_heads(name, o.heads, letter["C"], letter["C3"]);
    check_common(name, o.eps, o.activation);
    check_bytes(name, {H, letter["T"], std::max(letter["T"], letter["S"])}, sizeof(double));
    check_valid(name, "memory_valid", o.memory_valid, letter["S"]);
    require(o.placement == "pre" || o.placement == "post", name, ": placement must be pre or post, got \"", o.placement,
            "\"");
}

DecoderValues decoder_block(Flow& flow, const std::string& prefix, const Value& x, const Value& memory,
                            const DecoderBlockOptions& o) {
    const Size H = static_cast<Size>(o.heads);
    flow.set_prefix(prefix);
    const auto self = [&](const Value& from) {
        return attention_step(flow, prefix, "self.", from, from,
                              {o.self_in_weight, o.self_in_bias, o.self_out_weight, o.self_out_bias}, H, o.causal, {});
    };
    const auto cross = [&](const Value& from) {
        return attention_step(flow, prefix, "cross.", from, memory,
                              {o.cross_in_weight, o.cross_in_bias, o.cross_out_weight, o.cross_out_bias}, H, false,
                              o.memory_valid);
    };
    const auto mlp = [&](const Value& from) { return mlp_step(flow, from, o.w1, o.b1, o.w2, o.b2, o.activation); };
    AttentionStep by_self, by_cross;
    Value after_self, after_cross, y;
    if (o.placement == "pre") {
        by_self = self(norm_step(flow, "norm1", x, o.gamma1, o.beta1, o.eps));
        after_self = flow.add(sum_label("afterSelf"), x, by_self.y);
        by_cross = cross(norm_step(flow, "norm2", after_self, o.gamma2, o.beta2, o.eps));
        after_cross = flow.add(sum_label("afterCross"), after_self, by_cross.y);
        y = flow.add(sum_label("y"), after_cross, mlp(norm_step(flow, "norm3", after_cross, o.gamma3, o.beta3, o.eps)));
    } else {
        by_self = self(x);
        after_self = norm_step(flow, "afterSelf", flow.add(sum_label("sum1"), x, by_self.y), o.gamma1, o.beta1, o.eps);
        by_cross = cross(after_self);
        after_cross =
            norm_step(flow, "afterCross", flow.add(sum_label("sum2"), after_self, by_cross.y), o.gamma2, o.beta2, o.eps);
        y = norm_step(flow, "y", flow.add(sum_label("sum3"), after_cross, mlp(after_cross)), o.gamma3, o.beta3, o.eps);
    }
    return {std::move(by_self.weights), std::move(by_cross.weights), std::move(after_self), std::move(after_cross),
            std::move(y)};
}

DecoderBlockResult decoder_block(const DecoderBlockOptions& o) {
    check_decoder_block(o.kFunction, o);
    Flow flow(o.trace);
    const Value x = flow.input({"x", "X", "token vector entry", "residual", "T C"}, o.x, "Given: the token's row.");
    const Value memory =
        flow.input({"memory", "M", "encoder output entry", "input", "S C"}, o.memory, "Given: the encoder's row.");
    DecoderValues v = decoder_block(flow, "", x, memory, o);
    return {std::move(v.self_weights.array),
            std::move(v.cross_weights.array),
            std::move(v.after_self.array),
            std::move(v.after_cross.array),
            std::move(v.y.array),
            flow.take()};
}

void check_llama_block(const char* name, const LlamaBlockOptions& o) {
    const Letters letter = check_shapes(o);
    const Size Nq = letter["Nq"], Nk = letter["Nk"];
    check_common(name, o.eps, o.activation);
    require(o.heads >= 1 && o.kv_heads >= 1 && o.heads % o.kv_heads == 0, name,
            ": heads must be a multiple of kv_heads, got ", o.heads, " and ", o.kv_heads);
    const Size H = static_cast<Size>(o.heads), G = static_cast<Size>(o.kv_heads), D = Nq / H;
    require(letter["C"] > 0 && D >= 2 && D % 2 == 0 && Nq == H * D && Nk == G * D, name,
            ": wq must have heads x D rows and wk, wv kv_heads x D with one even head width D, got ", Nq, " rows for ", H,
            " heads and ", Nk, " for ", G);
    require(o.theta > 0, name, ": theta must be above 0, got ", o.theta);
    require(o.position_offset >= 0, name, ": position_offset must be at least 0, got ", o.position_offset);
    require(o.pairing == "half_split" || o.pairing == "interleaved", name,
            ": pairing must be half_split or interleaved, got \"", o.pairing, "\"");
    require(o.mask == "none" || o.mask == "causal" || o.mask == "sliding_causal", name,
            ": mask must be none, causal or sliding_causal, got \"", o.mask, "\"");
    require(o.mask != "sliding_causal" || (o.window && *o.window >= 1), name,
            ": mask sliding_causal needs a window of at least 1, got ", o.window.value_or(0));
    for (const auto* gamma : {&o.query_gamma, &o.key_gamma}) {
        require(!*gamma || (*gamma)->size() == D, name, ": query_gamma and key_gamma must be as wide as a head, ", D);
    }
    check_bytes(name, {H, letter["T"], letter["T"]}, sizeof(double));
}

LlamaValues llama_block(Flow& flow, const Value& x, const LlamaBlockOptions& o) {
    const Size H = static_cast<Size>(o.heads), G = static_cast<Size>(o.kv_heads), D = o.wq.shape[0] / H, T = x.extent(0);
    // 1. Queries, keys and values of the normalised rows; queries and keys turn.
    const Value attention_gamma =
        weight(flow, {"attentionGamma", "γ", "scale before attention", "residual", "C"}, o.attention_gamma);
    const Value normed =
        flow.rms_norm({"attentionNorm", "N", "normalised entry", "residual", "T C"}, x, &attention_gamma, o.eps);
    const Value wq = weight(flow, {"wQ", "W_Q", "query weight", "q", "N C"}, o.wq);
    const Value wk = weight(flow, {"wK", "W_K", "key weight", "k", "N C"}, o.wk);
    const Value wv = weight(flow, {"wV", "W_V", "value weight", "v", "N C"}, o.wv);
    Value q = flow.split_heads({"q", "Q", "query entry", "q", "H T D"},
                               flow.linear({"qAll", "Q", "query entry", "q", "T N"}, normed, wq), H);
    Value k = flow.split_heads({"k", "K", "key entry", "k", "G T D"},
                               flow.linear({"kAll", "K", "key entry", "k", "T N"}, normed, wk), G);
    const Value v = flow.split_heads({"v", "V", "value entry", "v", "G T D"},
                                     flow.linear({"vAll", "V", "value entry", "v", "T N"}, normed, wv), G);
    if (o.query_gamma) {
        const Value gamma = weight(flow, {"queryGamma", "γ_Q", "scale of the queries", "q", "D"}, *o.query_gamma);
        q = flow.rms_norm({"qNormed", "Q̂", "normalised query entry", "q", "H T D"}, q, &gamma, o.eps);
    }
    if (o.key_gamma) {
        const Value gamma = weight(flow, {"keyGamma", "γ_K", "scale of the keys", "k", "D"}, *o.key_gamma);
        k = flow.rms_norm({"kNormed", "K̂", "normalised key entry", "k", "G T D"}, k, &gamma, o.eps);
    }
    Rotation turn{{}, D, o.theta, o.pairing == "interleaved"};
    for (Size t = 0; t < T; ++t) turn.positions.push_back(static_cast<double>(t) + o.position_offset);
    const Value q_rotated = flow.rotate({"qRotated", "Q'", "rotated query entry", "q", "H T D"}, q, turn);
    const Value k_rotated = flow.rotate({"kRotated", "K'", "rotated key entry", "k", "G T D"}, k, turn);
    // 2. Attention, and back into the residual stream.
    AttendOptions attend;
    attend.scale = 1 / std::sqrt(static_cast<double>(D));
    if (o.mask != "none") attend.allow = causal_mask(T, T, o.mask == "causal" ? std::nullopt : o.window);
    const Attended attended = flow.attend(q_rotated, k_rotated, v, attend);
    const Value joined = flow.join_heads({"joined", "concat(O)", "joined head output", "v", "T N"}, attended.output);
    const Value wo = weight(flow, {"wO", "W_O", "output weight", "residual", "C N"}, o.wo);
    const Value attention_output =
        flow.linear({"attentionOutput", "Y", "attention output entry", "residual", "T C"}, joined, wo);
    const Value after = flow.add(sum_label("afterAttention"), x, attention_output);
    // 3. The gated feed-forward layer, and back again.
    const Value ffn_gamma =
        weight(flow, {"ffnGamma", "γ", "scale before the feed-forward layer", "residual", "C"}, o.ffn_gamma);
    const Value rows = flow.rms_norm({"ffnNorm", "N", "normalised entry", "residual", "T C"}, after, &ffn_gamma, o.eps);
    FeedForwardWeights w;
    w.gate = weight(flow, {"gateWeight", "W_G", "gate weight", "mlp", "F C"}, o.gate);
    w.w1 = weight(flow, {"upWeight", "W_U", "up weight", "mlp", "F C"}, o.up);
    w.w2 = weight(flow, {"downWeight", "W_D", "down weight", "mlp", "C F"}, o.down);
    w.activation = o.activation;
    const Value update = feed_forward(flow, {"mlp", "F", "feed-forward output entry", "mlp", "T C"}, rows, w).y;
    const Value y = flow.add(sum_label("y"), after, update);
    return {q_rotated, k_rotated, attended.weights, after, y};
}

LlamaBlockResult llama_block(const LlamaBlockOptions& o) {
    check_llama_block(o.kFunction, o);
    Flow flow(o.trace);
    const Value x = flow.input({"x", "X", "token vector entry", "residual", "T C"}, o.x, "Given: the token's row.");
    LlamaValues v = llama_block(flow, x, o);
    return {std::move(v.q_rotated.array),       std::move(v.k_rotated.array), std::move(v.weights.array),
            std::move(v.after_attention.array), std::move(v.y.array),         flow.take()};
}

}  // namespace clearformer
