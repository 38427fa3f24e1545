// Every rule, opened: its steps are evaluated once more from nothing but the operands, and must give the value of the
// kernel.

#include "clearformer/ops/rules.hpp"

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/embedding.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/softmax.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("a matrix product opens into its products") {
    Trace trace;
    MatmulOptions<double> o;
    o.a = give(trace, "a", normal({2, 3, 4}, 1));
    o.b = give(trace, "b", normal({4, 5}, 2));
    record(trace, "y", matmul(o).y, matmul_rule("a", "b", 4));
    check_every_entry(trace, "y");
    const Explanation page = trace.explain("y", {1, 2, 3});
    CHECK(page.operands[0].terms[1].index == Index{1, 2, 1});
    CHECK(page.operands[1].terms[1].index == Index{1, 3});
}

TEST_CASE("a linear layer opens into its products and its bias") {
    Trace trace;
    LinearOptions<double> o;
    o.x = give(trace, "x", normal({3, 4}, 1));
    o.weight = give(trace, "w", normal({5, 4}, 2));
    record(trace, "plain", linear(o).y, linear_rule("x", "w", nullptr, 4));
    o.bias = give(trace, "b", normal({5}, 3));
    record(trace, "y", linear(o).y, linear_rule("x", "w", "b", 4));
    check_every_entry(trace, "plain");
    check_every_entry(trace, "y");
}

TEST_CASE("sums and scalings open into their two numbers") {
    Trace trace;
    const Array<double> a = give(trace, "a", normal({3, 2}, 1)), b = give(trace, "b", normal({3, 2}, 2));
    Array<double> sum = a, scaled = a;
    for (Size i = 0; i < 6; ++i) {
        sum.data[i] += b.data[i];
        scaled.data[i] *= 0.25;
    }
    record(trace, "sum", sum, add_rule("a", "b"));
    record(trace, "scaled", scaled, scale_rule("a", 0.25, "a quarter"));
    check_every_entry(trace, "sum");
    check_every_entry(trace, "scaled");
    CHECK(trace.explain("scaled", {0, 0}).operands[1].name == "a quarter");
}

TEST_CASE("an embedding opens into the rows of its tables") {
    Trace trace;
    EmbeddingOptions<double> o;
    o.tokens = {2, 0, 2};
    o.table = give(trace, "table", normal({3, 4}, 1));
    record(trace, "plain", embedding(o).y, embedding_rule("table", nullptr, o.tokens));
    o.positions = give(trace, "positions", normal({5, 4}, 2));
    record(trace, "y", embedding(o).y, embedding_rule("table", "positions", o.tokens));
    check_every_entry(trace, "plain");
    check_every_entry(trace, "y");
    CHECK(trace.explain("y", {2, 1}).operands[0].terms[0].index == Index{2, 1});
}

TEST_CASE("softmax opens into row maximum, exponentials, row sum and weights, masked entries and empty rows included") {
    Trace trace;
    SoftmaxOptions<double> o;
    o.x = normal({2, 3, 4}, 1, 3);
    for (Size i : {1, 6, 8, 9, 10, 11}) o.x.data[i] = -kInfinity;  // the third row is empty
    give(trace, "x", o.x);
    Array<double> most(Shape{2, 3}, -kInfinity), exponentials = o.x, sum(Shape{2, 3});
    for (Size i = 0; i < o.x.size(); ++i) most.data[i / 4] = std::max(most.data[i / 4], o.x.data[i]);
    for (Size i = 0; i < o.x.size(); ++i) {
        exponentials.data[i] = o.x.data[i] == -kInfinity ? 0 : std::exp(o.x.data[i] - most.data[i / 4]);
        sum.data[i / 4] += exponentials.data[i];
    }
    record(trace, "m", most, row_max_rule("x", 4));
    record(trace, "e", exponentials, exponential_rule("x", "m"));
    record(trace, "Z", sum, row_sum_rule("e", 4));
    record(trace, "y", softmax(o).y, normalise_rule("e", "Z"));
    for (const char* name : {"m", "e", "Z", "y"}) check_every_entry(trace, name);
    CHECK(trace.explain("y", {0, 2, 1}).value == 0);
}

TEST_CASE("layer normalisation opens into mean, variance, normalised entries, scale and shift") {
    Trace trace;
    LayerNormOptions<double> o;
    o.eps = 0;
    o.x = normal({3, 5}, 1, 4);
    for (Size i = 5; i < 10; ++i) o.x.data[i] = 2;  // a row without spread
    give(trace, "x", o.x);
    const auto plain = layer_norm(o);
    o.gamma = give(trace, "gamma", normal({5}, 2));
    o.beta = give(trace, "beta", normal({5}, 3));
    record(trace, "mean", plain.mean, mean_rule("x", 5));
    record(trace, "variance", plain.variance, variance_rule("x", "mean", 5));
    record(trace, "normalised", plain.y, normalised_rule("x", "mean", "variance", 0));
    record(trace, "y", layer_norm(o).y, affine_rule("normalised", "gamma", "beta"));
    o.gamma.reset();
    record(trace, "shifted", layer_norm(o).y, affine_rule("normalised", nullptr, "beta"));
    for (const char* name : {"mean", "variance", "normalised", "y", "shifted"}) check_every_entry(trace, name);
}

TEST_CASE("RMS normalisation opens into the root mean square, normalised entries and scale") {
    Trace trace;
    RmsNormOptions<double> o;
    o.eps = 0;
    o.x = normal({3, 5}, 1, 4);
    for (Size i = 5; i < 10; ++i) o.x.data[i] = 0;
    give(trace, "x", o.x);
    const auto plain = rms_norm(o);
    record(trace, "rms", plain.rms, rms_rule("x", 5, 0));
    record(trace, "normalised", plain.y, rms_normalised_rule("x", "rms"));
    o.gamma = give(trace, "gamma", normal({5}, 2));
    record(trace, "y", rms_norm(o).y, affine_rule("normalised", "gamma", nullptr));
    o.unit_offset = true;
    record(trace, "gemma", rms_norm(o).y, affine_rule("normalised", "gamma", nullptr, true));
    for (const char* name : {"rms", "normalised", "y", "gemma"}) check_every_entry(trace, name);
}

TEST_CASE("every activation opens") {
    for (const char* name : {"relu", "gelu_exact", "gelu_tanh", "sigmoid", "tanh", "silu", "relu2", "mish", "elu",
                             "softplus", "leaky_relu", "quick_gelu", "relu6", "selu", "hard_swish", "swish", "identity"}) {
        CAPTURE(name);
        Trace trace;
        ActivationOptions<double> o;
        o.name = name;
        o.x = give(trace, "x", {{9}, {-1000, -7, -1, -0.1, 0, 0.2, 1, 6, 1000}});
        record(trace, "y", activation(o).y, activation_rule("x", name));
        check_every_entry(trace, "y");
    }
    CHECK_THROWS_AS(activation_rule("x", "swoosh"), DomainError);
}
