#include "clearformer/moe/expert_choice.hpp"

namespace clearformer {

using namespace moe;

ExpertChoiceResult expert_choice(const ExpertChoiceOptions& o) {
    check_shapes(o);
    ExpertChoiceResult r;
    r.probabilities = row_probabilities(router_logits(o.kFunction, o));
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
    return r;
}

}  // namespace clearformer
