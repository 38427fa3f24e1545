#include "clearformer/moe/recording.hpp"

#include <cmath>

#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer::moe {
namespace {

/// x at the chosen experts.
Array<double> at_chosen(const Array<double>& x, const Array<double>& indices) {
    Array<double> chosen = indices;
    for (Size i = 0; i < indices.size(); ++i)
        chosen.data[i] = x.row(i / indices.width())[static_cast<Size>(indices.data[i])];
    return chosen;
}

Array<double> row_sums(const Array<double>& x) {
    Array<double> sums({x.shape[0]});
    for (Size i = 0; i < x.size(); ++i) sums.data[i / x.width()] += x.data[i];
    return sums;
}

const SoftmaxLabels kProbabilities = {{"rowMax", "m", "largest logit", "scores", "T"},
                                      {"exponentials", "e", "exponential", "scores", "T E"},
                                      {"rowSum", "Z", "sum of exponentials", "scores", "T"},
                                      {"probabilities", "p", "probability of the expert", "weights", "T E"}};

void record_logits(Trace& trace, const Array<double>* x, const Array<double>* weight, const Array<double>* bias,
                   const Array<double>& values) {
    const Label logits{"logits", "l", "router logit", "scores", "T E"};
    if (!x) {
        record_input(trace, logits, values);
        return;
    }
    record_input(trace, {"x", "x", "entry of the token", "residual", "T C"}, *x);
    record_input(trace, {"routerWeight", "W_r", "router weight", "weights", "E C"}, *weight);
    if (bias) record_input(trace, {"routerBias", "b", "router bias", "weights", "E"}, *bias);
    record(trace, logits, values, linear_rule("x", "routerWeight", bias ? "routerBias" : nullptr, x->shape[1]));
}

}  // namespace

void record_input(Trace& trace, const Label& label, const Array<double>& values) {
    trace.add({label, values.shape, [](const Index&, Pen& pen) { pen.input("Given."); }, values.data});
}

void record(Trace& trace, const Label& label, const Array<double>& values, Rule rule) {
    trace.add({label, values.shape, std::move(rule), values.data});
}

void record_router(Trace& trace, const RouterRecord& router) {
    // 1. The logits.
    record_logits(trace, router.x, router.weight, router.bias, router.logits);
    const char* scores = "logits";
    if (router.temperature != 1) {
        record(trace, {"tempered", "l'", "router logit over the temperature", "scores", "T E"}, router.tempered,
               divide_rule("logits", router.temperature, "temperature"));
        scores = "tempered";
    }
    // 2. The probabilities of all experts.
    record_softmax(trace, scores, kProbabilities, router.probabilities);
    // 3. The chosen, and their weights.
    record_choice(trace, scores, router.indices, count_load(router.indices.data, router.logits.shape[1]));
    const Label weights{"weights", "w", "weight of the chosen expert", "weights", "T K"};
    const Array<double>& indices = router.indices;
    const Size K = indices.shape[1];
    if (router.norm == "softmax_before_topk") {
        record(trace, weights, router.weights, chosen_rule("probabilities", indices));
        return;
    }
    if (router.norm == "softmax_before_topk_renormalised") {
        const Array<double> chosen = at_chosen(router.probabilities, indices);
        record(trace, {"chosenProbabilities", "p", "probability of the chosen expert", "weights", "T K"}, chosen,
               chosen_rule("probabilities", indices));
        record(trace, {"chosenSum", "P", "sum of the chosen probabilities", "weights", "T"}, row_sums(chosen),
               total_rule("chosenProbabilities", K, "The sum of the chosen experts' probabilities."));
        record(trace, weights, router.weights, share_rule("chosenProbabilities", "chosenSum"));
        return;
    }
    const Array<double> chosen = at_chosen(router.tempered, indices);
    record(trace, {"chosenLogits", "l", "logit of the chosen expert", "scores", "T K"}, chosen,
           chosen_rule(scores, indices));
    if (router.norm == "sigmoid") {
        record(trace, weights, router.weights, activation_rule("chosenLogits", "sigmoid"));
        return;
    }
    record_softmax(trace, "chosenLogits",
                   {{"chosenMax", "m", "largest chosen logit", "scores", "T"},
                    {"chosenExponentials", "e", "exponential of a chosen logit", "scores", "T K"},
                    {"chosenSum", "Z", "sum of the chosen exponentials", "scores", "T"},
                    weights},
                   router.weights);
}

void record_probabilities(Trace& trace, const RouterInputs& inputs, const Array<double>& logits,
                          const Array<double>& probabilities) {
    const auto given = [](const std::optional<Array<double>>& one) { return one ? &*one : nullptr; };
    record_logits(trace, given(inputs.x), given(inputs.router_weight), given(inputs.router_bias), logits);
    record_softmax(trace, "logits", kProbabilities, probabilities);
}

void record_choice(Trace& trace, const char* scores, const Array<double>& indices, const std::vector<int>& load) {
    record(trace, {"indices", "e", "number of the chosen expert", "scores", "T K"}, indices,
           told_rule({"The experts with the largest scores of the row, best first; of equal ones the first.",
                      "\\operatorname{top}_k\\, s_t",
                      {{"s", scores, "0n"}},
                      {{"i", "its place among the chosen", 0, 1}},
                      {{"m", "largest score of the row", "max(s)"}}},
                     "e", "number of the expert", indices));
    record(trace, {"load", "n", "tokens that chose the expert", "scores", "E"}, as_tensor(load),
           count_rule("How many choices fell on the expert.", "indices"));
}

}  // namespace clearformer::moe
