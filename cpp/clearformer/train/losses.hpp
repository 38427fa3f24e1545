#pragma once

// Losses over a vocabulary, with their gradients. Logarithms are natural, so losses are in nats.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// logits [.. V]; targets: one class from 0 to V - 1 for each row, all leading axes counting as rows.
/// A row whose target is `ignore_index` (-100 unless given) counts for nothing. `label_smoothing` s, from 0 to 1, takes
/// (1 - s) of the target from the class and spreads s over all V classes (Szegedy et al. 2016, section 7).
struct CrossEntropyOptions {
    static constexpr const char* kFunction = "cross_entropy";
    Array<double> logits;
    std::vector<int> targets;
    double label_smoothing = 0;
    int ignore_index = -100;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, ".. V");
        field.required("targets", targets);
        field.optional("label_smoothing", label_smoothing);
        field.optional("ignore_index", ignore_index);
        field.optional("trace", trace);
    }
};

struct CrossEntropyResult {
    double loss = 0;              // nats: the mean of `losses` over the rows that count
    Array<double> losses;         // [..] one per row, 0 where ignored
    Array<double> probabilities;  // [.. V]
    Array<double> d_logits;       // [.. V] gradient of `loss`
    int counted = 0;              // how many rows count
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("loss", loss);
        field.required("losses", losses, "..");
        field.required("probabilities", probabilities, ".. V");
        field.required("d_logits", d_logits, ".. V");
        field.required("counted", counted);
        field.optional("trace", trace);
    }
};

/// losses = -sum over v of target_v log softmax(logits)_v; d_logits = (softmax(logits) - target) / counted, zeros in ignored
/// rows. The convention is that of torch.nn.functional.cross_entropy, except that without any row that counts the loss is 0.
/// Throws DomainError for rows without classes, another number of targets than rows, a target that is no class, and
/// label_smoothing outside 0 to 1.
CrossEntropyResult cross_entropy(const CrossEntropyOptions& options);

/// One row: probabilities [n] of logits [n]; returns -log of the target's probability, without smoothing.
template <class Real>
double cross_entropy_row(const Real* logits, Real* probabilities, Size n, Size target);

/// student and teacher: logits [.. V]; temperature above 0.
struct DistillationOptions {
    static constexpr const char* kFunction = "distillation";
    Array<double> student, teacher;
    double temperature = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("student", student, ".. V");
        field.required("teacher", teacher, ".. V");
        field.optional("temperature", temperature);
        field.optional("trace", trace);
    }
};

struct DistillationResult {
    double loss = 0;                      // nats: the mean of `losses` over the rows
    Array<double> losses;                 // [..]
    Array<double> student_probabilities;  // [.. V] at the temperature
    Array<double> teacher_probabilities;  // [.. V] at the temperature
    Array<double> d_student;              // [.. V] gradient of `loss`
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("loss", loss);
        field.required("losses", losses, "..");
        field.required("student_probabilities", student_probabilities, ".. V");
        field.required("teacher_probabilities", teacher_probabilities, ".. V");
        field.required("d_student", d_student, ".. V");
        field.optional("trace", trace);
    }
};

/// With p = softmax(teacher / T) and q = softmax(student / T): losses = T² sum over v of p log(p / q), the Kullback-Leibler
/// divergence scaled so that gradients keep their size at any temperature; d_student = T (q - p) / rows
/// (Hinton et al. 2015, section 2). No rows give a loss of 0.
/// Throws DomainError for shapes that differ, rows without classes, and temperature <= 0.
DistillationResult distillation(const DistillationOptions& options);

}  // namespace clearformer
