// The traces of gradients: every tensor that was not given opens, and the gradients are the function's own.

#include "clearformer/ops/gradient_traces.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("gradients of softmax and its logarithm open, masked entries included") {
    for (int axis : {0, 1, -1}) {
        LogSoftmaxBackwardOptions o;
        o.x = normal({2, 3, 4}, 1, 3);
        o.x.data[5] = -kInfinity;
        o.dy = normal({2, 3, 4}, 2);
        o.axis = axis;
        o.temperature = 0.7;
        o.trace = true;
        for (const SoftmaxBackwardResult& r : {softmax_backward(o), log_softmax_backward(o)}) {
            check_every_tensor(*r.trace);
            CHECK(r.trace->tensor("dx").data == r.dx.data);
        }
    }
}

TEST_CASE("gradients of products open into the rows") {
    LinearBackwardOptions o;
    o.x = normal({2, 3, 4}, 1);
    o.weight = normal({5, 4}, 2);
    o.bias = normal({5}, 3);
    o.dy = normal({2, 3, 5}, 4);
    o.trace = true;
    const LinearBackwardResult r = linear_backward(o);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("dWeight").data == r.d_weight.data);
    MatmulBackwardOptions m{normal({2, 3, 4}, 1), normal({4, 5}, 2), normal({2, 3, 5}, 3), true};
    check_every_tensor(*matmul_backward(m).trace);
}

TEST_CASE("gradients of the norms open, with and without scale and shift, rows without spread included") {
    for (int affine : {0, 1, 2, 3}) {
        LayerNormBackwardOptions o;
        o.x = normal({2, 3, 5}, 1, 2);
        for (Size i = 5; i < 10; ++i) o.x.data[i] = 0;
        if (affine & 1) o.gamma = normal({5}, 2);
        if (affine & 2) o.beta = normal({5}, 3);
        o.dy = normal({2, 3, 5}, 4);
        o.eps = 0;
        o.trace = true;
        check_every_tensor(*layer_norm_backward(o).trace);
        RmsNormBackwardOptions rms;
        rms.x = o.x;
        rms.gamma = o.gamma;
        rms.dy = o.dy;
        rms.eps = affine == 3 ? 1e-5 : 0;
        rms.unit_offset = affine == 3;
        rms.trace = true;
        check_every_tensor(*rms_norm_backward(rms).trace);
    }
}

TEST_CASE("the gradient of an activation opens into its derivative") {
    for (const char* name : {"relu", "gelu_exact", "gelu_tanh", "silu", "elu"})
        check_every_tensor(*activation_backward({normal({3, 4}, 1, 3), name, normal({3, 4}, 2), true}).trace);
}
