#include "clearformer/vision/self_distillation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {
namespace {

void check_share(const char* function, const char* name, double value) {
    require(value >= 0 && value <= 1, function, ": ", name, " must be from 0 to 1, got ", value);
}

/// target <- m target + (1 - m) student, over `count` entries.
void follow(double* target, const double* student, Size count, double momentum) {
    for (Size i = 0; i < count; ++i) target[i] = momentum * target[i] + (1 - momentum) * student[i];
}

/// The softmax of (x - center) / temperature, each row; center may be null.
SoftmaxResult<double> sharpened(const char* function, const Array<double>& x, const Array<double>* center,
                                double temperature) {
    SoftmaxOptions<double> o;
    o.x = x;
    for (Size i = 0; i < x.size(); ++i) {
        o.x.data[i] = (x.data[i] - (center ? center->data[i % x.width()] : 0)) / temperature;
    }
    check_result(function, "a logit", o.x);
    return softmax(o);
}

}  // namespace

ExponentialMovingAverageResult exponential_moving_average(const ExponentialMovingAverageOptions& o) {
    const Letters letters = check_shapes(o);
    check_share("exponential_moving_average", "momentum", o.momentum);
    const Size N = letters["N"], C = letters["C"];
    ExponentialMovingAverageResult r{Array<double>({N, C})};
    std::vector<double> target = o.target.data;
    for (Size n = 0; n < N; ++n) {
        follow(target.data(), o.students.row(n), C, o.momentum);
        std::copy(target.begin(), target.end(), r.targets.row(n));
    }
    return r;
}

MomentumScheduleResult momentum_schedule(const MomentumScheduleOptions& o) {
    const char* function = MomentumScheduleOptions::kFunction;
    require(o.total >= 1, function, ": total must be at least 1, got ", o.total);
    check_share(function, "start", o.start);
    check_share(function, "end", o.end);
    const Array<double> empty({o.steps.size()});
    MomentumScheduleResult r{empty, empty};
    for (Size i = 0; i < o.steps.size(); ++i) {
        require(o.steps[i] >= 0 && o.steps[i] <= o.total, function, ": steps must be from 0 to total, ", o.total, ", got ",
                o.steps[i]);
        const double place = static_cast<double>(o.steps[i]) / o.total;
        r.linear.data[i] = o.start + (o.end - o.start) * place;
        r.cosine.data[i] = o.end - (o.end - o.start) * (1 + std::cos(std::numbers::pi * place)) / 2;
    }
    return r;
}

JepaLossResult jepa_loss(const JepaLossOptions& o) {
    const char* function = JepaLossOptions::kFunction;
    check_shapes(o);
    check_same_shape(function, "pred", o.pred, "target", o.target);
    require(!o.pred.empty(), function, ": pred must have at least one entry, got shape ", o.pred.shape);
    require(o.beta >= 0, function, ": beta must be at least 0, got ", o.beta);
    require(o.eps >= 0, function, ": eps must be at least 0, got ", o.eps);
    const bool normalise = o.target_norm == "layer_norm";
    require(normalise || o.target_norm == "none", function, ": target_norm must be layer_norm or none, got \"",
            o.target_norm, "\"");
    JepaLossResult r{o.target};
    if (normalise) {
        for (double value : o.target.data) {
            require(std::fabs(value) < 1e140, function, ": the values are too large, target has ", value);
        }
        LayerNormOptions<double> norm;
        norm.x = o.target;
        norm.eps = o.eps;
        r.target_normed = layer_norm(norm).y;
    }
    const double count = static_cast<double>(o.pred.size());
    for (Size i = 0; i < o.pred.size(); ++i) {
        const double distance = std::fabs(o.pred.data[i] - r.target_normed.data[i]);
        r.smooth_l1 += (distance < o.beta ? distance * distance / (2 * o.beta) : distance - o.beta / 2) / count;
        r.mse += distance * distance / count;
    }
    check_result(function, "the smooth L1 loss", r.smooth_l1);
    check_result(function, "the squared error", r.mse);
    return r;
}

DinoLossResult dino_loss(const DinoLossOptions& o) {
    const char* function = DinoLossOptions::kFunction;
    const Letters letters = check_shapes(o);
    const Size N = letters["N"], K = letters["K"];
    require(N > 0 && K > 0, function, ": student must have at least one row of at least one entry, got shape ",
            o.student.shape);
    require(o.student_temp > 0, function, ": student_temp must be above 0, got ", o.student_temp);
    require(o.teacher_temp > 0, function, ": teacher_temp must be above 0, got ", o.teacher_temp);
    check_share(function, "center_momentum", o.center_momentum);
    const auto teacher = sharpened(function, o.teacher, &o.center, o.teacher_temp);
    const auto student = sharpened(function, o.student, nullptr, o.student_temp);
    DinoLossResult r{teacher.y, student.y, 0, o.center};
    std::vector<double> mean(K);
    for (Size i = 0; i < N * K; ++i) {
        r.loss -= teacher.y.data[i] * student.log_softmax.data[i] / static_cast<double>(N);
        mean[i % K] += o.teacher.data[i] / static_cast<double>(N);
    }
    follow(r.new_center.data.data(), mean.data(), K, o.center_momentum);
    check_result(function, "the loss", r.loss);
    check_result(function, "the center", r.new_center);
    return r;
}

ByolLossResult byol_loss(const ByolLossOptions& o) {
    const char* function = ByolLossOptions::kFunction;
    const Size C = check_shapes(o)["C"];
    check_same_shape(function, "p", o.p, "z", o.z);
    const UnitRows p = unit_rows(function, "p", o.p), z = unit_rows(function, "z", o.z);
    const Size N = p.lengths.size();
    require(N > 0, function, ": p must have at least one row, got shape ", o.p.shape);
    ByolLossResult r{p.lengths};
    for (Size i = 0; i < N; ++i) {
        double cosine = 0;
        for (Size c = 0; c < C; ++c) cosine += p.unit.row(i)[c] * z.unit.row(i)[c];
        r.losses.data[i] = 2 - 2 * cosine;
        r.loss += r.losses.data[i] / static_cast<double>(N);
    }
    return r;
}

}  // namespace clearformer
