#include "clearformer/vision/guidance.hpp"

#include <cmath>

#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {
namespace {

/// Of n entries, their squares divided by n - 1.
double deviation(const double* x, Size n) {
    double mean = 0, sum = 0;
    for (Size i = 0; i < n; ++i) mean += x[i] / static_cast<double>(n);
    for (Size i = 0; i < n; ++i) sum += (x[i] - mean) * (x[i] - mean);
    return std::sqrt(sum / static_cast<double>(n - 1));
}

}  // namespace

ClassifierFreeGuidanceResult classifier_free_guidance(const ClassifierFreeGuidanceOptions& o) {
    const char* function = ClassifierFreeGuidanceOptions::kFunction;
    check_same_shape(function, "eps_cond", o.eps_cond, "eps_uncond", o.eps_uncond);
    require(o.rescale >= 0 && o.rescale <= 1, function, ": rescale must be from 0 to 1, got ", o.rescale);
    const Size samples = o.eps_cond.rank() == 0 ? 1 : o.eps_cond.shape[0];
    const Size n = samples == 0 ? 0 : o.eps_cond.size() / samples;
    ClassifierFreeGuidanceResult r{o.eps_uncond, Array<double>({samples}, 1.0)};
    for (Size i = 0; i < r.eps.size(); ++i) r.eps.data[i] += o.scale * (o.eps_cond.data[i] - o.eps_uncond.data[i]);
    check_result(function, "eps", r.eps);
    if (o.rescale == 0) return r;
    require(o.eps_cond.rank() >= 2 && (samples == 0 || n >= 2), function,
            ": rescale needs a batch axis and at least two entries in each sample, got shape ", o.eps_cond.shape);
    for (Size sample = 0; sample < samples; ++sample) {
        double* guided = r.eps.data.data() + sample * n;
        const double spread = deviation(guided, n);
        require(spread > 0, function, ": rescale needs a guided prediction with some spread; sample ", sample, " has none");
        double& factor = r.factor.data[sample];
        factor = o.rescale * deviation(o.eps_cond.data.data() + sample * n, n) / spread + (1 - o.rescale);
        for (Size i = 0; i < n; ++i) guided[i] *= factor;
    }
    check_result(function, "eps", r.eps);
    return r;
}

}  // namespace clearformer
