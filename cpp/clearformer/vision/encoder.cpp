#include "clearformer/vision/encoder.hpp"

#include "clearformer/attention/attention.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/vision/heads.hpp"

namespace clearformer::vision {

SelfAttention self_attention(const Array<double>& x, const AttentionWeights& w, Size heads) {
    const Size C = x.width();
    const Array<double> qkv = linear(LinearOptions<double>{x, w.qkv_weight, w.qkv_bias}).y;
    AttentionOptions<double> a;
    a.q = split_heads(qkv, 0, C, heads);
    a.k = split_heads(qkv, C, C, heads);
    a.v = split_heads(qkv, 2 * C, C, heads);
    AttentionResult<double> r = attention(a);
    SelfAttention run{std::move(a.q),
                      std::move(a.k),
                      std::move(a.v),
                      std::move(r.logits),
                      std::move(r.weights),
                      std::move(r.output),
                      {},
                      {}};
    run.joined = join_heads(run.heads);
    run.output = linear(LinearOptions<double>{run.joined, w.proj_weight, w.proj_bias}).y;
    return run;
}

FeedForward feed_forward(const Array<double>& x, const FeedForwardWeights& w, const std::string& activation_name) {
    FeedForward run;
    run.hidden = linear(LinearOptions<double>{x, w.fc1_weight, w.fc1_bias}).y;
    run.activated = activation(ActivationOptions<double>{run.hidden, activation_name}).y;
    run.output = linear(LinearOptions<double>{run.activated, w.fc2_weight, w.fc2_bias}).y;
    return run;
}

Array<double> sum(Array<double> a, const Array<double>& b) {
    for (Size i = 0; i < a.size(); ++i) a.data[i] += b.data[i];
    return a;
}

}  // namespace clearformer::vision
