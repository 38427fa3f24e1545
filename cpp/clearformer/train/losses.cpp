#include "clearformer/train/losses.hpp"

#include <cmath>

#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/train/preference_traces.hpp"
#include "clearformer/train/traces.hpp"

namespace clearformer {
namespace {

Array<double> per_row(const Array<double>& x) { return Array<double>(Shape(x.shape.begin(), x.shape.end() - 1)); }

/// The row a target asks for, or V for an ignored one.
Size target_of(const CrossEntropyOptions& o, Size row) {
    const int target = o.targets[row];
    const Size V = o.logits.width();
    if (target == o.ignore_index) return V;
    require(target >= 0 && static_cast<Size>(target) < V, "cross_entropy: targets must be at least 0 and below ", V,
            ", or the ignore_index ", o.ignore_index, ", got ", target, " at row ", row);
    return static_cast<Size>(target);
}

}  // namespace

template <class Real>
double cross_entropy_row(const Real* logits, Real* probabilities, Size n, Size target) {
    const double logsumexp = static_cast<double>(softmax_row(logits, probabilities, n).logsumexp());
    return logsumexp - static_cast<double>(logits[target]);
}
template double cross_entropy_row(const float*, float*, Size, Size);
template double cross_entropy_row(const double*, double*, Size, Size);

CrossEntropyResult cross_entropy(const CrossEntropyOptions& o) {
    const Size V = check_shapes(o)["V"];
    require(V > 0, "cross_entropy: rows must have at least one class, got shape ", o.logits.shape);
    const Size rows = o.logits.rows();
    require(o.targets.size() == rows, "cross_entropy: targets needs one class for each of the ", rows, " rows, got ",
            o.targets.size());
    require(o.label_smoothing >= 0 && o.label_smoothing <= 1, "cross_entropy: label_smoothing must be from 0 to 1, got ",
            o.label_smoothing);
    CrossEntropyResult r;
    r.losses = per_row(o.logits);
    r.probabilities = r.d_logits = Array<double>(o.logits.shape);
    for (Size row = 0; row < rows; ++row) r.counted += target_of(o, row) < V;
    const double share = o.label_smoothing / static_cast<double>(V), counted = static_cast<double>(std::max(r.counted, 1));
    for (Size row = 0; row < rows; ++row) {
        const Size target = target_of(o, row);
        const double* x = o.logits.row(row);
        double* p = r.probabilities.row(row);
        const double loss = cross_entropy_row(x, p, V, target < V ? target : 0);
        if (target == V) continue;
        // The target's own share of the loss, then what smoothing asks of every class: the mean of logsumexp - x.
        double spread = 0;
        for (Size v = 0; v < V; ++v) spread += (x[target] - x[v]) / static_cast<double>(V);
        r.losses.data[row] = loss + o.label_smoothing * spread;
        r.loss += r.losses.data[row] / counted;
        for (Size v = 0; v < V; ++v) {
            const double wanted = share + (v == target ? 1 - o.label_smoothing : 0.0);
            r.d_logits.row(row)[v] = (p[v] - wanted) / counted;
        }
    }
    check_finite("cross_entropy", "losses", r.losses);
    check_finite("cross_entropy", "loss", &r.loss, 1);
    if (o.trace) r.trace = cross_entropy_trace(o, r);
    return r;
}

DistillationResult distillation(const DistillationOptions& o) {
    const Size V = check_shapes(o)["V"];
    check_same_shape("distillation", "teacher", o.teacher.shape, "student", o.student.shape);
    require(V > 0, "distillation: rows must have at least one class, got shape ", o.student.shape);
    require(o.temperature > 0, "distillation: temperature must be above 0, got ", o.temperature);
    const auto soften = [&](const Array<double>& logits) {
        SoftmaxOptions<double> options;
        options.x = logits;
        options.temperature = o.temperature;
        return softmax(options);
    };
    SoftmaxResult<double> student = soften(o.student), teacher = soften(o.teacher);
    DistillationResult r;
    r.losses = per_row(o.student);
    r.d_student = Array<double>(o.student.shape);
    const double rows = static_cast<double>(o.student.rows()), square = o.temperature * o.temperature;
    for (Size row = 0; row < o.student.rows(); ++row) {
        const double *p = teacher.y.row(row), *q = student.y.row(row);
        double divergence = 0;
        for (Size v = 0; v < V; ++v) {
            if (p[v] > 0) divergence += p[v] * (teacher.log_softmax.row(row)[v] - student.log_softmax.row(row)[v]);
            r.d_student.row(row)[v] = o.temperature * (q[v] - p[v]) / rows;
        }
        r.losses.data[row] = square * divergence;
        r.loss += r.losses.data[row] / rows;
    }
    r.student_probabilities = std::move(student.y);
    r.teacher_probabilities = std::move(teacher.y);
    check_finite("distillation", "losses", r.losses);
    check_finite("distillation", "d_student", r.d_student);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
