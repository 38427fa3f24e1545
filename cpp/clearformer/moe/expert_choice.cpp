#include "clearformer/moe/expert_choice.hpp"

#include "clearformer/moe/recording.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {

using namespace moe;

ExpertChoiceResult expert_choice(const ExpertChoiceOptions& o) {
    check_shapes(o);
    ExpertChoiceResult r;
    const Array<double> logits = router_logits(o.kFunction, o);
    r.probabilities = row_probabilities(logits);
    const Size T = r.probabilities.shape[0], E = r.probabilities.shape[1];
    const Size N = check_count(o.kFunction, "capacity", o.capacity, T, "tokens");
    r.tokens = r.gates = Array<double>({E, N});
    r.experts_per_token.assign(T, 0);
    std::vector<double> column(T);
    for (Size e = 0; e < E; ++e) {
        for (Size t = 0; t < T; ++t) column[t] = r.probabilities.row(t)[e];
        const std::vector<Size> taken = largest(column.data(), T, N);
        for (Size i = 0; i < N; ++i) {
            r.tokens.row(e)[i] = static_cast<double>(taken[i]);
            r.gates.row(e)[i] = column[taken[i]];
            ++r.experts_per_token[taken[i]];
        }
    }
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        record_probabilities(trace, o, logits, r.probabilities);
        record(trace, {"tokens", "t", "number of the token that the expert takes", "scores", "E N"}, r.tokens,
               told_rule({"The tokens with the expert's largest probabilities, best first; of equal ones the first.",
                          "\\operatorname{top}_N\\, p_{\\cdot,e}",
                          {{"p", "probabilities", "n0"}},
                          {{"i", "its place among the expert's tokens", 0, 1}},
                          {{"m", "largest probability", "max(p)"}}},
                         "t", "number of the token", r.tokens));
        record(trace, {"gates", "g", "probability of the token's expert", "weights", "E N"}, r.gates,
               [tokens = r.tokens](const Index& at, Pen& pen) {
                   pen.rule("The probability that the token gives the expert, as it stands.", "p_{t,e}");
                   pen.scalar("p", "probabilities", {static_cast<Size>(tokens.at(at)), at[0]});
                   pen.step("g", "of the token", "p");
               });
        record(trace, {"expertsPerToken", "n", "experts that take the token", "scores", "T"}, as_tensor(r.experts_per_token),
               count_rule("How many experts take the token.", "tokens"));
    }
    return r;
}

}  // namespace clearformer
