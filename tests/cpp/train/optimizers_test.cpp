#include "clearformer/train/optimizers.hpp"

#include "clearformer/train/schedules.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

OptimizerRule rule(const char* name, double rate = 0.1) {
    OptimizerRule r;
    r.name = name;
    r.learning_rate = rate;
    return r;
}

}  // namespace

TEST_CASE("steps with the state handed on are the same as a path") {
    for (int variant = 0; variant < 6; ++variant) {
        CAPTURE(variant);
        OptimizerStepOptions step;
        step.rule = rule(variant < 3 ? "sgd" : variant == 3 ? "rmsprop" : variant == 4 ? "adam" : "adamw");
        if (variant > 0 && variant < 4) step.rule.momentum = 0.8;
        step.rule.nesterov = variant == 2;
        if (variant != 5) step.rule.weight_decay = 0.02;
        OptimizerPathOptions path;
        path.rule = step.rule;
        path.weights = normal({2, 3}, 1);
        step.parameters = {{"w", path.weights}, {"other", normal({4}, 2)}};
        for (std::uint64_t i = 0; i < 3; ++i) path.gradients.push_back({std::to_string(i), normal({2, 3}, 10 + i)});
        const auto expected = optimizer_path(path);
        for (Size i = 0; i < 3; ++i) {
            step.gradients = {{"other", normal({4}, 20 + i)}, {"w", path.gradients[i].tensor}};
            auto r = optimizer_step(step);
            CHECK(r.parameters[0].tensor.data == expected.path[i].tensor.data);
            CHECK(r.step == static_cast<int>(i) + 1);
            step.parameters = r.parameters;
            step.state = r.state;
            step.step = r.step;
        }
    }
}

TEST_CASE("three steps end where PyTorch's end, with weight decay and other numbers than the defaults") {
    const auto end = [](const OptimizerRule& r) {
        OptimizerPathOptions o;
        o.rule = r;
        o.weights = Array<double>({2}, {1, -2});
        o.gradients = {
            {"1", Array<double>({2}, {0.5, 3})}, {"2", Array<double>({2}, {-1, 2})}, {"3", Array<double>({2}, {0.25, -4})}};
        return optimizer_path(o).path[2].tensor.data;
    };
    OptimizerRule r = rule("rmsprop", 0.01);
    r.alpha = 0.9;
    CHECK(distance(end(r), std::vector<double>{0.989624169177, -2.025411629570}) < 1e-11);
    r = rule("rmsprop", 0.01);
    r.eps = 1e-3;
    r.momentum = 0.5;
    r.weight_decay = 0.2;
    CHECK(distance(end(r), std::vector<double>{0.903352926433, -2.169692495348}) < 1e-11);
    r = rule("adam", 0.02);
    r.betas = {0.8, 0.95};
    r.eps = 1e-3;
    r.weight_decay = 0.1;
    CHECK(distance(end(r), std::vector<double>{0.985978387617, -2.036601073413}) < 1e-11);
    CHECK(distance(end(rule("adamw", 0.02)), std::vector<double>{0.989462538846, -2.038741282460}) < 1e-11);
    r = rule("sgd", 0.05);
    r.momentum = 0.7;
    r.nesterov = true;
    r.weight_decay = 0.1;
    CHECK(distance(end(r), std::vector<double>{0.993272965250, -2.188224495500}) < 1e-11);
}

TEST_CASE("Adam's first step has the length of the learning rate, whatever the gradient") {
    OptimizerPathOptions o;
    o.rule = rule("adam", 0.01);
    o.weights = Array<double>({3});
    o.gradients = {{"1", Array<double>({3}, {1e-3, -5, 1e3})}};
    CHECK(distance(optimizer_path(o).path[0].tensor.data, std::vector<double>{-0.01, 0.01, -0.01}) < 1e-6);
}

TEST_CASE("AdamW without a gradient only shrinks the weights; Adam without an epsilon stays finite") {
    OptimizerPathOptions o;
    o.rule = rule("adamw", 0.1);
    o.rule.weight_decay = 0.5;
    o.rule.eps = 0;
    o.weights = Array<double>({2}, {1, -2});
    o.gradients = {{"1", Array<double>({2})}};
    CHECK(distance(optimizer_path(o).path[0].tensor.data, std::vector<double>{0.95, -1.9}) < 1e-15);
}

TEST_CASE("Adam and AdamW in single precision follow the double one, at every number of entries") {
    for (const char* name : {"adam", "adamw"}) {
        for (Size n : {1, 3, 4, 9, 16}) {
            CAPTURE(name);
            CAPTURE(n);
            OptimizerRule r = rule(name, 0.01);
            r.weight_decay = 0.1;
            const Optimizer optimizer("test", r);
            std::vector<float> w = normal<float>({n}, 1).data, m(n), v(n);
            std::vector<double> exact(w.begin(), w.end()), exact_m(n), exact_v(n);
            for (int t = 1; t <= 20; ++t) {
                const std::vector<float> g = normal<float>({n}, 10 + static_cast<std::uint64_t>(t)).data;
                const std::vector<double> exact_g(g.begin(), g.end());
                optimizer.update(t, w.data(), g.data(), m.data(), v.data(), n);
                optimizer.update(t, exact.data(), exact_g.data(), exact_m.data(), exact_v.data(), n);
            }
            CHECK(distance(w, exact) < 2e-6);
            CHECK(distance(m, exact_m) < 1e-6);
            CHECK(distance(v, exact_v) < 1e-6);
        }
    }
    OptimizerRule r = rule("adam");
    r.eps = 0;
    std::vector<float> w = {1, 2, 3, 4, 5}, zeros(5), m(5), v(5);
    Optimizer("test", r).update(1, w.data(), zeros.data(), m.data(), v.data(), 5);
    CHECK(w == std::vector<float>{1, 2, 3, 4, 5});
}

TEST_CASE("all optimizers roll down a parabola") {
    for (const char* name : {"sgd", "rmsprop", "adam", "adamw"}) {
        CAPTURE(name);
        OptimizerStepOptions o;
        o.rule = rule(name, 0.05);
        o.rule.momentum = 0.5;
        o.parameters = {{"w", Array<double>({2}, {3, -2})}};
        for (int i = 0; i < 300; ++i) {
            o.gradients = o.parameters;
            auto r = optimizer_step(o);
            o.parameters = r.parameters;
            o.state = r.state;
            o.step = r.step;
        }
        for (double w : o.parameters[0].tensor.data) CHECK(std::fabs(w) < 0.1);
    }
}

TEST_CASE("optimizers refuse what does not fit, in a sentence") {
    OptimizerStepOptions o;
    o.rule = rule("sgd");
    o.parameters = {{"w", normal({2}, 1)}};
    o.gradients = {{"v", normal({2}, 1)}};
    CHECK_THROWS_WITH_AS(optimizer_step(o), "optimizer_step: there is no gradient for w", DomainError);
    o.gradients = {{"w", normal({3}, 1)}};
    CHECK_THROWS_WITH_AS(optimizer_step(o), "optimizer_step: a gradient must have the shape of w, [2], got [3]",
                         DomainError);
    o.gradients = {{"w", normal({2}, 1)}};
    o.rule.name = "lion";
    CHECK_THROWS_WITH_AS(optimizer_step(o), "optimizer_step: name must be sgd, rmsprop, adam or adamw, got \"lion\"",
                         DomainError);
    o.rule.name = "adam";
    o.step = 1;
    CHECK_THROWS_WITH_AS(optimizer_step(o), "optimizer_step: after the first step the state must hold w.mean", DomainError);
    o.step = 0;
    o.rule.betas = {0.9, 1};
    CHECK_THROWS_WITH_AS(optimizer_step(o), "optimizer_step: betas must be from 0 to below 1, got 1", DomainError);
    o.rule.betas = {0.9};
    CHECK_THROWS_AS(optimizer_step(o), DomainError);
    o.rule = rule("sgd");
    o.rule.nesterov = true;
    CHECK_THROWS_WITH_AS(optimizer_step(o), "optimizer_step: nesterov needs a momentum above 0, got 0", DomainError);
    o.rule = rule("sgd", 1e308);
    o.gradients = {{"w", Array<double>({2}, 1e10)}};
    CHECK_THROWS_AS(optimizer_step(o), DomainError);
}

TEST_CASE("warmups rise from 0 to 1, and every schedule joins them without a jump") {
    CosineScheduleOptions cosine;
    LinearScheduleOptions straight;
    InverseSqrtScheduleOptions root;
    WsdScheduleOptions wsd;
    for (ScheduleOptions* o : std::initializer_list<ScheduleOptions*>{&cosine, &straight, &root, &wsd}) {
        o->warmup = 4;
        o->steps = {0, 2, 4, 12, 20};
    }
    cosine.total = straight.total = wsd.total = 20;
    wsd.stable_until = 12;
    CHECK(distance(cosine_schedule(cosine).factor.data, std::vector<double>{0, 0.5, 1, 0.5, 0}) < 1e-15);
    CHECK(linear_schedule(straight).factor.data == std::vector<double>{0, 0.5, 1, 0.5, 0});
    CHECK(distance(inverse_sqrt_schedule(root).factor.data,
                   std::vector<double>{0, 0.5, 1, 1 / std::sqrt(3), 1 / std::sqrt(5)}) < 1e-15);
    CHECK(wsd_schedule(wsd).factor.data == std::vector<double>{0, 0.5, 1, 1, 0});
}

TEST_CASE("a decay falls from 1 to its lowest factor, whatever its shape") {
    WsdScheduleOptions o;
    o.total = 4;
    o.lowest = 0.1;
    o.steps = {0, 1, 4, 9};
    const std::pair<const char*, double> quarter[] = {{"linear", 0.775},
                                                      {"cosine", 0.1 + 0.9 * (1 + std::sqrt(0.5)) / 2},
                                                      {"sqrt", 0.55},
                                                      {"exponential", std::pow(0.1, 0.25)}};
    for (const auto& [decay, value] : quarter) {
        o.decay = decay;
        CHECK(distance(wsd_schedule(o).factor.data, std::vector<double>{1, value, 0.1, 0.1}) < 1e-15);
    }
    o.lowest = 0;
    CHECK_THROWS_AS(wsd_schedule(o), DomainError);
    o.decay = "step";
    CHECK_THROWS_WITH_AS(wsd_schedule(o), "wsd_schedule: decay must be linear, cosine, sqrt or exponential, got \"step\"",
                         DomainError);
}

TEST_CASE("the Noam schedule peaks where its warmup ends; the cosine one ends at its lowest rate") {
    NoamScheduleOptions noam;
    noam.d_model = 64;
    noam.warmup = 10;
    noam.steps = {0, 9, 10, 11};
    const auto n = noam_schedule(noam).learning_rate.data;
    CHECK(n[0] == 0);
    CHECK(n[2] == doctest::Approx(1 / (8 * std::sqrt(10))));
    CHECK(n[2] > n[1]);
    CHECK(n[2] > n[3]);
    CosineMinimumScheduleOptions cosine;
    cosine.warmup = 3;
    cosine.total = 9;
    cosine.highest = 2;
    cosine.lowest = 0.5;
    cosine.steps = {0, 3, 6, 9, 100};
    CHECK(distance(cosine_minimum_schedule(cosine).learning_rate.data, std::vector<double>{0.5, 2, 1.25, 0.5, 0.5}) < 1e-15);
}

TEST_CASE("schedules refuse lengths and steps that make no sense") {
    LinearScheduleOptions o;
    o.steps = {0};
    o.warmup = 5;
    o.total = 5;
    CHECK_THROWS_WITH_AS(linear_schedule(o), "linear_schedule: total must be above warmup, got total 5 and warmup 5",
                         DomainError);
    o.total = 6;
    o.steps = {-1};
    CHECK_THROWS_WITH_AS(linear_schedule(o), "linear_schedule: steps must be at least 0, got -1", DomainError);
    o.warmup = -1;
    CHECK_THROWS_WITH_AS(linear_schedule(o), "linear_schedule: warmup must be at least 0, got -1", DomainError);
}
