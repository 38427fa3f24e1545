// Every backward function against central differences of its forward function.

#include "clearformer/attention/attention_backward.hpp"
#include "clearformer/blocks/feed_forward_backward.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/activation_backward.hpp"
#include "clearformer/ops/embedding.hpp"
#include "clearformer/ops/embedding_backward.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/ops/softmax_backward.hpp"
#include "clearformer/position/rope_backward.hpp"
#include "train/difference.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("softmax and log-softmax send back what central differences give, along any axis and at any temperature") {
    for (int axis : {-1, 0, 1}) {
        CAPTURE(axis);
        LogSoftmaxBackwardOptions o;
        o.x = normal({2, 3, 4}, 1, 2);
        o.dy = normal({2, 3, 4}, 2);
        o.axis = axis;
        o.temperature = 1.7;
        const auto forward = [&] {
            SoftmaxOptions<double> f;
            f.x = o.x;
            f.axis = o.axis;
            f.temperature = o.temperature;
            return softmax(f);
        };
        const auto plain = softmax_backward(o), logarithmic = log_softmax_backward(o);
        CHECK(plain.y.data == forward().y.data);
        CHECK(logarithmic.y.data == forward().log_softmax.data);
        check_gradient("softmax", o.x, plain.dx, [&] { return dot(forward().y, o.dy); });
        check_gradient("log-softmax", o.x, logarithmic.dx, [&] { return dot(forward().log_softmax, o.dy); });
    }
}

TEST_CASE("the gradient of softmax sums to 0 over each row, and masked entries have none") {
    LogSoftmaxBackwardOptions o;
    o.x = normal({3, 5}, 1);
    o.dy = normal({3, 5}, 2);
    for (Size i : {1, 6, 10, 11, 12, 13, 14}) o.x.data[i] = -kInfinity;  // the third row is empty
    for (const auto& r : {softmax_backward(o), log_softmax_backward(o)}) {
        for (Size i : {1, 6, 10, 11, 12, 13, 14}) CHECK(r.dx.data[i] == 0);
        for (Size row = 0; row < 3; ++row) {
            double sum = 0;
            for (Size i = 0; i < 5; ++i) sum += r.dx.row(row)[i];
            CHECK(std::fabs(sum) < 1e-15);
        }
    }
}

TEST_CASE("the linear layer and the matrix product send back what central differences give") {
    LinearBackwardOptions o;
    o.x = normal({2, 3, 4}, 1);
    o.weight = normal({5, 4}, 2);
    o.bias = normal({5}, 3);
    o.dy = normal({2, 3, 5}, 4);
    const auto forward = [&] {
        LinearOptions<double> f;
        f.x = o.x;
        f.weight = o.weight;
        f.bias = o.bias;
        return dot(linear(f).y, o.dy);
    };
    const auto r = linear_backward(o);
    check_gradient("x", o.x, r.dx, forward);
    check_gradient("weight", o.weight, r.d_weight, forward);
    check_gradient("bias", *o.bias, *r.d_bias, forward);
    o.bias.reset();
    CHECK_FALSE(linear_backward(o).d_bias.has_value());

    MatmulBackwardOptions m;
    m.a = o.x;
    m.b = normal({4, 5}, 5);
    m.dy = o.dy;
    const auto product = [&] {
        MatmulOptions<double> f;
        f.a = m.a;
        f.b = m.b;
        return dot(matmul(f).y, m.dy);
    };
    const auto s = matmul_backward(m);
    check_gradient("a", m.a, s.da, product);
    check_gradient("b", m.b, s.db, product);
}

TEST_CASE("the normalisations send back what central differences give") {
    for (double eps : {1e-5, 0.5}) {
        LayerNormBackwardOptions o;
        o.eps = eps;
        o.x = normal({2, 3, 5}, 1, 2);
        o.gamma = normal({5}, 2);
        o.beta = normal({5}, 3);
        o.dy = normal({2, 3, 5}, 4);
        const auto layer = [&] {
            LayerNormOptions<double> f;
            f.x = o.x;
            f.gamma = o.gamma;
            f.beta = o.beta;
            f.eps = eps;
            return dot(layer_norm(f).y, o.dy);
        };
        const auto r = layer_norm_backward(o);
        check_gradient("layer x", o.x, r.dx, layer);
        check_gradient("layer gamma", *o.gamma, r.d_gamma, layer);
        check_gradient("layer beta", *o.beta, r.d_beta, layer);
        for (bool unit_offset : {false, true}) {
            RmsNormBackwardOptions p;
            p.eps = eps;
            p.x = o.x;
            p.gamma = o.gamma;
            p.dy = o.dy;
            p.unit_offset = unit_offset;
            const auto rms = [&] {
                RmsNormOptions<double> f;
                f.x = p.x;
                f.gamma = p.gamma;
                f.eps = eps;
                f.unit_offset = unit_offset;
                return dot(rms_norm(f).y, p.dy);
            };
            const auto s = rms_norm_backward(p);
            check_gradient("rms x", p.x, s.dx, rms);
            check_gradient("rms gamma", *p.gamma, s.d_gamma, rms);
        }
        GroupNormBackwardOptions g;
        g.eps = eps;
        g.groups = 2;
        g.x = normal({2, 4, 3}, 5, 2);
        g.dy = normal({2, 4, 3}, 6);
        check_gradient("group x", g.x, group_norm_backward(g).dx, [&] {
            GroupNormOptions<double> f;
            f.x = g.x;
            f.groups = 2;
            f.eps = eps;
            return dot(group_norm(f).y, g.dy);
        });
        L2NormalizeBackwardOptions l;
        l.eps = eps * 4;  // some rows are shorter than 2
        l.x = normal({6, 3}, 7);
        l.dy = normal({6, 3}, 8);
        check_gradient("length x", l.x, l2_normalize_backward(l).dx, [&] {
            L2NormalizeOptions<double> f;
            f.x = l.x;
            f.eps = l.eps;
            return dot(l2_normalize(f).y, l.dy);
        });
    }
}

TEST_CASE("rows that cannot be normalised get a gradient of 0, not NaN") {
    LayerNormBackwardOptions o;
    o.eps = 0;
    o.x = Array<double>({1, 3}, 2.0);
    o.dy = normal({1, 3}, 1);
    CHECK(layer_norm_backward(o).dx.data == std::vector<double>{0, 0, 0});
    RmsNormBackwardOptions p;
    p.eps = 0;
    p.x = Array<double>({1, 3});
    p.dy = o.dy;
    CHECK(rms_norm_backward(p).dx.data == std::vector<double>{0, 0, 0});
    L2NormalizeBackwardOptions l;
    l.eps = 0;
    l.x = p.x;
    l.dy = o.dy;
    CHECK(l2_normalize_backward(l).dx.data == std::vector<double>{0, 0, 0});
}

TEST_CASE("every activation sends dy back times its derivative") {
    for (const char* name : {"relu", "gelu_exact", "gelu_tanh", "sigmoid", "tanh", "silu", "relu2", "mish", "elu",
                             "softplus", "leaky_relu", "quick_gelu", "identity"}) {
        CAPTURE(name);
        ActivationBackwardOptions o;
        o.name = name;
        o.x = normal({3, 4}, 1, 2);
        o.dy = normal({3, 4}, 2);
        const auto r = activation_backward(o);
        check_gradient("x", o.x, r.dx, [&] { return dot(activation_backward(o).y, o.dy); });
    }
}

TEST_CASE("an embedding sends each row back to its token and its position, summed where a token stands twice") {
    EmbeddingBackwardOptions o;
    o.tokens = {2, 0, 2};
    o.table = normal({4, 3}, 1);
    o.positions = normal({5, 3}, 2);
    o.dy = normal({3, 3}, 3);
    const auto forward = [&] {
        EmbeddingOptions<double> f;
        f.tokens = o.tokens;
        f.table = o.table;
        f.positions = o.positions;
        return dot(embedding(f).y, o.dy);
    };
    const auto r = embedding_backward(o);
    check_gradient("table", o.table, r.d_table, forward);
    check_gradient("positions", *o.positions, *r.d_positions, forward);
}

TEST_CASE("rope sends back what central differences give, in both pairings, with partial rotation and another layout") {
    for (const char* pairing : {"half_split", "interleaved"}) {
        for (const char* layout : {"same", "half_split"}) {
            CAPTURE(pairing);
            CAPTURE(layout);
            RopeBackwardOptions o;
            o.forward.x = normal({2, 3, 8}, 1);
            o.forward.positions = {0, 3, 7};
            o.forward.pairing = pairing;
            o.forward.output_layout = layout;
            o.forward.rotary_dim = 6;
            o.forward.theta = 100;
            o.dy = normal({2, 3, 8}, 2);
            if (o.forward.output_layout == "same") {
                o.forward.scaling = RopeScaling();
                o.forward.scaling->type = "yarn";
                o.forward.scaling->factor = 4;
                o.forward.scaling->original_max_position_embeddings = 64;
            }
            const auto r = rope_backward(o);
            check_gradient("x", o.forward.x, r.dx, [&] { return dot(rope(o.forward).y, o.dy); });
        }
    }
}

TEST_CASE("attention sends back what central differences give: shared heads, masks, biases, soft-caps, sinks, batches") {
    for (int variant = 0; variant < 5; ++variant) {
        CAPTURE(variant);
        AttentionBackwardOptions o;
        AttentionOptions<double>& f = o.forward;
        f.q = normal({4, 3, 2}, 1);
        f.k = normal({2, 5, 2}, 2);
        f.v = normal({2, 5, 3}, 3);
        o.dy = normal({4, 3, 3}, 4);
        if (variant == 1) f.mask.mask = "causal";
        if (variant == 2) {
            f.scale = 0.3;
            f.softcap = 1.5;
            f.bias = normal({4, 3, 5}, 5);
            f.allow = Array<double>({3, 5}, {1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1});  // the second query sees nothing
        }
        if (variant == 3) {
            f.sinks = normal({4}, 6);
            f.bias = normal({3, 5}, 7);
            f.alibi_slopes = {0.5, 0.25, 0.125, 0.0625};
        }
        if (variant == 4) {
            f.q = normal({2, 2, 3, 2}, 1);
            f.k = normal({2, 1, 5, 2}, 2);
            f.v = normal({2, 1, 5, 3}, 3);
            o.dy = normal({2, 2, 3, 3}, 4);
            f.mask.mask = "sliding_causal";
            f.mask.window = 2;
        }
        const auto forward = [&] { return dot(attention(f).output, o.dy); };
        const auto r = attention_backward(o);
        check_gradient("q", f.q, r.dq, forward);
        check_gradient("k", f.k, r.dk, forward);
        check_gradient("v", f.v, r.dv, forward);
        if (f.bias) check_gradient("bias", *f.bias, *r.d_bias, forward);
        if (f.sinks) check_gradient("sinks", *f.sinks, *r.d_sinks, forward);
        for (Size i = 0; i < r.weights.size(); ++i) {
            if (r.weights.data[i] == 0) CHECK(r.d_logits.data[i] == 0);
        }
    }
}

TEST_CASE("gated feed-forward networks send back what central differences give") {
    for (const char* name : {"swiglu", "geglu", "geglu_tanh", "reglu", "glu", "bilinear", "mish"}) {
        CAPTURE(name);
        GatedBackwardOptions o;
        o.variant = name;
        o.x = normal({2, 3, 4}, 1);
        o.gate = normal({5, 4}, 2);
        o.up = normal({5, 4}, 3);
        o.down = normal({2, 5}, 4);
        o.dy = normal({2, 3, 2}, 5);
        const auto r = gated_feed_forward_backward(o);
        const auto forward = [&] { return dot(gated_feed_forward_backward(o).y, o.dy); };
        check_gradient("x", o.x, r.dx, forward, 1e-6);
        check_gradient("gate", o.gate, r.d_gate, forward, 1e-6);
        check_gradient("up", o.up, r.d_up, forward, 1e-6);
        check_gradient("down", o.down, r.d_down, forward, 1e-6);
    }
}

TEST_CASE("backward functions refuse a dy that does not fit and numbers that overflow, in a sentence") {
    LinearBackwardOptions o;
    o.x = normal({2, 3, 4}, 1);
    o.weight = normal({5, 4}, 2);
    o.dy = normal({3, 2, 5}, 4);
    CHECK_THROWS_WITH_AS(linear_backward(o), "linear_backward: dy must have the shape of y, [2, 3, 5], got [3, 2, 5]",
                         DomainError);
    o.dy = Array<double>({2, 3, 5}, 1e200);
    o.weight = Array<double>({5, 4}, 1e200);
    CHECK_THROWS_AS(linear_backward(o), DomainError);
    SoftmaxBackwardOptions s;
    s.x = normal({3}, 1);
    s.dy = normal({4}, 1);
    CHECK_THROWS_WITH_AS(softmax_backward(s), "softmax_backward: dy must have the shape of x, [3], got [4]", DomainError);
}
