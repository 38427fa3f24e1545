// Parameters, memory, FLOPs and time of a model, from its published configuration.

#include "clearformer/estimate/device.hpp"
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

EMSCRIPTEN_BINDINGS(estimate) {
    add<estimate::estimate>();
    add<plan>();
    add<estimate::sweep_plan>();
    add<estimate::measure_device>();
    add<plan_explain>();
    add<plan_dispose>();
}
