#include "clearformer/blocks/block.hpp"

#include "clearformer/attention/multi_head.hpp"
#include "clearformer/blocks/model.hpp"
#include "clearformer/ops/norm.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

EncoderBlockOptions encoder(const char* placement) {
    EncoderBlockOptions o;
    o.x = normal({3, 4}, 1);
    o.heads = 2;
    o.in_weight = normal({12, 4}, 2);
    o.in_bias = normal({12}, 3);
    o.out_weight = normal({4, 4}, 4);
    o.out_bias = normal({4}, 5);
    o.w1 = normal({6, 4}, 6);
    o.b1 = normal({6}, 7);
    o.w2 = normal({4, 6}, 8);
    o.b2 = normal({4}, 9);
    o.gamma1 = normal({4}, 10);
    o.beta1 = normal({4}, 11);
    o.gamma2 = normal({4}, 12);
    o.beta2 = normal({4}, 13);
    o.gamma3 = normal({4}, 14);
    o.beta3 = normal({4}, 15);
    o.gamma4 = normal({4}, 16);
    o.beta4 = normal({4}, 17);
    o.placement = placement;
    return o;
}

LlamaBlockOptions llama(Size T) {
    LlamaBlockOptions o;
    o.x = normal({T, 8}, 1);
    o.heads = 4;
    o.kv_heads = 2;
    o.wq = normal({16, 8}, 2, 0.3);
    o.wk = normal({8, 8}, 3, 0.3);
    o.wv = normal({8, 8}, 4, 0.3);
    o.wo = normal({8, 16}, 5, 0.3);
    o.gate = normal({12, 8}, 6, 0.3);
    o.up = normal({12, 8}, 7, 0.3);
    o.down = normal({8, 12}, 8, 0.3);
    o.attention_gamma = normal({8}, 9);
    o.ffn_gamma = normal({8}, 10);
    return o;
}

std::vector<NamedTensor> parameters(int layers, Size V) {
    std::vector<NamedTensor> list{{"embedding", normal({V, 8}, 20)}, {"final_gamma", normal({8}, 21)}};
    for (int n = 0; n < layers; ++n) {
        const LlamaBlockOptions b = llama(1);
        const std::string at = std::to_string(n) + ".";
        for (const auto& [name, tensor] : {std::pair{"attention_gamma", b.attention_gamma},
                                           {"wq", b.wq},
                                           {"wk", b.wk},
                                           {"wv", b.wv},
                                           {"wo", b.wo},
                                           {"ffn_gamma", b.ffn_gamma},
                                           {"gate", b.gate},
                                           {"up", b.up},
                                           {"down", b.down}}) {
            list.push_back({at + name, tensor});
        }
    }
    return list;
}

DecoderModelOptions model(int layers) {
    DecoderModelOptions o;
    o.tokens = {3, 1, 4, 1, 5};
    o.parameters = parameters(layers, 7);
    o.heads = 4;
    o.kv_heads = 2;
    return o;
}

}  // namespace

TEST_CASE("a gated layer with an open gate is linear, and every variant uses its activation") {
    GatedFeedForwardOptions o;
    o.x = normal({2, 4}, 1);
    o.gate = normal({6, 4}, 2);
    o.up = normal({6, 4}, 3);
    o.down = normal({4, 6}, 4);
    for (const auto& [variant, activation_name] : {std::pair{"glu", "sigmoid"},
                                                   {"reglu", "relu"},
                                                   {"geglu", "gelu_exact"},
                                                   {"geglu_tanh", "gelu_tanh"},
                                                   {"swiglu", "silu"},
                                                   {"bilinear", "identity"}}) {
        o.variant = variant;
        const auto by_variant = gated_feed_forward(o);
        o.variant = activation_name;
        CHECK(gated_feed_forward(o).y.data == by_variant.y.data);
    }
    o.trace = true;
    check_every_tensor(*gated_feed_forward(o).trace);
    o.variant = "swoosh";
    CHECK_THROWS_AS(gated_feed_forward(o), DomainError);
}

TEST_CASE("the attention of a block is multi-head attention") {
    const EncoderBlockOptions o = encoder("parallel");
    LayerNormOptions<double> norm;
    norm.x = o.x;
    norm.gamma = o.gamma1;
    norm.beta = o.beta1;
    MultiHeadOptions<double> m;
    m.query = m.key = m.value = layer_norm(norm).y;
    m.heads = 2;
    m.in_proj_weight = o.in_weight;
    m.in_proj_bias = o.in_bias;
    m.out_weight = o.out_weight;
    m.out_bias = o.out_bias;
    const auto whole = multi_head_attention(m);
    const auto block = encoder_block(o);
    CHECK(distance(block.weights.data, whole.weights_per_head.data) < 1e-14);
    for (Size i = 0; i < 12; ++i)
        CHECK(std::fabs(block.after_attention.data[i] - o.x.data[i] - whole.output.data[i]) < 1e-13);
}

TEST_CASE("pre-norm with weights of zero passes its input through; post-norm normalises it") {
    for (const char* placement : {"pre", "post", "sandwich", "parallel"}) {
        CAPTURE(placement);
        EncoderBlockOptions o = encoder(placement);
        for (auto* tensor : {&o.out_weight, &o.out_bias, &o.w2, &o.b2})
            std::fill(tensor->data.begin(), tensor->data.end(), 0.0);
        for (auto* tensor : {&o.beta3, &o.beta4}) std::fill((*tensor)->data.begin(), (*tensor)->data.end(), 0.0);
        const auto r = encoder_block(o);
        if (std::string(placement) == "post") CHECK(distance(r.y.data, o.x.data) > 0.1);
        else CHECK(distance(r.y.data, o.x.data) < 1e-15);
    }
}

TEST_CASE("every number of every block opens") {
    for (const char* placement : {"pre", "post", "sandwich", "parallel"}) {
        EncoderBlockOptions o = encoder(placement);
        o.trace = o.causal = o.qk_norm = true;
        check_every_tensor(*encoder_block(o).trace);
    }
    for (const char* placement : {"pre", "post"}) {
        const EncoderBlockOptions e = encoder(placement);
        DecoderBlockOptions o;
        o.x = e.x;
        o.memory = normal({5, 4}, 30);
        o.heads = 2;
        o.self_in_weight = o.cross_in_weight = e.in_weight;
        o.self_in_bias = o.cross_in_bias = e.in_bias;
        o.self_out_weight = o.cross_out_weight = e.out_weight;
        o.self_out_bias = o.cross_out_bias = e.out_bias;
        o.w1 = e.w1;
        o.b1 = e.b1;
        o.w2 = e.w2;
        o.b2 = e.b2;
        o.gamma1 = o.gamma2 = o.gamma3 = e.gamma1;
        o.beta1 = o.beta2 = o.beta3 = e.beta1;
        o.placement = placement;
        o.trace = true;
        check_every_tensor(*decoder_block(o).trace);
    }
    LlamaBlockOptions o = llama(4);
    o.query_gamma = normal({4}, 31);
    o.key_gamma = normal({4}, 32);
    o.mask = "sliding_causal";
    o.window = 2;
    o.trace = true;
    check_every_tensor(*llama_block(o).trace);
}

TEST_CASE("a Llama block sees no future: a changed last token leaves the rows before it") {
    LlamaBlockOptions o = llama(5);
    const auto before = llama_block(o).y;
    for (Size c = 0; c < 8; ++c) o.x.row(4)[c] += 1;
    const auto after = llama_block(o).y;
    for (Size i = 0; i < 32; ++i) CHECK(before.data[i] == after.data[i]);
    CHECK(before.data[35] != after.data[35]);
}

TEST_CASE("grouped heads with the key heads repeated are full heads") {
    LlamaBlockOptions grouped = llama(5), full = grouped;
    full.kv_heads = 4;
    const auto repeat = [](const Array<double>& w) {
        Array<double> y({16, 8});
        for (Size h = 0; h < 4; ++h) std::copy_n(w.row(h / 2 * 4), 32, y.row(h * 4));
        return y;
    };
    full.wk = repeat(grouped.wk);
    full.wv = repeat(grouped.wv);
    CHECK(distance(llama_block(grouped).y.data, llama_block(full).y.data) < 1e-14);
}

TEST_CASE("the model's last lens is its logits, and its first reads the embedding") {
    DecoderModelOptions o = model(2);
    o.logit_lens = true;
    const auto r = decoder_model(o);
    REQUIRE(r.lens->shape == Shape{3, 5, 7});
    const std::vector<double> last(r.lens->row(10), r.lens->row(10) + 35);
    CHECK(distance(last, r.logits.data) < 1e-13);
    o.parameters = parameters(0, 7);
    CHECK(distance(decoder_model(o).logits.data, std::vector<double>(r.lens->row(0), r.lens->row(0) + 35)) < 1e-13);
}

TEST_CASE("every number of a whole model opens, layer by layer") {
    DecoderModelOptions o = model(2);
    o.trace = true;
    const auto r = decoder_model(o);
    CHECK(r.trace->has("layer1.weights"));
    check_every_tensor(*r.trace);
}

TEST_CASE("a model refuses parameters that are missing, unknown or given twice") {
    DecoderModelOptions o = model(1);
    o.parameters.pop_back();
    CHECK_THROWS_WITH_AS(decoder_model(o), "decoder_model: the parameter 0.down is missing", KindError);
    o = model(1);
    o.parameters.push_back({"0.bias", normal({8}, 1)});
    CHECK_THROWS_WITH_AS(decoder_model(o), "decoder_model: the parameter 0.bias is unknown or given twice", KindError);
    o = model(1);
    o.tokens = {7};
    CHECK_THROWS_WITH_AS(decoder_model(o), "decoder_model: tokens must be at least 0 and below 7, got 7", DomainError);
}
