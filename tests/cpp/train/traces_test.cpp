// The traces of losses, optimizers and schedules: every tensor that was not given opens, and the results are the function's own.

#include "clearformer/train/losses.hpp"
#include "clearformer/train/optimizers.hpp"
#include "clearformer/train/preference.hpp"
#include "clearformer/train/schedules.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("the preference loss opens, and so do its gradients") {
    DpoBackwardOptions o;
    o.forward = {normal({5}, 1, 9), normal({5}, 2), normal({5}, 3), normal({5}, 4), 0.5, true};
    o.dy = normal({5}, 5);
    const DpoResult r = dpo(o.forward);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("losses").data == r.losses.data);
    const DpoBackwardResult b = dpo_backward(o);
    check_every_tensor(*b.trace);
    CHECK(b.trace->tensor("dPolicyChosen").data == b.d_policy_chosen.data);
    const Array<double> none({0});
    CHECK(dpo({none, none, none, none, 0.5, true}).trace);
}

TEST_CASE("advantages within a group open, equal rewards included") {
    for (const char* deviation : {"sample", "population", "none"}) {
        for (double eps : {0.0, 1e-4}) {
            GrpoOptions o{normal({2, 3, 4}, 1), deviation, eps, true};
            for (Size i = 4; i < 8; ++i) o.rewards.data[i] = 1;
            const GrpoResult r = grpo_advantages(o);
            check_every_tensor(*r.trace);
            CHECK(r.trace->tensor("advantages").data == r.advantages.data);
        }
    }
    check_every_tensor(*grpo_advantages({Array<double>({1}, 2), "sample", 1e-4, true}).trace);
}

TEST_CASE("the clipped objective opens on both sides of the clip, and so does its gradient") {
    PpoBackwardOptions o;
    o.forward = {{{2, 4}, {0.5, 0.5, 1, 1, 1.1, 2, 2, 0}}, {{2, 4}, {1, -1, 1, -1, 0.3, 1, -1, -2}}, 0.2, true};
    o.dy = normal({2, 4}, 1);
    const PpoResult r = ppo_objective(o.forward);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("objective").data == r.objective.data);
    CHECK(r.trace->tensor("clipped").data == r.clipped.data);
    check_every_tensor(*ppo_backward(o).trace);
}

TEST_CASE("distillation opens from the loss down to both models' logits") {
    const DistillationResult r = distillation({normal({2, 3, 4}, 1), normal({2, 3, 4}, 2), 2.5, true});
    check_every_tensor(*r.trace);
    CHECK(r.trace->value("loss", {}) == r.loss);
    CHECK(r.trace->tensor("dStudent").data == r.d_student.data);
}

TEST_CASE("every schedule opens, before, during and after its warmup") {
    ScheduleOptions shared;
    shared.steps = {0, 1, 5, 10, 11, 50, 51, 70, 99, 100, 120};
    shared.warmup = 10;
    shared.trace = true;
    CosineScheduleOptions cosine{shared, 100, 1.5};
    check_every_tensor(*cosine_schedule(cosine).trace);
    LinearScheduleOptions linear{shared, 100};
    check_every_tensor(*linear_schedule(linear).trace);
    CHECK(linear_schedule(linear).trace->tensor("factor").data == linear_schedule(linear).factor.data);
    InverseSqrtScheduleOptions root{shared, 20};
    check_every_tensor(*inverse_sqrt_schedule(root).trace);
    root.timescale.reset();
    root.warmup = 0;
    check_every_tensor(*inverse_sqrt_schedule(root).trace);
    NoamScheduleOptions noam{shared, 64, 2};
    check_every_tensor(*noam_schedule(noam).trace);
    CosineMinimumScheduleOptions minimum{shared, 100, 6e-4, 6e-5};
    check_every_tensor(*cosine_minimum_schedule(minimum).trace);
    for (const char* decay : {"linear", "cosine", "sqrt", "exponential"}) {
        WsdScheduleOptions wsd{shared, 50, 100, decay, 0.1};
        check_every_tensor(*wsd_schedule(wsd).trace);
    }
    shared.trace = false;
    CHECK_FALSE(linear_schedule({shared, 100}).trace);
}

TEST_CASE("a step of every optimizer opens, the first and a later one") {
    for (const char* name : {"sgd", "rmsprop", "adam", "adamw"}) {
        for (double momentum : {0.0, 0.9}) {
            for (double decay : {0.0, 0.1}) {
                for (double eps : {0.0, 1e-8}) {
                    CAPTURE(name);
                    OptimizerStepOptions o;
                    o.rule.name = name;
                    o.rule.learning_rate = 0.01;
                    o.rule.momentum = momentum;
                    o.rule.nesterov = momentum > 0 && decay > 0;
                    o.rule.weight_decay = decay;
                    o.rule.eps = eps;
                    o.parameters = {{"w", normal({2, 3}, 1)}, {"b", normal({3}, 2)}};
                    o.gradients = {{"b", normal({3}, 3)}, {"w", normal({2, 3}, 4)}};
                    o.gradients[0].tensor.data[1] = 0;
                    o.trace = true;
                    OptimizerStepResult r = optimizer_step(o);
                    check_every_tensor(*r.trace);
                    CHECK(r.trace->tensor("w").data == r.parameters[0].tensor.data);
                    o.parameters = r.parameters;
                    o.state = r.state;
                    o.step = r.step;
                    check_every_tensor(*optimizer_step(o).trace);
                }
            }
        }
    }
}
