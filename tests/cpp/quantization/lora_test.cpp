#include "clearformer/quantization/lora.hpp"

#include <cmath>

#include "clearformer/ops/linear.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

LoraOptions example() {
    LoraOptions o;
    o.x = normal({2, 3, 5}, 1);
    o.weight = normal({4, 5}, 2);
    o.a = normal({2, 5}, 3);
    o.b = normal({4, 2}, 4);
    o.alpha = 3;
    return o;
}

Array<double> through(const Array<double>& x, const Array<double>& weight) {
    LinearOptions<double> o;
    o.x = x;
    o.weight = weight;
    return linear(o).y;
}

DoraOptions dora_example() {
    const LoraOptions l = example();
    DoraOptions o;
    o.x = l.x;
    o.weight = l.weight;
    o.a = l.a;
    o.b = l.b;
    o.alpha = l.alpha;
    return o;
}

}  // namespace

TEST_CASE("LoRA conforms") {
    for_each_case("blocks", "lora", [](const Json& c) {
        LoraOptions o;
        o.x = tensor_of(c["inputs"]["x"]);
        o.weight = tensor_of(c["inputs"]["W"]);
        o.a = tensor_of(c["inputs"]["A"]);
        o.b = tensor_of(c["inputs"]["B"]);
        o.alpha = c["params"]["alpha"];
        o.scaling = c["params"]["scaling"];
        const auto r = lora(o);
        check_tensor(r.y, "y", c);
        check_tensor(r.base, "y_base", c);
        check_tensor(r.merged, "W_merged", c);
    });
}

TEST_CASE("the merged weight gives what the two paths give together, and unmerging gives the frozen weight back") {
    for (const char* scaling : {"alpha/r", "alpha/sqrt(r)"}) {
        LoraOptions o = example();
        o.scaling = scaling;
        const auto r = lora(o);
        CHECK(distance(through(o.x, r.merged).data, r.y.data) < 1e-12);
        LoraUnmergeOptions back;
        back.merged = r.merged;
        back.a = o.a;
        back.b = o.b;
        back.alpha = o.alpha;
        back.scaling = scaling;
        CHECK(distance(lora_unmerge(back).weight.data, o.weight.data) < 1e-14);
    }
}

TEST_CASE("a fresh adapter, whose b is zero, changes nothing") {
    LoraOptions o = example();
    for (double& value : o.b.data) value = 0;
    const auto r = lora(o);
    CHECK(r.y.data == r.base.data);
    CHECK(r.merged.data == o.weight.data);
    CHECK(r.trainable == 2 * 5 + 4 * 2);
    CHECK(r.frozen == 20);
}

TEST_CASE("rank-stabilised scaling divides by the root of the rank") {
    LoraOptions o = example();
    CHECK(lora(o).scale == 1.5);
    o.scaling = "alpha/sqrt(r)";
    CHECK(lora(o).scale == doctest::Approx(3 / std::sqrt(2.0)));
}

TEST_CASE("DoRA gives every row of the merged weight its magnitude") {
    DoraOptions o = dora_example();
    o.magnitude = Array<double>({4}, {1, 2, 0.5, 3});
    const auto r = dora(o);
    for (Size n = 0; n < 4; ++n) {
        double squares = 0;
        for (Size c = 0; c < 5; ++c) squares += r.merged.row(n)[c] * r.merged.row(n)[c];
        CHECK(std::sqrt(squares) == doctest::Approx(o.magnitude->data[n]));
    }
    CHECK(distance(through(o.x, r.merged).data, r.y.data) == 0);
}

TEST_CASE("DoRA starts as the frozen weight, and comes apart again") {
    DoraOptions o = dora_example();
    for (double& value : o.b.data) value = 0;
    CHECK(distance(dora(o).merged.data, o.weight.data) < 1e-15);
    o = dora_example();
    const auto r = dora(o);
    DoraUnmergeOptions back;
    back.merged = r.merged;
    back.norms = r.norms;
    back.magnitude = r.magnitude;
    back.a = o.a;
    back.b = o.b;
    back.alpha = o.alpha;
    CHECK(distance(dora_unmerge(back).weight.data, o.weight.data) < 1e-14);
    back.magnitude.data[1] = 0;
    CHECK_THROWS_WITH_AS(dora_unmerge(back), "dora_unmerge: magnitudes must not be 0, got 0 for row 1", DomainError);
}

TEST_CASE("adapters refuse shapes, ranks and scalings that do not fit") {
    LoraOptions o = example();
    o.scaling = "alpha";
    CHECK_THROWS_WITH_AS(lora(o), "lora: scaling must be alpha/r or alpha/sqrt(r), got alpha", DomainError);
    o = example();
    o.a = Array<double>({0, 5});
    o.b = Array<double>({4, 0});
    CHECK_THROWS_AS(lora(o), DomainError);
    o = example();
    o.b = normal({3, 2}, 1);
    CHECK_THROWS_AS(lora(o), DomainError);
    o = example();
    o.alpha = 1e308;
    o.a.data[0] = 1e9;
    CHECK_THROWS_AS(lora(o), DomainError);
}
