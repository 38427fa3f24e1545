// The trace of speculative decoding: every tensor that was not given opens, and the results are the function's own.

#include "clearformer/sampling/speculative.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("speculative acceptance opens, for models that differ, agree, or have nothing in common") {
    const std::vector<std::vector<double>> drafts = {{0.25, 0.25, 0.5}, {0.5, 0.5, 0}, {0, 0, 1}};
    for (const std::vector<double>& draft : drafts) {
        SpeculativeOptions o{{{3}, {0.5, 0.5, 0}}, {{3}, draft}, {0, 1, 4}, true};
        const SpeculativeResult r = speculative_acceptance(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("residual").data == r.residual.data);
        CHECK(r.trace->tensor("expectedTokens").data == r.expected_tokens);
        o.trace = false;
        CHECK_FALSE(speculative_acceptance(o).trace);
    }
}
