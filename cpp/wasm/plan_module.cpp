// Memory, FLOPs and time of running a model, from its published configuration.

#include "clearformer/estimate/plan.hpp"
#include "wasm/plan_functions.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

namespace {

estimate::PlanResult plan(const estimate::PlanOptions& options) {
    estimate::PlanResult result;
    result.plan.id = plans().keep(estimate::make_plan(options, result));
    return result;
}

}  // namespace

EMSCRIPTEN_BINDINGS(plan) {
    add<plan>();
    add<estimate::sweep_plan>();
    add<plan_explain>();
    add<plan_dispose>();
}
