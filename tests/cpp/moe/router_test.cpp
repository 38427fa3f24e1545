#include "clearformer/moe/router.hpp"

#include <numeric>

#include "clearformer/moe/deepseek_gate.hpp"
#include "clearformer/moe/expert_choice.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

TopKRouterResult routed(const Array<double>& logits, int k, const char* norm = "softmax_after_topk",
                        double temperature = 1) {
    TopKRouterOptions o;
    o.logits = logits;
    o.k = k;
    o.norm = norm;
    o.temperature = temperature;
    return top_k_router(o);
}

}  // namespace

TEST_CASE("softmax over the chosen logits is softmax over all, renormalised") {
    const Array<double> logits = normal({20, 7}, 1, 3);
    for (int k = 1; k <= 7; ++k) {
        const auto after = routed(logits, k), before = routed(logits, k, "softmax_before_topk_renormalised");
        CHECK(after.indices.data == before.indices.data);
        CHECK(distance(after.weights.data, before.weights.data) < 1e-14);
        for (double sum : after.sum_weights.data) CHECK(sum == doctest::Approx(1).epsilon(1e-14));
    }
}

TEST_CASE("probabilities taken as they are sum to less than 1, and to 1 where all experts are chosen") {
    const Array<double> logits = normal({20, 5}, 2);
    for (double sum : routed(logits, 3, "softmax_before_topk").sum_weights.data) CHECK((sum > 3.0 / 5 && sum < 1));
    for (double sum : routed(logits, 5, "softmax_before_topk").sum_weights.data)
        CHECK(sum == doctest::Approx(1).epsilon(1e-14));
}

TEST_CASE("the chosen experts come best first, none twice, and no other has a larger logit") {
    const Array<double> logits = normal({30, 9}, 3);
    const auto r = routed(logits, 4);
    for (Size t = 0; t < 30; ++t) {
        std::vector<double> rest(logits.row(t), logits.row(t) + 9);
        double last = kInfinity;
        for (Size i = 0; i < 4; ++i) {
            double& logit = rest[static_cast<Size>(r.indices.row(t)[i])];
            CHECK(logit < last);
            last = logit;
            logit = -kInfinity;  // a second choice of it would not be below `last`
        }
        for (double logit : rest) CHECK(logit < last);
    }
    CHECK(std::accumulate(r.load.begin(), r.load.end(), 0) == 30 * 4);
}

TEST_CASE("of experts with equal logits the one with the lower number goes first") {
    const auto r = routed(Array<double>({2, 4}, {1, 2, 2, 0, 3, 3, 3, 3}), 2);
    CHECK(r.indices.data == std::vector<double>{1, 2, 0, 1});
    CHECK(r.weights.data == std::vector<double>{0.5, 0.5, 0.5, 0.5});
}

TEST_CASE("a temperature sharpens or flattens the weights and changes no choice") {
    const Array<double> logits = normal({10, 6}, 4);
    const auto plain = routed(logits, 2), cold = routed(logits, 2, "softmax_after_topk", 0.1),
               hot = routed(logits, 2, "softmax_after_topk", 100);
    for (Size t = 0; t < 10; ++t) {
        CHECK(cold.weights.row(t)[0] > plain.weights.row(t)[0]);
        CHECK(hot.weights.row(t)[0] < plain.weights.row(t)[0]);
    }
    CHECK(cold.indices.data == plain.indices.data);
    CHECK(hot.indices.data == plain.indices.data);
}

TEST_CASE("sigmoid weights are each expert's own") {
    const auto r = routed(Array<double>({1, 3}, {0, 2, -1000}), 3, "sigmoid");
    CHECK(r.weights.data[0] == doctest::Approx(0.8807970779778823));
    CHECK(r.weights.data[1] == 0.5);
    CHECK(r.weights.data[2] == 0);
}

TEST_CASE("without noise the noisy gate is the plain router, spread over all experts") {
    NoisyTopKOptions o;
    o.x = normal({6, 5}, 1);
    o.router_weight = normal({4, 5}, 2);
    o.noise_weight = normal({4, 5}, 3);
    o.noise = Array<double>({6, 4});
    o.k = 2;
    const auto r = noisy_top_k(o);
    TopKRouterOptions plain;
    plain.x = o.x;
    plain.router_weight = o.router_weight;
    plain.k = 2;
    const auto p = top_k_router(plain);
    CHECK(r.indices.data == p.indices.data);
    for (Size t = 0; t < 6; ++t) {
        double sum = 0;
        for (Size i = 0; i < 2; ++i) CHECK(r.gates.row(t)[static_cast<Size>(p.indices.row(t)[i])] == p.weights.row(t)[i]);
        for (Size e = 0; e < 4; ++e) sum += r.gates.row(t)[e];
        CHECK(sum == doctest::Approx(1));
    }
    for (double deviation : r.deviation.data) CHECK(deviation > 0);
}

TEST_CASE("routers refuse what they cannot route") {
    const Array<double> logits = normal({2, 3}, 1);
    CHECK_THROWS_WITH_AS(routed(logits, 4), "top_k_router: k must be from 1 to the 3 experts, got 4", DomainError);
    CHECK_THROWS_WITH_AS(routed(logits, 0), "top_k_router: k must be from 1 to the 3 experts, got 0", DomainError);
    CHECK_THROWS_AS(routed(logits, 1, "softmax"), DomainError);
    CHECK_THROWS_AS(routed(Array<double>({0, 3}), 1, "softmax"), DomainError);
    CHECK_THROWS_AS(routed(logits, 1, "sigmoid", 0), DomainError);
    CHECK_THROWS_AS(routed(Array<double>({2, 0}), 1), DomainError);
    TopKRouterOptions o;
    CHECK_THROWS_WITH_AS(top_k_router(o), "top_k_router: needs either logits or x, got neither", KindError);
    o.x = normal({2, 3}, 1);
    CHECK_THROWS_WITH_AS(top_k_router(o), "top_k_router: x and router_weight go together, got only x", KindError);
    o.router_weight = Array<double>({2, 3}, 1e308);
    o.x = Array<double>({2, 3}, 1e308);
    CHECK_THROWS_WITH_AS(top_k_router(o), "top_k_router: the inputs are too large, logits came to inf", DomainError);
    o.logits = normal({2, 2}, 1);
    CHECK_THROWS_WITH_AS(top_k_router(o), "top_k_router: needs either logits or x, got both", KindError);
}

TEST_CASE("no token gives empty results, no width gives the bias alone") {
    const auto none = routed(Array<double>({0, 3}), 2);
    CHECK(none.indices.shape == Shape{0, 2});
    CHECK(none.load == std::vector<int>{0, 0, 0});
    TopKRouterOptions o;
    o.x = Array<double>({2, 0});
    o.router_weight = Array<double>({3, 0});
    o.router_bias = Array<double>({3}, {0, 2, 1});
    CHECK(top_k_router(o).indices.data == std::vector<double>{1, 1});
}

TEST_CASE("with expert choice every expert has the same load") {
    ExpertChoiceOptions o;
    o.logits = normal({12, 4}, 5, 2);
    for (int capacity : {1, 5, 12}) {
        o.capacity = capacity;
        const auto r = expert_choice(o);
        CHECK(r.tokens.shape == Shape{4, static_cast<Size>(capacity)});
        CHECK(std::accumulate(r.experts_per_token.begin(), r.experts_per_token.end(), 0) == 4 * capacity);
        for (Size e = 0; e < 4; ++e) CHECK(std::is_sorted(r.gates.row(e), r.gates.row(e) + capacity, std::greater<>()));
    }
    o.capacity = 13;
    CHECK_THROWS_WITH_AS(expert_choice(o), "expert_choice: capacity must be from 1 to the 12 tokens, got 13", DomainError);
}

TEST_CASE("with one group, no bias and no scale, DeepSeek-V3's gate is a router over sigmoids") {
    DeepseekV3GateOptions o;
    o.logits = normal({8, 6}, 6);
    o.bias = Array<double>({6});
    o.k = 3;
    const auto r = deepseek_v3_gate(o);
    CHECK(r.indices.data == routed(o.logits, 3).indices.data);
    CHECK(r.rows_where_zero_mask_differs.empty());
    for (Size t = 0; t < 8; ++t) {
        CHECK(r.weights.row(t)[0] + r.weights.row(t)[1] + r.weights.row(t)[2] == doctest::Approx(1));
    }
}

TEST_CASE("a bias changes who is chosen, never by how much it is weighted") {
    DeepseekV3GateOptions o;
    o.logits = Array<double>({1, 3}, {2, 1, 0});
    o.bias = Array<double>({3}, {-10, 0, 0.5});
    o.k = 2;
    o.renormalise = false;
    const auto r = deepseek_v3_gate(o);
    CHECK(r.indices.data == std::vector<double>{2, 1});
    CHECK(r.weights.data[0] == 0.5);
    CHECK(r.weights.data[1] == doctest::Approx(0.7310585786300049));
}

TEST_CASE("experts outside the open groups are never chosen, however negative the open ones are") {
    DeepseekV3GateOptions o;
    o.logits = normal({20, 12}, 7);
    o.bias = Array<double>({12}, -3);
    o.groups = 4;
    o.open_groups = 2;
    o.k = 5;
    const auto r = deepseek_v3_gate(o);
    CHECK(r.rows_where_zero_mask_differs.size() == 20);
    for (Size t = 0; t < 20; ++t) {
        for (Size i = 0; i < 5; ++i) {
            const double group = std::floor(r.indices.row(t)[i] / 3);
            CHECK((group == r.groups.row(t)[0] || group == r.groups.row(t)[1]));
        }
    }
    o.bias = Array<double>({12}, 3);
    CHECK(deepseek_v3_gate(o).rows_where_zero_mask_differs.empty());
}

TEST_CASE("with every group open DeepSeek-V2's gate weights by the plain probabilities") {
    DeepseekV2GateOptions o;
    o.logits = normal({9, 8}, 8);
    o.groups = o.open_groups = 4;
    o.k = 3;
    const auto r = deepseek_v2_gate(o);
    const auto plain = routed(o.logits, 3, "softmax_before_topk");
    CHECK(r.indices.data == plain.indices.data);
    CHECK(distance(r.weights.data, plain.weights.data) < 1e-15);
    o.renormalise = true;
    CHECK(distance(deepseek_v2_gate(o).weights.data, routed(o.logits, 3).weights.data) < 1e-14);
}

TEST_CASE("DeepSeek's gates refuse groups that do not fit") {
    DeepseekV2GateOptions o;
    o.logits = normal({2, 8}, 1);
    o.groups = 3;
    CHECK_THROWS_WITH_AS(deepseek_v2_gate(o), "deepseek_v2_gate: groups must divide the experts, got 3 groups and 8 experts",
                         DomainError);
    o.groups = 4;
    o.open_groups = 5;
    CHECK_THROWS_WITH_AS(deepseek_v2_gate(o), "deepseek_v2_gate: open_groups must be from 1 to the 4 groups, got 5",
                         DomainError);
    o.open_groups = 2;
    o.k = 5;
    CHECK_THROWS_WITH_AS(deepseek_v2_gate(o),
                         "deepseek_v2_gate: k must be from 1 to the 4 experts of the open groups, got 5", DomainError);
    o.groups = -1;
    CHECK_THROWS_AS(deepseek_v2_gate(o), DomainError);
}
