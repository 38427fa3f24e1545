#include "clearformer/vision/self_distillation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/ops/softmax_record.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
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

/// The mean of all entries of a tensor, as a number.
void add_mean(Trace& trace, const Label& label, double value, const char* of, Size count) {
    add_number(trace, label, value, mean_rule("The mean of all entries.", of, "*", count));
}

/// target, students, targets
Trace trace_of(const ExponentialMovingAverageOptions& o, const ExponentialMovingAverageResult& r) {
    const double momentum = o.momentum;
    Trace trace;
    add_given(trace, {"target", "ξ", "weight of the copy before", "input", "C"}, o.target);
    add_given(trace, {"students", "θ", "weight of the student", "input", "N C"}, o.students);
    add_made(trace, {"targets", "ξ'", "weight of the copy", "residual", "N C"}, r.targets, [=](const Index& at, Pen& pen) {
        pen.rule("The copy keeps most of itself and takes a little of the student.", "m\\, \\xi + (1 - m)\\, \\theta");
        if (at[0] == 0) pen.scalar("x", "target", {at[1]});
        else pen.scalar("x", "targets", {at[0] - 1, at[1]});
        pen.scalar("s", "students", at);
        pen.constant("m", "momentum", momentum);
        pen.step("y", "sum", "m * x + (1 - m) * s");
    });
    return trace;
}

/// steps, linear, cosine
Trace trace_of(const MomentumScheduleOptions& o, const MomentumScheduleResult& r) {
    Trace trace;
    add_given(trace, {"steps", "k", "training step", "input", "N"}, as_tensor(o.steps));
    const auto add = [&](const char* name, const char* words, const char* formula, const Array<double>& values,
                         const char* expression) {
        add_made(
            trace, {name, "m", "momentum", "scores", "N"}, values,
            recipe_rule({words,
                         formula,
                         {{"k", "steps"}},
                         {{"K", "steps in all", static_cast<double>(o.total)}, {"a", "start", o.start}, {"b", "end", o.end}},
                         {{"p", "share of the way", "k / K"}, {"m", "momentum", expression}}}));
    };
    add("linear", "From start to end in equal steps.", "a + (b - a)\\, k / K", r.linear, "a + (b - a) * p");
    add("cosine", "From start to end along half a cosine.", "b - (b - a) (1 + \\cos(\\pi k / K)) / 2", r.cosine,
        "b - (b - a) * (1 + cos(3.141592653589793 * p)) / 2");
    return trace;
}

/// pred, target, mean, variance (of layer_norm), targetNormed, distances, smooth, smoothL1, mse
Trace trace_of(const JepaLossOptions& o, const JepaLossResult& r) {
    const Shape& shape = o.pred.shape;
    const Size C = o.pred.width();
    const double beta = o.beta, count = static_cast<double>(o.pred.size());
    Trace trace;
    add_given(trace, {"pred", "ŷ", "predicted feature", "residual", ".. C"}, o.pred);
    add_given(trace, {"target", "y", "true feature", "input", ".. C"}, o.target);
    Rule normed = recipe_rule({"As it stands.", "y", {{"y", "target"}}, {}, {{"t", "target", "y"}}});
    if (o.target_norm == "layer_norm") {
        const Shape rows(shape.begin(), shape.end() - 1);
        trace.derive({"mean", "μ", "mean of the row", "input", ".."}, rows, mean_rule("target", C));
        trace.derive({"variance", "σ²", "variance of the row", "input", ".."}, rows, variance_rule("target", "mean", C));
        normed = normalised_rule("target", "mean", "variance", o.eps);
    }
    add_made(trace, {"targetNormed", "t", "feature to be predicted", "residual", ".. C"}, r.target_normed, normed);
    trace.derive({"distances", "d", "distance", "scores", ".. C"}, shape,
                 recipe_rule({"How far off the prediction is.",
                              "|\\hat y - t|",
                              {{"p", "pred"}, {"t", "targetNormed"}},
                              {},
                              {{"d", "distance", "abs(p - t)"}}}));
    trace.derive({"smooth", "ℓ", "smooth loss of the entry", "scores", ".. C"}, shape, [beta](const Index& at, Pen& pen) {
        const bool near = pen.value("distances", at) < beta;
        pen.rule(near ? "Nearer than beta: squared." : "Farther than beta: straight.",
                 near ? "d^2 / (2 \\beta)" : "d - \\beta / 2");
        pen.scalar("d", "distances", at);
        pen.constant("b", "beta", beta);
        pen.step("l", "loss", near ? "d * d / (2 * b)" : "d - b / 2");
    });
    add_mean(trace, {"smoothL1", "L", "smooth L1 loss", "scores", ""}, r.smooth_l1, "smooth", o.pred.size());
    add_number(trace, {"mse", "MSE", "mean squared error", "scores", ""}, r.mse,
               recipe_rule({"The mean of the squared distances.",
                            "\\tfrac{1}{N} \\sum d^2",
                            {{"d", "distances", "*"}},
                            {{"N", "entries", count}},
                            {{"y", "mean", "sum(d * d) / N"}}}));
    return trace;
}

/// student, teacher, center; teacherLogits .. teacherProbabilities, studentLogits .. studentProbabilities, studentLog, losses, loss, newCenter
Trace trace_of(const DinoLossOptions& o, const DinoLossResult& r) {
    const Shape& shape = o.student.shape;
    const Size N = shape[0];
    Trace trace;
    add_given(trace, {"student", "z_s", "logit of the student", "scores", "N K"}, o.student);
    add_given(trace, {"teacher", "z_t", "logit of the teacher", "scores", "N K"}, o.teacher);
    add_given(trace, {"center", "c", "center", "input", "K"}, o.center);
    trace.derive({"teacherLogits", "z_t'", "sharpened and centred logit", "scores", "N K"}, shape,
                 recipe_rule({"The logit less the center, over the temperature.",
                              "(z_t - c) / \\tau",
                              {{"z", "teacher"}, {"c", "center", "1"}},
                              {{"t", "temperature", o.teacher_temp}},
                              {{"y", "sharpened", "(z - c) / t"}}}));
    trace.derive({"studentLogits", "z_s'", "sharpened logit", "scores", "N K"}, shape,
                 quotient_rule("student", o.student_temp, "temperature"));
    record_softmax(trace, "teacherLogits",
                   {{"teacherMax", "m", "largest logit", "scores", "N"},
                    {"teacherExponentials", "e", "exponential", "scores", "N K"},
                    {"teacherSum", "Z", "sum of exponentials", "scores", "N"},
                    {"teacherProbabilities", "p", "probability of the teacher", "weights", "N K"}},
                   r.teacher_probabilities);
    record_softmax(trace, "studentLogits",
                   {{"studentMax", "m", "largest logit", "scores", "N"},
                    {"studentExponentials", "e", "exponential", "scores", "N K"},
                    {"studentSum", "Z", "sum of exponentials", "scores", "N"},
                    {"studentProbabilities", "q", "probability of the student", "weights", "N K"}},
                   r.student_probabilities);
    trace.derive({"studentLog", "ln q", "log-probability of the student", "scores", "N K"}, shape,
                 log_softmax_rule("studentLogits", "studentMax", "studentSum"));
    trace.derive({"losses", "ℓ", "cross entropy of the row", "scores", "N"}, {N},
                 recipe_rule({"The student's surprise at what the teacher says.",
                              "-\\sum_k p_k \\ln q_k",
                              {{"p", "teacherProbabilities", "0n"}, {"l", "studentLog", "0n"}},
                              {},
                              {{"y", "loss", "-sum(p * l)"}}}));
    add_mean(trace, {"loss", "L", "loss", "scores", ""}, r.loss, "losses", N);
    add_made(trace, {"newCenter", "c'", "center after", "input", "K"}, r.new_center,
             recipe_rule({"The center keeps most of itself and takes a little of the rows' mean.",
                          "m\\, c + (1 - m) \\tfrac{1}{N} \\sum_i z_i",
                          {{"c", "center"}, {"z", "teacher", "n0"}},
                          {{"m", "momentum", o.center_momentum}, {"N", "rows", static_cast<double>(N)}},
                          {{"a", "mean", "sum(z) / N"}, {"y", "center", "m * c + (1 - m) * a"}}}));
    return trace;
}

/// p, pLengths, pUnits, z, zLengths, zUnits, losses, loss
Trace trace_of(const ByolLossOptions& o, const ByolLossResult& r) {
    const Size C = o.p.width();
    Trace trace;
    const auto add_side = [&](const Label& given, const Array<double>& x, const char* lengths, const char* units) {
        add_given(trace, given, x);
        trace.derive({lengths, "|x|", "length of the row", "residual", ".."}, r.losses.shape, length_rule(given.name, C));
        trace.derive({units, "x̂", "entry of the direction", "residual", ".. C"}, x.shape, unit_rule(given.name, lengths, 0));
    };
    add_side({"p", "p", "prediction of the student", "q", ".. C"}, o.p, "pLengths", "pUnits");
    add_side({"z", "z", "projection of the copy", "k", ".. C"}, o.z, "zLengths", "zUnits");
    add_made(trace, {"losses", "ℓ", "loss of the row", "scores", ".."}, r.losses,
             recipe_rule({"The squared distance of the two directions: two less twice their cosine.",
                          "2 - 2 \\sum_c \\hat p_c\\, \\hat z_c",
                          {{"p", "pUnits", "=n"}, {"z", "zUnits", "=n"}},
                          {},
                          {{"c", "cosine", "sum(p * z)"}, {"y", "loss", "2 - 2 * c"}}}));
    add_mean(trace, {"loss", "L", "mean loss", "scores", ""}, r.loss, "losses", r.losses.size());
    return trace;
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
    if (o.trace) r.trace = trace_of(o, r);
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
    if (o.trace) r.trace = trace_of(o, r);
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
    if (o.trace) r.trace = trace_of(o, r);
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
    if (o.trace) r.trace = trace_of(o, r);
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
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
