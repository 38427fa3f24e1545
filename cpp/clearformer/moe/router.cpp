#include "clearformer/moe/router.hpp"

#include <cmath>

#include "clearformer/moe/recording.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer {
namespace moe {

void weigh_chosen(const char* function, const std::string& norm, const double* logits, const double* probabilities,
                  const std::vector<Size>& chosen, double* weights) {
    const Size k = chosen.size();
    if (norm == "softmax_after_topk") {
        for (Size i = 0; i < k; ++i) weights[i] = logits[chosen[i]];
        softmax_row(weights, weights, k);
    } else if (norm == "softmax_before_topk" || norm == "softmax_before_topk_renormalised") {
        double sum = 0;
        for (Size i = 0; i < k; ++i) sum += weights[i] = probabilities[chosen[i]];
        if (norm == "softmax_before_topk") return;
        for (Size i = 0; i < k; ++i) weights[i] /= sum;  // the largest probability is at least 1 / E
    } else {
        require(norm == "sigmoid", function, ": norm must be one of ", kRouterNorms, ", got \"", norm, "\"");
        const ActivationFunction sigmoid = find_activation("sigmoid");
        for (Size i = 0; i < k; ++i) weights[i] = sigmoid(logits[chosen[i]]).y;
    }
}

Size choose_experts(const char* function, int k, const std::string& norm, const Array<double>& logits,
                    const Array<double>& probabilities, Array<double>& indices, Array<double>& weights) {
    const Size T = logits.shape[0], E = logits.shape[1], K = check_count(function, "k", k, E, "experts");
    weigh_chosen(function, norm, nullptr, nullptr, {}, nullptr);  // refuses an unknown norm, tokens or not
    indices = weights = Array<double>({T, K});
    for (Size t = 0; t < T; ++t) {
        const std::vector<Size> chosen = largest(logits.row(t), E, K);
        weigh_chosen(function, norm, logits.row(t), probabilities.row(t), chosen, weights.row(t));
        std::copy(chosen.begin(), chosen.end(), indices.row(t));
    }
    return K;
}

}  // namespace moe

using namespace moe;

TopKRouterResult top_k_router(const TopKRouterOptions& o) {
    check_shapes(o);
    TopKRouterResult r;
    r.logits = router_logits(o.kFunction, o);
    require(std::isfinite(o.temperature) && o.temperature > 0, "top_k_router: temperature must be above 0, got ",
            o.temperature);
    const Array<double> logits = r.logits;
    for (double& logit : r.logits.data) logit /= o.temperature;
    check_finite(o.kFunction, "logits / temperature", r.logits.data);
    r.probabilities = row_probabilities(r.logits);
    const Size K = choose_experts(o.kFunction, o.k, o.norm, r.logits, r.probabilities, r.indices, r.weights);
    r.sum_weights = Array<double>({r.logits.shape[0]});
    for (Size i = 0; i < r.weights.size(); ++i) r.sum_weights.data[i / K] += r.weights.data[i];
    r.load = count_load(r.indices.data, r.logits.shape[1]);
    if (o.trace) {
        record_router(r.trace.emplace(), {o.x ? &*o.x : nullptr, o.router_weight ? &*o.router_weight : nullptr,
                                          o.router_bias ? &*o.router_bias : nullptr, logits, r.logits, o.temperature,
                                          r.probabilities, r.indices, r.weights, o.norm});
    }
    return r;
}

NoisyTopKResult noisy_top_k(const NoisyTopKOptions& o) {
    check_shapes(o);
    NoisyTopKResult r;
    r.clean = router_logits(o.kFunction, o.x, o.router_weight, {});
    r.deviation = router_logits(o.kFunction, o.x, o.noise_weight, {});
    const ActivationFunction softplus = find_activation("softplus");
    r.noisy = r.clean;
    for (Size i = 0; i < r.noisy.size(); ++i) {
        r.deviation.data[i] = softplus(r.deviation.data[i]).y;
        r.noisy.data[i] += o.noise.data[i] * r.deviation.data[i];
    }
    check_finite(o.kFunction, "the noisy logits", r.noisy.data);
    Array<double> weights;
    const Size K = choose_experts(o.kFunction, o.k, "softmax_after_topk", r.noisy, r.noisy, r.indices, weights);
    r.gates = Array<double>(r.noisy.shape);
    for (Size i = 0; i < weights.size(); ++i) r.gates.row(i / K)[static_cast<Size>(r.indices.data[i])] = weights.data[i];
    r.load = count_load(r.indices.data, r.noisy.shape[1]);
    return r;
}

}  // namespace clearformer
