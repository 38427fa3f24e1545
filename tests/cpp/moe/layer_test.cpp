#include "clearformer/moe/layer.hpp"

#include "clearformer/moe/clamped_experts.hpp"
#include "clearformer/moe/soft_moe.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

MoeLayerOptions layer(Size E, int k) {
    MoeLayerOptions o;
    o.x = normal({6, 5}, 1);
    o.router_weight = normal({E, 5}, 2);
    o.expert_gate = normal({E, 3, 5}, 3);
    o.expert_up = normal({E, 3, 5}, 4);
    o.expert_down = normal({E, 5, 3}, 5);
    o.k = k;
    return o;
}

/// The first expert of the layer, for all.
void share_first_expert(MoeLayerOptions& o) {
    for (Array<double>* weights : {&o.expert_gate, &o.expert_up, &o.expert_down}) {
        for (Size i = 15; i < weights->size(); ++i) weights->data[i] = weights->data[i % 15];
    }
}

}  // namespace

TEST_CASE("where all experts are equal the layer is one expert, whatever is routed where") {
    MoeLayerOptions one = layer(1, 1), many = layer(4, 2);
    share_first_expert(many);
    one.expert_gate.data.assign(many.expert_gate.data.begin(), many.expert_gate.data.begin() + 15);
    one.expert_up.data.assign(many.expert_up.data.begin(), many.expert_up.data.begin() + 15);
    one.expert_down.data.assign(many.expert_down.data.begin(), many.expert_down.data.begin() + 15);
    CHECK(distance(moe_layer(many).y.data, moe_layer(one).y.data) < 1e-14);
}

TEST_CASE("a shared expert without a gate is one more expert of weight 1") {
    MoeLayerOptions o = layer(4, 2);
    const auto without = moe_layer(o);
    o.shared_gate = normal({2, 5}, 6);
    o.shared_up = normal({2, 5}, 7);
    o.shared_down = normal({5, 2}, 8);
    const auto plain = moe_layer(o);
    CHECK(plain.routed.data == without.routed.data);
    for (Size i = 0; i < plain.y.size(); ++i) CHECK(plain.y.data[i] == without.y.data[i] + plain.shared->data[i]);
    o.shared_score = Array<double>({1, 5});  // sigmoid(0) = 1/2
    const auto half = moe_layer(o);
    for (Size i = 0; i < plain.y.size(); ++i) CHECK(half.shared->data[i] == plain.shared->data[i] / 2);
}

TEST_CASE("the routed scale multiplies the routed part alone") {
    MoeLayerOptions o = layer(4, 2);
    const auto plain = moe_layer(o);
    o.routed_scale = 2;
    const auto twice = moe_layer(o);
    CHECK(twice.routed.data == plain.routed.data);
    for (Size i = 0; i < plain.y.size(); ++i) CHECK(twice.y.data[i] == 2 * plain.y.data[i]);
}

TEST_CASE("experts cut in halves along their hidden layer, both chosen, are the experts that they were") {
    // Fine-grained experts: with E halves of width F / 2 and equal weights the sum is that of whole experts of twice the
    // weight.
    MoeLayerOptions whole = layer(1, 1), halves = layer(2, 2);
    whole.expert_gate = normal({1, 6, 5}, 3);
    whole.expert_up = normal({1, 6, 5}, 4);
    whole.expert_down = normal({1, 5, 6}, 5);
    halves.router_weight = Array<double>({2, 5});
    halves.expert_gate = {{2, 3, 5}, whole.expert_gate.data};
    halves.expert_up = {{2, 3, 5}, whole.expert_up.data};
    for (Size e = 0; e < 2; ++e) {
        for (Size c = 0; c < 5; ++c) {
            for (Size f = 0; f < 3; ++f) halves.expert_down.at({e, c, f}) = whole.expert_down.at({0, c, 3 * e + f});
        }
    }
    halves.routed_scale = 2;
    CHECK(distance(moe_layer(halves).y.data, moe_layer(whole).y.data) < 1e-13);
}

TEST_CASE("a layer refuses half a shared expert, an unknown activation and numbers that are too large") {
    MoeLayerOptions o = layer(4, 2);
    o.shared_gate = normal({2, 5}, 6);
    CHECK_THROWS_WITH_AS(moe_layer(o), "moe_layer: shared_gate, shared_up and shared_down go together, got 1 of 3",
                         KindError);
    o.shared_gate.reset();
    o.shared_score = normal({1, 5}, 6);
    CHECK_THROWS_WITH_AS(moe_layer(o), "moe_layer: shared_score needs a shared expert, got it alone", KindError);
    o = layer(4, 2);
    o.activation = "swiglu";
    CHECK_THROWS_AS(moe_layer(o), DomainError);
    o = layer(4, 2);
    o.expert_gate = o.expert_up = Array<double>({4, 3, 5}, 1e200);
    CHECK_THROWS_AS(moe_layer(o), DomainError);
    o = layer(4, 5);
    CHECK_THROWS_WITH_AS(moe_layer(o), "moe_layer: k must be from 1 to the 4 experts, got 5", DomainError);
    o = layer(4, 2);
    o.expert_up = normal({4, 2, 5}, 1);
    CHECK_THROWS_WITH_AS(moe_layer(o), "moe_layer: expert_up must have F = 3 as expert_gate has, got shape [4, 2, 5]",
                         DomainError);
}

TEST_CASE("no token and no hidden feature are no trouble") {
    MoeLayerOptions o = layer(4, 2);
    o.x = Array<double>({0, 5});
    o.trace = true;
    CHECK(moe_layer(o).y.shape == Shape{0, 5});
    o = layer(4, 2);
    o.expert_gate = o.expert_up = Array<double>({4, 0, 5});
    o.expert_down = Array<double>({4, 5, 0});
    CHECK(moe_layer(o).y.data == std::vector<double>(30, 0));
}

TEST_CASE("the clamp bounds what an expert can say") {
    ClampedExpertsOptions o;
    o.x = normal({6, 5}, 1, 100);
    o.router_weight = normal({3, 5}, 2);
    o.gate_up = normal({3, 5, 8}, 3, 100);
    o.gate_up_bias = normal({3, 8}, 4);
    o.down = normal({3, 4, 5}, 5);
    o.down_bias = normal({3, 5}, 6);
    o.k = 2;
    for (double h : clamped_experts(o).hidden.data) CHECK((h <= 7 * 8 && h >= -6 * 7));
    o.limit = 1e300;
    double most = 0;
    for (double h : clamped_experts(o).hidden.data) most = std::max(most, h);
    CHECK(most > 7 * 8);
    o.limit = 0;
    CHECK_THROWS_WITH_AS(clamped_experts(o), "clamped_experts: limit must be above 0, got 0", DomainError);
    o.limit = 7;
    o.gate_up = normal({3, 5, 7}, 3);
    o.gate_up_bias = normal({3, 7}, 3);
    CHECK_THROWS_WITH_AS(clamped_experts(o),
                         "clamped_experts: gate_up must have twice as many columns as down has rows, 8, got 7", DomainError);
}

TEST_CASE("a soft mixture gives every slot one token's worth of input and every token one slot's worth of output") {
    SoftMoeOptions o;
    o.x = normal({7, 4}, 1);
    o.phi = normal({4, 6}, 2);
    const auto r = soft_moe(o);
    for (Size s = 0; s < 6; ++s) {
        double sum = 0;
        for (Size t = 0; t < 7; ++t) sum += r.dispatch.row(t)[s];
        CHECK(sum == doctest::Approx(1).epsilon(1e-14));
    }
    for (Size t = 0; t < 7; ++t) {
        double sum = 0;
        for (Size s = 0; s < 6; ++s) sum += r.combine.row(t)[s];
        CHECK(sum == doctest::Approx(1).epsilon(1e-14));
    }
    o.phi = Array<double>({4, 6});  // nothing distinguishes the slots: every slot is the mean token
    const auto even = soft_moe(o);
    for (Size c = 0; c < 4; ++c) {
        double mean = 0;
        for (Size t = 0; t < 7; ++t) mean += o.x.row(t)[c] / 7;
        for (Size t = 0; t < 7; ++t) CHECK(even.y.row(t)[c] == doctest::Approx(mean));
    }
}

TEST_CASE("a slot goes through its own expert") {
    SoftMoeOptions o;
    o.x = normal({3, 4}, 1);
    o.phi = normal({4, 4}, 2);
    o.expert_gate = normal({2, 3, 4}, 3);
    o.expert_up = normal({2, 3, 4}, 4);
    o.expert_down = normal({2, 4, 3}, 5);
    const auto before = soft_moe(o);
    for (Size i = 12; i < 24; ++i) o.expert_down->data[i] *= 2;  // the second expert, slots 2 and 3
    const auto after = soft_moe(o);
    for (Size i = 0; i < 16; ++i) CHECK(after.slot_outputs.data[i] == before.slot_outputs.data[i] * (i < 8 ? 1 : 2));
    o.phi = normal({4, 3}, 2);
    CHECK_THROWS_WITH_AS(soft_moe(o), "soft_moe: the experts must divide the slots, got 2 experts and 3 slots", DomainError);
    o.expert_up.reset();
    CHECK_THROWS_AS(soft_moe(o), KindError);
}

TEST_CASE("a soft mixture of no token, or with no slot, is empty or zero") {
    SoftMoeOptions o;
    o.x = Array<double>({0, 4});
    o.phi = normal({4, 2}, 1);
    o.trace = true;
    CHECK(soft_moe(o).slot_inputs.data == std::vector<double>(8, 0));
    CHECK(soft_moe(o).y.shape == Shape{0, 4});
    o.x = normal({3, 4}, 1);
    o.phi = Array<double>({4, 0});
    CHECK(soft_moe(o).y.data == std::vector<double>(12, 0));
}
