#include "clearformer/vision/encoder_trace.hpp"

#include "clearformer/attention/rules.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer::vision {

const char* add_norm(Recorder& to, const NormLabels& n, const char* x, const Array<double>& values,
                     const std::optional<Array<double>>& gamma, const std::optional<Array<double>>& beta, double eps,
                     const Array<double>* output) {
    const Size C = values.width();
    const LayerNormResult<double> r = layer_norm(LayerNormOptions<double>{values, {}, {}, eps});
    const char* gamma_name = to.given({n.gamma, "γ", "norm scale", "residual", "C"}, gamma);
    const char* beta_name = to.given({n.beta, "β", "norm shift", "residual", "C"}, beta);
    const char* mean = to.add({n.mean, "μ", "row mean", "residual", "T"}, mean_rule(x, C), r.mean);
    const char* variance =
        to.add({n.variance, "σ²", "row variance", "residual", "T"}, variance_rule(x, mean, C), r.variance);
    const char* standard =
        to.add({n.standard, "x̂", "normalised entry", "residual", "T C"}, normalised_rule(x, mean, variance, eps), r.y);
    if (!output) return standard;
    return to.add({n.output, "y", "scaled and shifted entry", "residual", "T C"},
                  affine_rule(standard, gamma_name, beta_name), *output);
}

const char* add_softmax(Recorder& to, const char* scores, const Array<double>& weights) {
    return to.add_softmax(scores,
                          {{"rowMax", "m", "row maximum", "scores", ".. T"},
                           {"exponentials", "e", "exponential", "scores", ".. T S"},
                           {"rowSum", "Z", "row sum", "scores", ".. T"},
                           {"weights", "A", "attention weight", "weights", ".. T S"}},
                          weights);
}

const char* add_attention(Recorder& to, const AttentionWeights& w, const char* x, const SelfAttention& a) {
    const Size C = a.joined.width(), D = a.q.width(), T = a.joined.shape[0];
    const char* weight = to.given({"qkvWeight", "W_{QKV}", "projection weight", "q", "C3 C"}, w.qkv_weight);
    const char* bias = to.given({"qkvBias", "b_{QKV}", "projection bias", "q", "C3"}, w.qkv_bias);
    const char* q = to.add({"q", "Q", "query entry", "q", "H T D"}, qkv_rule(x, weight, bias, 0, C, D), a.q);
    const char* k = to.add({"k", "K", "key entry", "k", "H T D"}, qkv_rule(x, weight, bias, 1, C, D), a.k);
    const char* v = to.add({"v", "V", "value entry", "v", "H T D"}, qkv_rule(x, weight, bias, 2, C, D), a.v);
    const char* scores = to.add({"scores", "S", "scaled score", "scores", "H T T"}, scaled_score_rule(q, k, D), a.scores);
    const char* weights = add_softmax(to, scores, a.weights);
    const char* heads =
        to.add({"headOutputs", "O", "head output entry", "v", "H T D"}, weighted_sum_rule(weights, v, T), a.heads);
    const char* joined =
        to.add({"concatenated", "concat(O)", "joined head output", "v", "T C"}, joined_heads_rule(heads, D), a.joined);
    const char* out = to.given({"projWeight", "W_O", "output weight", "residual", "C C"}, w.proj_weight);
    const char* out_bias = to.given({"projBias", "b_O", "output bias", "residual", "C"}, w.proj_bias);
    return to.add({"attentionOutput", "Y", "attention output entry", "residual", "T C"},
                  linear_rule(joined, out, out_bias, C), a.output);
}

const char* add_feed_forward(Recorder& to, const FeedForwardWeights& w, const char* x, const FeedForward& mlp,
                             const std::string& name) {
    const Size F = mlp.hidden.width(), C = mlp.output.width();
    const char* up = to.given({"fc1Weight", "W_1", "first weight", "mlp", "F C"}, w.fc1_weight);
    const char* up_bias = to.given({"fc1Bias", "b_1", "first bias", "mlp", "F"}, w.fc1_bias);
    const char* hidden = to.add({"hidden", "h", "hidden entry", "mlp", "T F"}, linear_rule(x, up, up_bias, C), mlp.hidden);
    const char* active =
        to.add({"activated", "a", "activated entry", "mlp", "T F"}, activation_rule(hidden, name), mlp.activated);
    const char* down = to.given({"fc2Weight", "W_2", "second weight", "mlp", "C F"}, w.fc2_weight);
    const char* down_bias = to.given({"fc2Bias", "b_2", "second bias", "mlp", "C"}, w.fc2_bias);
    return to.add({"mlpOutput", "f", "feed-forward output entry", "mlp", "T C"}, linear_rule(active, down, down_bias, F),
                  mlp.output);
}

}  // namespace clearformer::vision
