#include "clearformer/moe/router.hpp"

#include <cmath>

#include "clearformer/moe/recording.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/recipe.hpp"

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
        record(*r.trace, {"sumWeights", "W", "sum of the token's weights", "weights", "T"}, r.sum_weights,
               sum_rule("The weights of the token's experts, summed.", "weights", "0n"));
    }
    return r;
}

namespace {

/// x, routerWeight, noiseWeight, noise, clean, rawDeviation, deviation, noisy, indices, load, kept, rowMax .. gates
void record_noisy(Trace& trace, const NoisyTopKOptions& o, const NoisyTopKResult& r) {
    const char* role = "scores";
    record_input(trace, {"x", "x", "entry of the token", "residual", "T C"}, o.x);
    record_input(trace, {"routerWeight", "W_g", "router weight", "weights", "E C"}, o.router_weight);
    record_input(trace, {"noiseWeight", "W_n", "weight of the noise", "weights", "E C"}, o.noise_weight);
    record_input(trace, {"noise", "ε", "standard normal number", role, "T E"}, o.noise);
    record(trace, {"clean", "l", "logit without noise", role, "T E"}, r.clean,
           linear_rule("x", "routerWeight", nullptr, o.x.shape[1]));
    trace.derive({"rawDeviation", "r", "size of the noise before softplus", role, "T E"}, r.clean.shape,
                 linear_rule("x", "noiseWeight", nullptr, o.x.shape[1]));
    record(trace, {"deviation", "σ", "size of the noise", role, "T E"}, r.deviation,
           activation_rule("rawDeviation", "softplus"));
    record(trace, {"noisy", "H", "noisy logit", role, "T E"}, r.noisy,
           recipe_rule({"The logit plus noise of its own size.",
                        "l + \\varepsilon\\sigma",
                        {{"l", "clean"}, {"n", "noise"}, {"s", "deviation"}},
                        {},
                        {{"H", "sum", "l + n * s"}}}));
    record_choice(trace, "noisy", r.indices, r.load);
    Array<double> kept(r.noisy.shape, -kInfinity);
    for (Size i = 0; i < r.indices.size(); ++i) {
        const Size row = i / r.indices.width(), expert = static_cast<Size>(r.indices.data[i]);
        kept.row(row)[expert] = r.noisy.row(row)[expert];
    }
    record(trace, {"kept", "H'", "logit of a chosen expert", role, "T E"}, kept, [kept](const Index& at, Pen& pen) {
        const bool chosen = kept.at(at) != -kInfinity;
        write_recipe(pen, at,
                     {chosen ? "Among the largest of the row: kept." : "Not among the largest of the row: taken out.",
                      chosen ? "H_e" : "-\\infty",
                      {{"h", "noisy"}},
                      {},
                      {{"y", chosen ? "kept" : "out", chosen ? "h" : "log(0)"}}});
    });
    record_softmax(trace, "kept",
                   {{"rowMax", "m", "largest logit", role, "T"},
                    {"exponentials", "e", "exponential", role, "T E"},
                    {"rowSum", "Z", "sum of exponentials", role, "T"},
                    {"gates", "g", "gate of the expert", "weights", "T E"}},
                   r.gates);
}

}  // namespace

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
    if (o.trace) record_noisy(r.trace.emplace(), o, r);
    return r;
}

}  // namespace clearformer
