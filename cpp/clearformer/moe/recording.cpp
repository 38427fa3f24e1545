#include "clearformer/moe/recording.hpp"

#include <cmath>

#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/rules.hpp"

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

}  // namespace

void record_input(Trace& trace, const Label& label, const Array<double>& values) {
    trace.add({label, values.shape, [](const Index&, Pen& pen) { pen.input("Given."); }, values.data});
}

void record(Trace& trace, const Label& label, const Array<double>& values, Rule rule) {
    trace.add({label, values.shape, std::move(rule), values.data});
}

void record_router(Trace& trace, const RouterRecord& router) {
    // 1. The logits.
    const Label logits{"logits", "l", "router logit", "scores", "T E"};
    if (router.x) {
        record_input(trace, {"x", "x", "entry of the token", "residual", "T C"}, *router.x);
        record_input(trace, {"routerWeight", "W_r", "router weight", "weights", "E C"}, *router.weight);
        if (router.bias) record_input(trace, {"routerBias", "b", "router bias", "weights", "E"}, *router.bias);
        record(trace, logits, router.logits,
               linear_rule("x", "routerWeight", router.bias ? "routerBias" : nullptr, router.x->shape[1]));
    } else {
        record_input(trace, logits, router.logits);
    }
    const char* scores = logits.name;
    if (router.temperature != 1) {
        record(trace, {"tempered", "l'", "router logit over the temperature", "scores", "T E"}, router.tempered,
               divide_rule("logits", router.temperature, "temperature"));
        scores = "tempered";
    }
    // 2. The probabilities of all experts.
    record_softmax(trace, scores,
                   {{"rowMax", "m", "largest logit", "scores", "T"},
                    {"exponentials", "e", "exponential", "scores", "T E"},
                    {"rowSum", "Z", "sum of exponentials", "scores", "T"},
                    {"probabilities", "p", "probability of the expert", "weights", "T E"}},
                   router.probabilities);
    // 3. The weights of the chosen.
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

}  // namespace clearformer::moe
