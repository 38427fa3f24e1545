// What training a model takes, from its published configuration.

#include "clearformer/estimate/training_plan.hpp"
#include "wasm/plan_functions.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

namespace {

estimate::TrainingPlanResult training_plan(const estimate::TrainingPlanOptions& options) {
    estimate::TrainingPlanResult result;
    result.plan.id = plans().keep(estimate::make_training_plan(options, result));
    return result;
}

}  // namespace

EMSCRIPTEN_BINDINGS(training) {
    add<training_plan>();
    add<plan_explain>();
    add<plan_dispose>();
}
