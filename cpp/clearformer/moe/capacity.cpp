#include "clearformer/moe/capacity.hpp"

#include <cmath>
#include <numeric>

#include "clearformer/moe/recording.hpp"
#include "clearformer/moe/router.hpp"
#include "clearformer/moe/rules.hpp"
#include "clearformer/recipe.hpp"

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

/// Who got a place, and which: told, with the capacity.
void record_places(Trace& trace, const char* chosen, const Array<double>& kept, const Array<double>& slots, int capacity) {
    const double places = capacity;
    record(trace, {"slot", "j", "place of the choice", "scores", ".."}, slots,
           told_rule({"Choices take the places of their expert in turn, counted from 0; -1 where all are taken.",
                      "\\#\\{\\text{earlier choices of } e\\}",
                      {{"e", chosen}},
                      {{"C", "places of each expert", places}},
                      {}},
                     "j", "place", slots));
    record(trace, {"kept", "k", "whether the choice got a place", "scores", ".."}, kept,
           recipe_rule({"1 where the choice has a place, else 0.",
                        "[j \\ge 0]",
                        {{"j", "slot"}},
                        {},
                        {{"k", "kept", "(1 + (2 * j + 1) / abs(2 * j + 1)) / 2"}}}));
}

/// x, routerWeight, routerBias (as given), logits .. probabilities, expert, load, gate, slot, kept; capacity, unless given
void record_switch(Trace& trace, const SwitchRouterOptions& o, const SwitchRouterResult& r) {
    record_probabilities(trace, o, r.logits, r.probabilities);
    const Array<double> expert = as_tensor(r.expert);
    record(trace, {"expert", "e", "number of the chosen expert", "scores", "T"}, expert,
           told_rule({"The expert with the largest probability.",
                      "\\operatorname{arg\\,max}_e\\, p_{t,e}",
                      {{"p", "probabilities", "0n"}},
                      {},
                      {{"m", "largest probability", "max(p)"}}},
                     "e", "number of the expert", expert));
    record(trace, {"load", "n", "tokens that chose the expert", "scores", "E"}, as_tensor(r.load),
           count_rule("How many tokens chose the expert.", "expert"));
    record(trace, {"gate", "g", "probability of the chosen expert", "weights", "T"}, r.gate,
           recipe_rule({"The probability of the chosen expert, the largest of the row.",
                        "\\max_e p_{t,e}",
                        {{"p", "probabilities", "0n"}},
                        {},
                        {{"g", "largest", "max(p)"}}}));
    Recipe capacity{
        "The tokens' even share, times the factor, rounded; or as it was given.", "\\frac{T}{E}\\,\\phi", {}, {}, {}};
    const auto count = [](Size n) { return static_cast<double>(n); };
    if (o.capacity) {
        capacity.constants = {{"C", "capacity, as given", static_cast<double>(r.capacity)}};
        capacity.lines = {{"y", "capacity", "C"}};
    } else {
        capacity.constants = {{"T", "tokens", count(r.logits.shape[0])},
                              {"E", "experts", count(r.logits.shape[1])},
                              {"f", "capacity factor", o.capacity_factor}};
        capacity.lines = {{"q", "exactly", "T * f / E"},
                          {"y", "rounded", o.rounding == "floor" ? "floor(q)" : "-floor(-q)"}};
    }
    add_number(trace, {"capacity", "C", "places of each expert", "scores", ""}, r.capacity, recipe_rule(capacity));
    record_places(trace, "expert", as_tensor(r.kept), as_tensor(r.slot), r.capacity);
}

/// x, routerWeight, routerBias (as given), logits .. probabilities, experts, load, slot, kept, filled
void record_capacity(Trace& trace, const CapacityRouterOptions& o, const Array<double>& logits,
                     const CapacityRouterResult& r) {
    record_probabilities(trace, o, logits, r.probabilities);
    record_choice(trace, "probabilities", r.experts, r.load);
    record_places(trace, "indices", r.kept, r.slot, o.capacity);
    record(trace, {"filled", "f", "places taken", "scores", "E"}, as_tensor(r.filled),
           recipe_rule({"How many of the expert's choices were kept.",
                        "\\sum_{t,i} k_{t,i} [e_{t,i} = e]",
                        {{"x", "indices", "*"}, {"k", "kept", "*"}},
                        {{"e", "number of the expert", 0, 0}},
                        {{"o", "1 where it is this one", "floor(1 / (1 + abs(x - e)))"}, {"n", "how many", "sum(o * k)"}}}));
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
    if (o.trace) record_switch(r.trace.emplace(), o, r);
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
    if (o.trace) record_capacity(r.trace.emplace(), o, logits, r);
    return r;
}

}  // namespace clearformer
