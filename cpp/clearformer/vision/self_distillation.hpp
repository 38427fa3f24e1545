#pragma once

// Learning from a slower copy of oneself: the copy (a running mean of the student's weights), and the losses of BYOL, DINO
// and I-JEPA between what the student and the copy make of two views.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// target [C]: the weights of the copy; students [N, C]: the student's weights after each of N updates.
struct ExponentialMovingAverageOptions {
    static constexpr const char* kFunction = "exponential_moving_average";
    Array<double> target, students;
    double momentum = 0.996;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("target", target, "C");
        field.required("students", students, "N C");
        field.optional("momentum", momentum);
        field.optional("trace", trace);
    }
};

struct ExponentialMovingAverageResult {
    Array<double> targets;  // [N, C] the copy after each update
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("targets", targets, "N C");
        field.optional("trace", trace);
    }
};

/// target <- m target + (1 - m) student, N times (Grill et al. 2020, section 3.1).
/// Throws DomainError for a momentum outside 0 .. 1.
ExponentialMovingAverageResult exponential_moving_average(const ExponentialMovingAverageOptions& options);

/// The momentum at N training steps, each from 0 to `total`.
struct MomentumScheduleOptions {
    static constexpr const char* kFunction = "momentum_schedule";
    std::vector<int> steps;
    int total = 1;
    double start = 0.996, end = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("steps", steps, "N");
        field.required("total", total);
        field.optional("start", start);
        field.optional("end", end);
        field.optional("trace", trace);
    }
};

struct MomentumScheduleResult {
    Array<double> linear;  // [N] start + (end - start) step / total (Assran et al. 2023)
    Array<double> cosine;  // [N] end - (end - start) (1 + cos(pi step / total)) / 2 (Grill et al. 2020, section 3.1)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("linear", linear, "N");
        field.required("cosine", cosine, "N");
        field.optional("trace", trace);
    }
};

/// How the momentum rises to `end` in training. Throws DomainError for total < 1, start or end outside 0 .. 1, steps outside
/// 0 .. total.
MomentumScheduleResult momentum_schedule(const MomentumScheduleOptions& options);

/// pred and target [.. C]: predicted and true features of N patches. target_norm: layer_norm (each row to mean 0 and
/// variance 1, without affine map) or none.
struct JepaLossOptions {
    static constexpr const char* kFunction = "jepa_loss";
    Array<double> pred, target;
    double beta = 1;
    std::string target_norm = "layer_norm";
    double eps = 1e-5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("pred", pred, ".. C");
        field.required("target", target, ".. C");
        field.optional("beta", beta);
        field.optional("target_norm", target_norm);
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

struct JepaLossResult {
    Array<double> target_normed;  // [.. C]
    double smooth_l1 = 0;         // mean of d^2 / (2 beta) where |d| < beta, else |d| - beta / 2; d = pred - target_normed
    double mse = 0;               // mean of d^2
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("target_normed", target_normed, ".. C");
        field.required("smooth_l1", smooth_l1);
        field.required("mse", mse);
        field.optional("trace", trace);
    }
};

/// The loss between predicted and true features: squared in the paper (Assran et al. 2023, section 3), smooth L1 on
/// normalised targets in its code; beta 0 is the mean absolute error (V-JEPA, Bardes et al. 2024, equation 1).
/// Throws DomainError for shapes that differ, no entry, beta or eps < 0, an unknown target_norm.
JepaLossResult jepa_loss(const JepaLossOptions& options);

/// student and teacher [N, K]: logits of the two networks for N views; center [K].
struct DinoLossOptions {
    static constexpr const char* kFunction = "dino_loss";
    Array<double> student, teacher, center;
    double student_temp = 0.1, teacher_temp = 0.04;
    double center_momentum = 0.9;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("student", student, "N K");
        field.required("teacher", teacher, "N K");
        field.required("center", center, "K");
        field.optional("student_temp", student_temp);
        field.optional("teacher_temp", teacher_temp);
        field.optional("center_momentum", center_momentum);
        field.optional("trace", trace);
    }
};

struct DinoLossResult {
    Array<double> teacher_probabilities;  // [N, K] softmax((teacher - center) / teacher_temp)
    Array<double> student_probabilities;  // [N, K] softmax(student / student_temp)
    double loss = 0;                      // mean over the rows of their cross entropy, in nats
    Array<double> new_center;             // [K] m center + (1 - m) mean of the teacher's rows
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("teacher_probabilities", teacher_probabilities, "N K");
        field.required("student_probabilities", student_probabilities, "N K");
        field.required("loss", loss);
        field.required("new_center", new_center, "K");
        field.optional("trace", trace);
    }
};

/// The student learns the teacher's sharpened and centred distribution (Caron et al. 2021, equations 1 to 4 and algorithm
/// 1).
/// Throws DomainError for no row, K = 0, temperatures <= 0, a center_momentum outside 0 .. 1.
DinoLossResult dino_loss(const DinoLossOptions& options);

/// p and z [.. C]: the student's predictions and the copy's projections.
struct ByolLossOptions {
    static constexpr const char* kFunction = "byol_loss";
    Array<double> p, z;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("p", p, ".. C");
        field.required("z", z, ".. C");
        field.optional("trace", trace);
    }
};

struct ByolLossResult {
    Array<double> losses;  // [..] 2 - 2 cos, from 0 to 4
    double loss = 0;       // their mean
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("losses", losses, "..");
        field.required("loss", loss);
        field.optional("trace", trace);
    }
};

/// The squared distance of the two directions: |p/|p| - z/|z||^2 = 2 - 2 cos(p, z) (Grill et al. 2020, equation 2).
/// Throws DomainError for shapes that differ, no row, a row of zeros.
ByolLossResult byol_loss(const ByolLossOptions& options);

}  // namespace clearformer
