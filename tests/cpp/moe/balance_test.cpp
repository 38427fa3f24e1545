#include <numeric>

#include "clearformer/moe/capacity.hpp"
#include "clearformer/moe/losses.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

CapacityRouterResult with_capacity(const Array<double>& logits, int k, int capacity, const char* priority) {
    CapacityRouterOptions o;
    o.logits = logits;
    o.k = k;
    o.capacity = capacity;
    o.priority = priority;
    return capacity_router(o);
}

}  // namespace

TEST_CASE("no expert takes more than its capacity, no place is given twice, and only a full expert drops") {
    const Array<double> logits = normal({20, 4}, 1);
    for (const char* priority : {"choice_major", "token_major", "batch_priority"}) {
        for (int capacity : {0, 3, 7, 20}) {
            CAPTURE(priority);
            CAPTURE(capacity);
            const auto r = with_capacity(logits, 2, capacity, priority);
            std::vector<std::vector<int>> taken(4, std::vector<int>(static_cast<Size>(capacity), 0));
            for (Size i = 0; i < r.slot.size(); ++i) {
                const Size expert = static_cast<Size>(r.experts.data[i]);
                CHECK((r.slot.data[i] == -1) == (r.kept.data[i] == 0));
                if (r.kept.data[i] == 0) CHECK(r.filled[expert] == capacity);
                else CHECK(taken[expert].at(static_cast<Size>(r.slot.data[i]))++ == 0);
            }
            for (Size e = 0; e < 4; ++e) CHECK(r.filled[e] == std::min(capacity, r.load[e]));
        }
    }
}

TEST_CASE("by choices, a first choice is dropped only where an expert is full of first choices") {
    const Array<double> logits = normal({20, 4}, 2);
    const auto r = with_capacity(logits, 2, 4, "choice_major");
    for (Size t = 0; t < 20; ++t) {
        if (r.kept.row(t)[1] == 0) continue;
        const double expert = r.experts.row(t)[1];
        for (Size u = 0; u < 20; ++u)
            if (r.experts.row(u)[0] == expert) CHECK(r.kept.row(u)[0] == 1);
    }
}

TEST_CASE("by batch priority the surest tokens get the places") {
    const Array<double> logits(Shape{4, 2}, {1, 0, 3, 0, 2, 0, 9, 0});
    CHECK(with_capacity(logits, 1, 2, "choice_major").kept.data == std::vector<double>{1, 1, 0, 0});
    CHECK(with_capacity(logits, 1, 2, "batch_priority").kept.data == std::vector<double>{0, 1, 0, 1});
    CHECK(with_capacity(logits, 1, 2, "batch_priority").slot.data == std::vector<double>{-1, 1, -1, 0});
}

TEST_CASE("the Switch router is the capacity router with one choice") {
    SwitchRouterOptions o;
    o.logits = normal({17, 5}, 3);
    for (double factor : {0.5, 1.0, 1.25, 2.0}) {
        for (const char* rounding : {"floor", "ceil"}) {
            o.capacity_factor = factor;
            o.rounding = rounding;
            const auto r = switch_router(o);
            const double exact = 17 * factor / 5;
            CHECK(r.capacity == (o.rounding == "ceil" ? std::ceil(exact) : std::floor(exact)));
            const auto same = with_capacity(*o.logits, 1, r.capacity, "token_major");
            CHECK(std::vector<double>(r.kept.begin(), r.kept.end()) == same.kept.data);
            CHECK(std::vector<double>(r.slot.begin(), r.slot.end()) == same.slot.data);
            CHECK(std::accumulate(r.kept.begin(), r.kept.end(), static_cast<int>(r.dropped.size())) == 17);
        }
    }
    o.capacity = 0;
    CHECK(switch_router(o).dropped.size() == 17);
}

TEST_CASE("capacities refuse what is out of range") {
    SwitchRouterOptions o;
    o.logits = normal({3, 2}, 1);
    o.capacity = -1;
    CHECK_THROWS_WITH_AS(switch_router(o), "switch_router: capacity must be at least 0, got -1", DomainError);
    o.capacity.reset();
    o.capacity_factor = 1e300;
    CHECK_THROWS_AS(switch_router(o), DomainError);
    o.capacity_factor = 0;
    CHECK_THROWS_WITH_AS(switch_router(o), "switch_router: capacity_factor must be above 0, got 0", DomainError);
    o.capacity_factor = 1;
    o.rounding = "round";
    CHECK_THROWS_AS(switch_router(o), DomainError);
    CHECK_THROWS_AS(with_capacity(*o.logits, 1, -1, "token_major"), DomainError);
    CHECK_THROWS_AS(with_capacity(*o.logits, 3, 1, "token_major"), DomainError);
    CHECK_THROWS_AS(with_capacity(*o.logits, 1, 1, "score"), DomainError);
}

TEST_CASE("the Switch loss is 1 when balanced, E when one expert takes all with certainty, and k times 1 for k choices") {
    SwitchBalanceLossOptions o;
    o.logits = Array<double>({4, 4});
    for (Size t = 0; t < 4; ++t) o.logits.row(t)[t] = 5;
    CHECK(switch_balance_loss(o).loss == doctest::Approx(1));
    CHECK(top_k_balance_loss({o.logits, 1, {}}).loss == doctest::Approx(1));
    CHECK(top_k_balance_loss({o.logits, 4, {}}).loss == doctest::Approx(4));
    o.logits = Array<double>({4, 4});
    for (Size t = 0; t < 4; ++t) o.logits.row(t)[2] = 1000;
    CHECK(switch_balance_loss(o).loss == 4);
}

TEST_CASE("the gradients of the Switch loss and of the z loss are central differences") {
    constexpr double kStep = 1e-6;
    SwitchBalanceLossOptions o;
    o.logits = normal({5, 4}, 4);
    const auto r = switch_balance_loss(o);
    const auto z = router_z_loss({o.logits});
    for (Size i = 0; i < 20; ++i) {
        SwitchBalanceLossOptions above = o, below = o;
        above.logits.data[i] += kStep;
        below.logits.data[i] -= kStep;
        const auto up = switch_balance_loss(above), down = switch_balance_loss(below);
        CHECK(up.fractions.data == r.fractions.data);
        CHECK(std::fabs((up.loss - down.loss) / (2 * kStep) - r.gradient.data[i]) < 1e-9);
        const double slope = (router_z_loss({above.logits}).loss - router_z_loss({below.logits}).loss) / (2 * kStep);
        CHECK(std::fabs(slope - z.gradient.data[i]) < 1e-8);
    }
}

TEST_CASE("padding does not count, and the mask repeats over layers") {
    const Array<double> logits = normal({6, 4}, 5);
    const Array<double> kept({4, 4}, std::vector<double>(logits.data.begin(), logits.data.begin() + 16));
    const auto masked = top_k_balance_loss({logits, 2, {1, 1, 1, 1, 0, 0}}), short_one = top_k_balance_loss({kept, 2, {}});
    CHECK(masked.loss == doctest::Approx(short_one.loss).epsilon(1e-14));
    Array<double> twice({12, 4});
    for (Size i = 0; i < 48; ++i) twice.data[i] = logits.data[i % 24];
    CHECK(top_k_balance_loss({twice, 2, {1, 1, 1, 1, 0, 0}}).loss == doctest::Approx(short_one.loss).epsilon(1e-14));
    CHECK(masked.fractions.data[0] + masked.fractions.data[1] + masked.fractions.data[2] + masked.fractions.data[3] ==
          doctest::Approx(2));
    CHECK_THROWS_WITH_AS(top_k_balance_loss({logits, 2, {0}}),
                         "top_k_balance_loss: at least one token must count, got an attention_mask of zeros", DomainError);
    CHECK_THROWS_WITH_AS(top_k_balance_loss({logits, 2, {1, 2}}),
                         "top_k_balance_loss: attention_mask must hold 0 and 1, got 2", DomainError);
    CHECK_THROWS_WITH_AS(top_k_balance_loss({logits, 2, {1, 1, 1, 1}}),
                         "top_k_balance_loss: attention_mask must have a length that divides the 6 tokens, got 4",
                         DomainError);
}

TEST_CASE("the z loss of even logits is the square of ln E, and adding a constant moves only it") {
    CHECK(router_z_loss({Array<double>({3, 8})}).loss == doctest::Approx(std::log(8) * std::log(8)));
    Array<double> logits = normal({3, 8}, 6);
    const auto before = switch_balance_loss({logits, false});
    const double z = router_z_loss({logits}).loss;
    for (double& logit : logits.data) logit += 10;
    CHECK(switch_balance_loss({logits, false}).loss == doctest::Approx(before.loss).epsilon(1e-13));
    CHECK(router_z_loss({logits}).loss > z);
    CHECK_THROWS_AS(router_z_loss({Array<double>({1, 1}, 1e200)}), DomainError);
    CHECK_THROWS_AS(router_z_loss({Array<double>({0, 3})}), DomainError);
}

TEST_CASE("importance is even at 0 and most uneven at E - 1") {
    CHECK(importance_loss({Array<double>({2, 4}, 0.25)}).cv_squared == 0);
    const auto one = importance_loss({Array<double>({2, 4}, {1, 0, 0, 0, 1, 0, 0, 0})});
    CHECK(one.cv_squared == doctest::Approx(3));
    CHECK(one.cv_squared_unbiased == doctest::Approx(4));
    CHECK(importance_loss({Array<double>({2, 1}, 1)}).cv_squared_unbiased == 0);
    CHECK_THROWS_AS(importance_loss({Array<double>({2, 3})}), DomainError);
    CHECK_THROWS_AS(importance_loss({Array<double>({1, 2}, {1, -1})}), DomainError);
}

TEST_CASE("the bias update lowers crowded experts, raises idle ones and leaves the mean alone") {
    const auto r = bias_update({Array<double>({3}, {1, 1, 1}), Array<double>({3}, {4, 2, 0}), 0.5});
    CHECK(r.bias.data == std::vector<double>{0.5, 1, 1.5});
    CHECK(r.error.data == std::vector<double>{-2, 0, 2});
    CHECK_THROWS_AS(bias_update({Array<double>({1}), Array<double>({1}, -1), 0.5}), DomainError);
    CHECK_THROWS_AS(bias_update({Array<double>({1}), Array<double>({1}), -0.5}), DomainError);
}

TEST_CASE("updated again and again, the bias brings a lopsided router close to balance") {
    // Scores favour low experts; the choice is the largest score + bias, as in DeepSeek-V3.
    Array<double> scores = normal({400, 4}, 7, 0.5), bias(Shape{4});
    for (Size t = 0; t < 400; ++t) scores.row(t)[0] += 1.5;
    const auto load_of = [&] {
        Array<double> load(Shape{4});
        for (Size t = 0; t < 400; ++t) {
            Size best = 0;
            for (Size e = 1; e < 4; ++e)
                if (scores.row(t)[e] + bias.data[e] > scores.row(t)[best] + bias.data[best]) best = e;
            load.data[best] += 1;
        }
        return load;
    };
    CHECK(load_of().data[0] > 300);
    for (int step = 0; step < 300; ++step) bias = bias_update({bias, load_of(), 0.01}).bias;
    for (double load : load_of().data) CHECK(std::fabs(load - 100) < 10);
}

TEST_CASE("the load of experts, counted") {
    const auto r = expert_load({Array<double>({3, 2}, {0, 1, 2, 1, 0, 1}), 4});
    CHECK(r.load == std::vector<int>{2, 3, 1, 0});
    CHECK(r.fractions.data == std::vector<double>{2.0 / 6, 0.5, 1.0 / 6, 0});
    CHECK(r.max_over_mean == 2);
    CHECK(r.unused == 1);
    CHECK(r.cv_squared == doctest::Approx((0.25 + 2.25 + 0.25 + 2.25) / 4 / 2.25));
    CHECK(r.effective_experts == doctest::Approx(std::exp(r.entropy)));
    const auto even = expert_load({Array<double>({2, 2}, {0, 1, 2, 3}), 4});
    CHECK(even.entropy == doctest::Approx(std::log(4)));
    CHECK(even.max_over_mean == 1);
    const auto none = expert_load({Array<double>({0, 2}), 3});
    CHECK(none.unused == 3);
    CHECK(none.max_over_mean == 0);
    CHECK_THROWS_WITH_AS(expert_load({Array<double>({1, 1}, 4), 4}),
                         "expert_load: indices must be whole numbers from 0 to 3, got 4", DomainError);
    CHECK_THROWS_AS(expert_load({Array<double>({1, 1}, 0.5), 4}), DomainError);
    CHECK_THROWS_AS(expert_load({Array<double>({1, 1}), 0}), DomainError);
}
