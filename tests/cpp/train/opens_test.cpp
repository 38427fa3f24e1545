// Traces of gradients of layers, of clipping and of an optimizer's path: every tensor that was not given opens.

#include "clearformer/attention/attention_backward.hpp"
#include "clearformer/blocks/feed_forward_backward.hpp"
#include "clearformer/ops/embedding_backward.hpp"
#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/position/rope_backward.hpp"
#include "clearformer/train/clip.hpp"
#include "clearformer/train/optimizers.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("gradients of attention open, with everything that it takes, in a batch and for shared heads") {
    AttentionBackwardOptions o;
    o.forward.q = normal({2, 4, 3, 2}, 1);
    o.forward.k = normal({2, 2, 5, 2}, 2);
    o.forward.v = normal({2, 2, 5, 3}, 3);
    o.forward.softcap = 3;
    o.forward.bias = normal({4, 3, 5}, 4);
    o.forward.sinks = normal({4}, 5);
    o.forward.mask.mask = "causal";
    o.dy = normal({2, 4, 3, 3}, 6);
    o.trace = true;
    const auto r = attention_backward(o);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("dk").data == r.dk.data);
    o.forward.bias = normal({3, 5}, 4);
    o.forward.softcap.reset();
    o.forward.sinks.reset();
    check_every_tensor(*attention_backward(o).trace);
}

TEST_CASE("gradients of gated layers, rotations, group norms, unit rows and embeddings open") {
    GatedBackwardOptions g{normal({2, 3, 4}, 1), normal({5, 4}, 2), normal({5, 4}, 3), normal({3, 5}, 4),
                           normal({2, 3, 3}, 5)};
    g.variant = "geglu";
    g.trace = true;
    check_every_tensor(*gated_feed_forward_backward(g).trace);
    for (const char* pairing : {"half_split", "interleaved"}) {
        for (const char* layout : {"same", "half_split"}) {
            RopeBackwardOptions o;
            o.forward.x = normal({2, 3, 6}, 1);
            o.forward.positions = {0, 2, 5};
            o.forward.pairing = pairing;
            o.forward.output_layout = layout;
            o.forward.rotary_dim = 4;
            o.dy = normal({2, 3, 6}, 2);
            o.trace = true;
            check_every_tensor(*rope_backward(o).trace);
        }
    }
    GroupNormBackwardOptions n;
    n.x = normal({2, 4, 3}, 1);
    std::fill_n(n.x.data.begin(), 6, 1.0);
    n.dy = normal({2, 4, 3}, 2);
    n.groups = 2;
    n.eps = 0;
    n.trace = true;
    check_every_tensor(*group_norm_backward(n).trace);
    for (double eps : {0.0, 1.5}) {
        L2NormalizeBackwardOptions l{normal({3, 2}, 1), normal({3, 2}, 2), eps, true};
        l.x.data[0] = l.x.data[1] = 0;
        check_every_tensor(*l2_normalize_backward(l).trace);
    }
    EmbeddingBackwardOptions e;
    e.tokens = {2, 0, 2};
    e.table = normal({4, 2}, 1);
    e.positions = normal({5, 2}, 2);
    e.dy = normal({3, 2}, 3);
    e.trace = true;
    check_every_tensor(*embedding_backward(e).trace);
}

TEST_CASE("clipping opens, where it clips and where it does not") {
    for (double most : {0.5, 1e3}) {
        ClipOptions o;
        o.gradients = {{"a", normal({2, 3}, 1)}, {"b", normal({4}, 2)}};
        o.max_norm = most;
        o.trace = true;
        check_every_tensor(*clip_gradient_norm(o).trace);
    }
}

TEST_CASE("every step of an optimizer's path opens, back to the first weights") {
    for (const char* name : {"sgd", "rmsprop", "adam", "adamw"}) {
        for (double momentum : {0.0, 0.9}) {
            OptimizerPathOptions o;
            o.rule.name = name;
            o.rule.momentum = momentum;
            o.weights = normal({3}, 1);
            o.gradients = {{"one", normal({3}, 2)}, {"two", normal({3}, 3)}, {"three", normal({3}, 4)}};
            o.trace = true;
            const auto r = optimizer_path(o);
            check_every_tensor(*r.trace);
            CHECK(r.trace->tensor("three").data == r.path[2].tensor.data);
        }
    }
}
