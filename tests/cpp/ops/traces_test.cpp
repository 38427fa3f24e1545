// The traces of the operations: every tensor that was not given opens, down to what was, and the results are the operation's own.

#include "clearformer/ops/traces.hpp"

#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

/// `matmul` by this one signature; the name is also the kernel's.
template <class Real>
constexpr MatmulResult<Real> (*product)(const MatmulOptions<Real>&) = &matmul;

TEST_CASE("without being asked, operations record nothing") {
    CHECK_FALSE(traced<&softmax<double>>(SoftmaxOptions<double>{normal({2, 3}, 1)}).trace);
    CHECK_FALSE(traced<product<double>>(MatmulOptions<double>{normal({2, 3}, 1), normal({3, 2}, 2)}).trace);
}

TEST_CASE("products open, in single precision too") {
    MatmulOptions<double> o{normal({2, 3, 4}, 1), normal({4, 5}, 2), true};
    check_every_tensor(*traced<product<double>>(o).trace);
    CHECK(traced<product<double>>(o).trace->tensor("y").data == traced<product<double>>(o).y.data);
    MatmulOptions<float> small{normal<float>({3, 4}, 1), normal<float>({4, 2}, 2), true};
    check_every_tensor(*traced<product<float>>(small).trace);
    for (bool biased : {false, true}) {
        LinearOptions<double> l{normal({3, 4}, 1), normal({5, 4}, 2), {}, true};
        if (biased) l.bias = normal({5}, 3);
        check_every_tensor(*traced<&linear<double>>(l).trace);
        CHECK(traced<&linear<double>>(l).trace->tensor("y").data == traced<&linear<double>>(l).y.data);
    }
}

TEST_CASE("softmax opens along every axis, with a temperature, masked entries and empty rows") {
    for (int axis : {0, 1, 2, -1}) {
        for (double temperature : {1.0, 0.7}) {
            SoftmaxOptions<double> o{normal({2, 3, 4}, 1, 3), axis, temperature, true};
            for (Size i : {1, 6, 8, 9, 10, 11}) o.x.data[i] = -kInfinity;
            const SoftmaxResult<double> r = traced<&softmax<double>>(o);
            check_every_tensor(*r.trace);
            CHECK(r.trace->tensor("y").data == r.y.data);
            CHECK(r.trace->tensor("logSoftmax").data == r.log_softmax.data);
            CHECK(r.trace->tensor("logsumexp").data == r.logsumexp.data);
            CHECK(r.trace->has("tempered") == (temperature != 1));
        }
    }
    SoftmaxOptions<float> small{normal<float>({2, 3}, 1), 0, 1, true};
    check_every_tensor(*traced<&softmax<float>>(small).trace);
}

TEST_CASE("norms open, with and without scale and shift, rows without spread included") {
    for (int affine : {0, 1, 2, 3}) {
        LayerNormOptions<double> o;
        o.x = normal({2, 3, 5}, 1, 4);
        for (Size i = 5; i < 10; ++i) o.x.data[i] = 2;
        if (affine & 1) o.gamma = normal({5}, 2);
        if (affine & 2) o.beta = normal({5}, 3);
        o.eps = 0;
        o.trace = true;
        const LayerNormResult<double> r = traced<&layer_norm<double>>(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("y").data == r.y.data);

        RmsNormOptions<double> rms;
        rms.x = o.x;
        for (Size i = 5; i < 10; ++i) rms.x.data[i] = 0;
        rms.gamma = o.gamma;
        rms.eps = 0;
        rms.unit_offset = affine > 1;
        rms.trace = true;
        const RmsNormResult<double> s = traced<&rms_norm<double>>(rms);
        check_every_tensor(*s.trace);
        CHECK(s.trace->tensor("y").data == s.y.data);
    }
}

TEST_CASE("group normalisation opens into the group's mean and variance") {
    for (int groups : {1, 2, 4}) {
        GroupNormOptions<double> o{normal({2, 4, 3}, 1), groups, 1e-5, true};
        const GroupNormResult<double> r = traced<&group_norm<double>>(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("y").data == r.y.data);
    }
    check_every_tensor(*traced<&group_norm<double>>(GroupNormOptions<double>{normal({3, 4}, 1), 2, 1e-5, true}).trace);
}

TEST_CASE("rows of length 1 open, zeros and short rows too") {
    L2NormalizeOptions<double> o{{{3, 2}, {3, 4, 0, 0, 1e-3, 2e-3}}, 1e-2, true};
    const L2NormalizeResult<double> r = traced<&l2_normalize<double>>(o);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("length").data[0] == 5);
    CHECK(r.trace->tensor("y").data == r.y.data);
    o.eps = 0;
    check_every_tensor(*traced<&l2_normalize<double>>(o).trace);
}

TEST_CASE("every activation opens, and so does its derivative") {
    for (const char* name : {"relu", "gelu_exact", "gelu_tanh", "sigmoid", "tanh", "silu", "relu2", "mish", "elu",
                             "softplus", "leaky_relu", "quick_gelu", "identity"}) {
        CAPTURE(name);
        ActivationOptions<double> o{{{11}, {-1000, -25, -7, -1, -0.1, 0, 0.2, 1, 6, 30, 1000}}, name, true};
        const ActivationResult<double> r = traced<&activation<double>>(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("derivative").data == r.derivative.data);
    }
}

TEST_CASE("an embedding opens into the rows of its tables") {
    EmbeddingOptions<double> o{{2, 0, 2}, normal({3, 4}, 1), {}, true};
    check_every_tensor(*traced<&embedding<double>>(o).trace);
    o.positions = normal({5, 4}, 2);
    check_every_tensor(*traced<&embedding<double>>(o).trace);
    CHECK(traced<&embedding<double>>(o).trace->tensor("y").data == traced<&embedding<double>>(o).y.data);
}
