#include "clearformer/vision/self_distillation.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("a copy that follows a student standing still comes closer by the momentum at every update") {
    ExponentialMovingAverageOptions o;
    o.target = Array<double>({2}, {1.0, -4.0});
    o.students = Array<double>({3, 2}, 0.0);
    o.momentum = 0.5;
    CHECK(exponential_moving_average(o).targets.data == std::vector<double>{0.5, -2, 0.25, -1, 0.125, -0.5});
    o.momentum = 1;
    CHECK(exponential_moving_average(o).targets.data == std::vector<double>{1, -4, 1, -4, 1, -4});
    o.momentum = 1.01;
    CHECK_THROWS_WITH_AS(exponential_moving_average(o), "exponential_moving_average: momentum must be from 0 to 1, got 1.01",
                         DomainError);
}

TEST_CASE("momentum schedules begin and end where they should, and meet halfway") {
    MomentumScheduleOptions o;
    o.steps = {0, 25, 50, 100};
    o.total = 100;
    o.start = 0.9;
    const auto r = momentum_schedule(o);
    CHECK(r.linear.data[0] == 0.9);
    CHECK(r.cosine.data[0] == doctest::Approx(0.9));
    CHECK(r.linear.data[2] == doctest::Approx(0.95));
    CHECK(r.cosine.data[2] == doctest::Approx(0.95));
    CHECK(r.cosine.data[1] < r.linear.data[1]);
    CHECK(r.linear.data[3] == 1);
    CHECK(r.cosine.data[3] == 1);
    o.steps = {101};
    CHECK_THROWS_WITH_AS(momentum_schedule(o), "momentum_schedule: steps must be from 0 to total, 100, got 101",
                         DomainError);
}

TEST_CASE("smooth L1 is half the squared error for small distances and the absolute one for large") {
    JepaLossOptions o;
    o.target_norm = "none";
    o.target = Array<double>({1, 2});
    o.pred = Array<double>({1, 2}, {0.5, -0.25});
    auto r = jepa_loss(o);
    CHECK(r.smooth_l1 == doctest::Approx(r.mse / 2));
    o.pred.data = {30, -50};
    r = jepa_loss(o);
    CHECK(r.smooth_l1 == doctest::Approx(39.5));
    o.beta = 0;
    CHECK(jepa_loss(o).smooth_l1 == doctest::Approx(40));
    o.target_norm = "batch_norm";
    CHECK_THROWS_AS(jepa_loss(o), DomainError);
}

TEST_CASE("normalised targets do not depend on the scale and offset of the features") {
    JepaLossOptions o;
    o.pred = normal({3, 6}, 1);
    o.target = normal({3, 6}, 2);
    o.eps = 0;
    const double loss = jepa_loss(o).smooth_l1;
    for (double& value : o.target.data) value = 5 * value - 3;
    CHECK(jepa_loss(o).smooth_l1 == doctest::Approx(loss));
}

TEST_CASE("the DINO loss is the teacher's entropy where the student agrees, and at least that elsewhere") {
    DinoLossOptions o;
    o.teacher = normal({3, 5}, 1);
    o.center = Array<double>({5});
    o.student = o.teacher;
    o.student_temp = o.teacher_temp = 0.3;
    const auto r = dino_loss(o);
    double entropy = 0;
    for (double p : r.teacher_probabilities.data) entropy -= p * std::log(p) / 3;
    CHECK(r.loss == doctest::Approx(entropy));
    CHECK(distance(r.teacher_probabilities.data, r.student_probabilities.data) == 0);
    o.student = normal({3, 5}, 9);
    CHECK(dino_loss(o).loss > entropy);
    o.center_momentum = 0;
    for (Size k = 0; k < 5; ++k) {
        CHECK(dino_loss(o).new_center.data[k] ==
              doctest::Approx((o.teacher.row(0)[k] + o.teacher.row(1)[k] + o.teacher.row(2)[k]) / 3));
    }
    o.teacher_temp = 0;
    CHECK_THROWS_WITH_AS(dino_loss(o), "dino_loss: teacher_temp must be above 0, got 0", DomainError);
}

TEST_CASE("the BYOL loss is 0 for one direction, 2 for a right angle and 4 for opposite ones") {
    ByolLossOptions o;
    o.p = Array<double>({3, 2}, {1, 0, 1, 0, 1, 0});
    o.z = Array<double>({3, 2}, {5, 0, 0, 7, -2, 0});
    const auto r = byol_loss(o);
    CHECK(r.losses.data == std::vector<double>{0, 2, 4});
    CHECK(r.loss == doctest::Approx(2));
    o.z.data[0] = 0;
    CHECK_THROWS_AS(byol_loss(o), DomainError);
}

TEST_CASE("self-distillation conforms") {
    for_each_case("vision", "ema", [](const Json& c) {
        ExponentialMovingAverageOptions o;
        o.target = tensor_of(c["inputs"]["target0"]);
        o.students = Array<double>({0, o.target.size()});
        for (const char* name : {"student0", "student1", "student2"}) {
            const auto student = tensor_of(c["inputs"][name]);
            o.students.data.insert(o.students.data.end(), student.data.begin(), student.data.end());
            ++o.students.shape[0];
        }
        o.momentum = c["params"]["momentum"];
        const auto r = exponential_moving_average(o);
        const Size C = o.target.size();
        for (Size n = 0; n < 3; ++n) {
            check_tensor(Array<double>({C}, std::vector<double>(r.targets.row(n), r.targets.row(n) + C)),
                         "target" + std::to_string(n + 1), c);
        }
    });
    for_each_case("vision", "ema_schedule", [](const Json& c) {
        MomentumScheduleOptions o;
        o.steps = c["params"]["steps"].get<std::vector<int>>();
        o.total = c["params"]["total"];
        o.start = c["params"]["start"];
        o.end = c["params"]["end"];
        const auto r = momentum_schedule(o);
        check_tensor(r.linear, "linear_ijepa", c);
        check_tensor(r.cosine, "cosine_byol_dino", c);
    });
    for_each_case("vision", "jepa_loss", [](const Json& c) {
        JepaLossOptions o;
        o.pred = tensor_of(c["inputs"]["pred"]);
        o.target = tensor_of(c["inputs"]["target"]);
        o.beta = c["params"]["beta"];
        const auto r = jepa_loss(o);
        check_tensor(r.target_normed, "target_normed", c);
        check_numbers({r.smooth_l1, r.mse}, {c["expected"]["smooth_l1"], c["expected"]["mse"]}, c);
    });
    for_each_case("vision", "dino_loss", [](const Json& c) {
        DinoLossOptions o;
        o.student = tensor_of(c["inputs"]["student"]);
        o.teacher = tensor_of(c["inputs"]["teacher"]);
        o.center = tensor_of(c["inputs"]["center"]);
        o.student_temp = c["params"]["student_temp"];
        o.teacher_temp = c["params"]["teacher_temp"];
        o.center_momentum = c["params"]["center_momentum"];
        const auto r = dino_loss(o);
        check_tensor(r.teacher_probabilities, "teacher_probs", c);
        check_numbers({r.loss}, {c["expected"]["loss"]}, c);
        check_tensor(r.new_center, "new_center", c);
    });
    for_each_case("vision", "byol_loss", [](const Json& c) {
        ByolLossOptions o;
        o.p = tensor_of(c["inputs"]["p"]);
        o.z = tensor_of(c["inputs"]["z"]);
        check_numbers({byol_loss(o).loss}, {c["expected"]["loss"]}, c);
    });
}
