#include "clearformer/moe/capacity.hpp"

#include <cmath>
#include <numeric>

#include "clearformer/moe/router.hpp"

namespace clearformer {

using namespace moe;

namespace {

/// Places of each expert.
int places(const SwitchRouterOptions& o, Size tokens, Size experts) {
    require(o.rounding == "floor" || o.rounding == "ceil", "switch_router: rounding must be floor or ceil, got \"",
            o.rounding, "\"");
    require(std::isfinite(o.capacity_factor) && o.capacity_factor > 0,
            "switch_router: capacity_factor must be above 0, got ", o.capacity_factor);
    require(!o.capacity || *o.capacity >= 0, "switch_router: capacity must be at least 0, got ", o.capacity.value_or(0));
    if (o.capacity) return *o.capacity;
    const double exact = static_cast<double>(tokens) * o.capacity_factor / static_cast<double>(experts);
    require(exact <= 2147483647, "switch_router: capacity must be below 2147483648, got ", exact);
    return static_cast<int>(o.rounding == "floor" ? std::floor(exact) : std::ceil(exact));
}

/// Whose turn it is: every (token, choice) once, as token K + choice.
std::vector<Size> turns(const std::string& priority, const Array<double>& probabilities, Size K) {
    const Size T = probabilities.shape[0];
    std::vector<Size> tokens(T), order;
    std::iota(tokens.begin(), tokens.end(), Size(0));
    if (priority == "batch_priority") {
        std::vector<double> best(T);
        for (Size t = 0; t < T; ++t)
            best[t] = *std::max_element(probabilities.row(t), probabilities.row(t) + probabilities.width());
        tokens = largest(best.data(), T, T);
    }
    order.reserve(T * K);
    if (priority == "token_major") {
        for (Size i = 0; i < T * K; ++i) order.push_back(i);
        return order;
    }
    require(priority == "choice_major" || priority == "batch_priority",
            "capacity_router: priority must be one of choice_major, token_major, batch_priority, got \"", priority, "\"");
    for (Size choice = 0; choice < K; ++choice) {
        for (Size token : tokens) order.push_back(token * K + choice);
    }
    return order;
}

}  // namespace

SwitchRouterResult switch_router(const SwitchRouterOptions& o) {
    check_shapes(o);
    SwitchRouterResult r;
    r.logits = router_logits(o.kFunction, o);
    r.probabilities = row_probabilities(r.logits);
    const Size T = r.logits.shape[0], E = r.logits.shape[1];
    r.capacity = places(o, T, E);
    r.gate = Array<double>({T});
    r.load.assign(E, 0);
    for (Size t = 0; t < T; ++t) {
        const Size expert = largest(r.logits.row(t), E, 1)[0];
        const int taken = r.load[expert]++;
        const bool kept = taken < r.capacity;
        r.expert.push_back(static_cast<int>(expert));
        r.gate.data[t] = r.probabilities.row(t)[expert];
        r.kept.push_back(kept ? 1 : 0);
        r.slot.push_back(kept ? taken : -1);
        if (!kept) r.dropped.push_back(static_cast<int>(t));
    }
    return r;
}

CapacityRouterResult capacity_router(const CapacityRouterOptions& o) {
    check_shapes(o);
    require(o.capacity >= 0, "capacity_router: capacity must be at least 0, got ", o.capacity);
    CapacityRouterResult r;
    const Array<double> logits = router_logits(o.kFunction, o);
    r.probabilities = row_probabilities(logits);
    Array<double> weights;
    const Size K = choose_experts(o.kFunction, o.k, "softmax_before_topk", logits, r.probabilities, r.experts, weights);
    r.load = count_load(r.experts.data, logits.shape[1]);
    r.filled.assign(logits.shape[1], 0);
    r.kept = r.slot = Array<double>(r.experts.shape);
    for (Size turn : turns(o.priority, r.probabilities, K)) {
        int& filled = r.filled[static_cast<Size>(r.experts.data[turn])];
        const bool kept = filled < o.capacity;
        r.kept.data[turn] = kept ? 1 : 0;
        r.slot.data[turn] = kept ? filled++ : -1;
    }
    return r;
}

}  // namespace clearformer
