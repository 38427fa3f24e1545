#include <algorithm>
#include <cmath>

#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/vision/recorder.hpp"
#include "clearformer/vision/rules.hpp"
#include "clearformer/vision/vit.hpp"

namespace clearformer {
using namespace vision;
namespace {

enum class Fuse { kMean, kMax, kMin };

Fuse fuse_of(const std::string& name) {
    require(name == "mean" || name == "max" || name == "min", "attention_rollout: fuse must be mean, max or min, got \"",
            name, "\"");
    return name == "mean" ? Fuse::kMean : name == "max" ? Fuse::kMax : Fuse::kMin;
}

/// One layer's weights [H, T, T] over its heads, with the residual.
Array<double> blended(const double* weights, Size H, Size T, Fuse fuse, double residual) {
    Array<double> A({T, T});
    for (Size i = 0; i < T * T; ++i) {
        double value = weights[i];
        for (Size h = 1; h < H; ++h) {
            const double next = weights[h * T * T + i];
            value = fuse == Fuse::kMean ? value + next : fuse == Fuse::kMax ? std::max(value, next) : std::min(value, next);
        }
        if (fuse == Fuse::kMean) value /= static_cast<double>(H);
        A.data[i] = (1 - residual) * value + (i % (T + 1) == 0 ? residual : 0.0);
    }
    return A;
}

Array<double> row_sums(const Array<double>& A) {
    Array<double> sums({A.shape[0]});
    for (Size t = 0; t < A.shape[0]; ++t) {
        for (Size s = 0; s < A.width(); ++s) sums.data[t] += A.row(t)[s];
        const double total = sums.data[t];
        require(total > 0 && std::isfinite(total), "attention_rollout: every row must have a sum above 0, got ", total);
    }
    return sums;
}

/// Rows that sum to 1.
Array<double> shares(Array<double> A, const Array<double>& sums) {
    for (Size i = 0; i < A.size(); ++i) A.data[i] /= sums.data[i / A.width()];
    return A;
}

/// Rows sums of x, for the trace.
Rule row_total_rule(const char* x, Size count) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The sum of the row.", "\\sum_s x_{t,s}");
        pen.vector("x", x, count, [&](Size s) { return Index{at[0], s}; });
        pen.step("Z", "sum", "sum(x)");
    };
}

}  // namespace

AttentionRolloutResult attention_rollout(const AttentionRolloutOptions& o) {
    const Letters shape = check_shapes(o);
    const Size H = shape["H"], T = shape["T"];
    const Fuse fuse = fuse_of(o.fuse);
    require(T > 0 && H > 0, "attention_rollout: there must be at least one token and one head, got shape ", o.weights.shape);
    require(o.residual >= 0 && o.residual <= 1, "attention_rollout: residual must be from 0 to 1, got ", o.residual);
    for (double weight : o.weights.data)
        require(weight >= 0, "attention_rollout: weights must not be negative, got ", weight);
    AttentionRolloutResult r{Array<double>({T, T}), Array<double>({T - 1})};
    for (Size t = 0; t < T; ++t) r.rollout.row(t)[t] = 1;
    if (o.trace) r.trace.emplace();
    const char* given = "weights";
    if (o.trace) {
        Recorder(*r.trace).given({given, "A", "attention weight", "weights", "L H T T"}, o.weights,
                                 "An attention weight, as it was given.");
    }
    const char* last = nullptr;
    for (Size l = 0; l < shape["L"]; ++l) {
        const Array<double> blend = blended(&o.weights.data[l * H * T * T], H, T, fuse, o.residual), sums = row_sums(blend),
                            mixing = shares(blend, sums);
        r.rollout = matmul(MatmulOptions<double>{mixing, r.rollout}).y;
        if (!o.trace) continue;
        Recorder to(*r.trace, l);
        const char* blend_name =
            to.add({"blend", "a", "blended weight", "weights", "T T"}, blend_rule(given, o.fuse, l, H, o.residual), blend);
        const char* sum_name = to.add({"rowSum", "Z", "row sum", "weights", "T"}, row_total_rule(blend_name, T), sums);
        const char* mixing_name =
            to.add({"mixing", "A", "share of a token", "weights", "T T"}, share_rule(blend_name, sum_name), mixing);
        last = to.add({"rollout", "R", "share of an input token", "weights", "T T"},
                      last ? matmul_rule(mixing_name, last, T) : copy_rule(mixing_name), r.rollout);
    }
    std::copy_n(r.rollout.row(0) + 1, T - 1, r.cls_to_patches.data.begin());
    return r;
}

}  // namespace clearformer
