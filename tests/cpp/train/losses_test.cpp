#include "clearformer/train/losses.hpp"

#include "clearformer/train/clip.hpp"
#include "clearformer/train/preference.hpp"
#include "train/difference.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("the gradient of cross entropy equals the central difference, smoothed and with ignored rows") {
    for (double smoothing : {0.0, 0.1, 1.0}) {
        CrossEntropyOptions o;
        o.logits = normal({2, 3, 4}, 1, 2);
        o.targets = {0, 3, 7, 1, 7, 2};
        o.ignore_index = 7;
        o.label_smoothing = smoothing;
        const auto r = cross_entropy(o);
        CHECK(r.counted == 4);
        CHECK(r.losses.shape == Shape{2, 3});
        CHECK(r.losses.data[2] == 0);
        check_gradient("logits", o.logits, r.d_logits, [&] { return cross_entropy(o).loss; });
    }
}

TEST_CASE("equal logits lose log V, and a certain right answer loses nothing") {
    CrossEntropyOptions o;
    o.logits = Array<double>({1, 8}, 3.0);
    o.targets = {5};
    CHECK(cross_entropy(o).loss == doctest::Approx(std::log(8.0)));
    o.logits.data[5] = 1000;
    CHECK(cross_entropy(o).loss == 0);
    o.targets = {4};
    CHECK(cross_entropy(o).loss == doctest::Approx(997));
    o.targets = {-100};
    const auto r = cross_entropy(o);
    CHECK(r.loss == 0);
    CHECK(r.counted == 0);
    CHECK(distance(r.d_logits.data, std::vector<double>(8, 0.0)) == 0);
}

TEST_CASE("cross entropy refuses targets and smoothing outside their range") {
    CrossEntropyOptions o;
    o.logits = normal({2, 3}, 1);
    o.targets = {0, 3};
    CHECK_THROWS_WITH_AS(cross_entropy(o),
                         "cross_entropy: targets must be at least 0 and below 3, or the ignore_index -100, got 3 at row 1",
                         DomainError);
    o.targets = {0};
    CHECK_THROWS_WITH_AS(cross_entropy(o), "cross_entropy: targets needs one class for each of the 2 rows, got 1",
                         DomainError);
    o.targets = {0, 1};
    o.label_smoothing = 1.5;
    CHECK_THROWS_WITH_AS(cross_entropy(o), "cross_entropy: label_smoothing must be from 0 to 1, got 1.5", DomainError);
}

TEST_CASE("distillation: no loss where student and teacher agree, and a gradient that equals the central difference") {
    DistillationOptions o;
    o.student = normal({2, 3, 4}, 1);
    o.teacher = normal({2, 3, 4}, 2);
    o.temperature = 2.5;
    const auto r = distillation(o);
    CHECK(r.loss > 0);
    check_gradient("student", o.student, r.d_student, [&] { return distillation(o).loss; });
    o.teacher = o.student;
    CHECK(std::fabs(distillation(o).loss) < 1e-15);
    o.temperature = 0;
    CHECK_THROWS_WITH_AS(distillation(o), "distillation: temperature must be above 0, got 0", DomainError);
}

TEST_CASE("DPO: its gradients equal central differences, and a margin of 0 loses log 2") {
    DpoBackwardOptions o;
    o.forward.policy_chosen = normal({4}, 1, 20);
    o.forward.policy_rejected = normal({4}, 2, 20);
    o.forward.reference_chosen = normal({4}, 3, 20);
    o.forward.reference_rejected = normal({4}, 4, 20);
    o.forward.beta = 0.3;
    o.dy = normal({4}, 5);
    const auto r = dpo_backward(o);
    const auto forward = [&] { return dot(dpo(o.forward).losses, o.dy); };
    check_gradient("chosen", o.forward.policy_chosen, r.d_policy_chosen, forward);
    check_gradient("rejected", o.forward.policy_rejected, r.d_policy_rejected, forward);
    o.forward.policy_chosen = o.forward.reference_chosen;
    o.forward.policy_rejected = o.forward.reference_rejected;
    CHECK(dpo(o.forward).loss == doctest::Approx(std::log(2.0)));
    o.forward.beta = 0;
    CHECK_THROWS_AS(dpo(o.forward), DomainError);
}

TEST_CASE("GRPO advantages have mean 0, deviation 1, and are 0 for equal rewards") {
    GrpoOptions o;
    o.rewards = normal({2, 5}, 1, 3);
    o.eps = 0;
    for (const char* deviation : {"sample", "population"}) {
        o.deviation = deviation;
        const auto r = grpo_advantages(o);
        for (Size row = 0; row < 2; ++row) {
            double sum = 0, square = 0;
            for (Size i = 0; i < 5; ++i) {
                sum += r.advantages.row(row)[i];
                square += r.advantages.row(row)[i] * r.advantages.row(row)[i];
            }
            CHECK(std::fabs(sum) < 1e-14);
            CHECK(square == doctest::Approx(o.deviation == "sample" ? 4 : 5));
        }
    }
    o.deviation = "none";
    CHECK(grpo_advantages(o).advantages.data[0] == o.rewards.data[0] - grpo_advantages(o).mean.data[0]);
    o.rewards = Array<double>({3, 1}, 4.0);
    o.deviation = "sample";
    CHECK(grpo_advantages(o).advantages.data == std::vector<double>{0, 0, 0});
    o.deviation = "std";
    CHECK_THROWS_WITH_AS(grpo_advantages(o), "grpo_advantages: deviation must be sample, population or none, got \"std\"",
                         DomainError);
}

TEST_CASE("PPO never gains by leaving the clipped range, and its gradient equals the central difference") {
    PpoBackwardOptions o;
    o.forward.ratio = Array<double>({6}, {0.5, 0.9, 1.1, 1.5, 0.5, 1.5});
    o.forward.advantages = Array<double>({6}, {1, -1, 1, -1, -2, 2});
    o.dy = normal({6}, 1);
    const auto f = ppo_objective(o.forward);
    CHECK(f.clipped.data == std::vector<double>{0, 0, 0, 0, 1, 1});
    CHECK(f.objective.data[5] == doctest::Approx(2.4));
    check_gradient("ratio", o.forward.ratio, ppo_backward(o).d_ratio,
                   [&] { return dot(ppo_objective(o.forward).objective, o.dy); });
    o.forward.ratio.data[0] = -0.1;
    CHECK_THROWS_AS(ppo_objective(o.forward), DomainError);
}

TEST_CASE("clipping keeps the direction and holds the length of all gradients together") {
    ClipOptions o;
    o.gradients = {{"a", normal({3}, 1)}, {"b", normal({2, 2}, 2)}};
    o.max_norm = 0.25;
    o.eps = 0;
    const auto r = clip_gradient_norm(o);
    CHECK(r.total_norm > 0.25);
    ClipOptions again = o;
    again.gradients = r.gradients;
    CHECK(clip_gradient_norm(again).total_norm == doctest::Approx(0.25));
    CHECK(r.gradients[1].tensor.data[3] == o.gradients[1].tensor.data[3] * r.coefficient);
    o.max_norm = 100;
    CHECK(clip_gradient_norm(o).coefficient == 1);
    o.gradients = {{"a", Array<double>({2})}};
    o.max_norm = 0;
    CHECK(clip_gradient_norm(o).gradients[0].tensor.data == std::vector<double>{0, 0});
    o.max_norm = -1;
    CHECK_THROWS_WITH_AS(clip_gradient_norm(o), "clip_gradient_norm: max_norm must be at least 0, got -1", DomainError);
}
