#include "clearformer/estimate/training_plan.hpp"

#include "clearformer/estimate/inventory.hpp"
#include "clearformer/estimate/training_memory.hpp"

namespace clearformer::estimate {

std::unique_ptr<Model> make_training_plan(const TrainingPlanOptions& options, TrainingPlanResult& result) {
    std::unique_ptr<Model> model = read_model(options.config);
    model->ledger.section("parameters");
    const Inventory inventory = count_parameters(*model);
    model->ledger.section("training");
    plan_training_memory(*model, inventory, options);
    result.understood = understood(*model);
    result.quantities = headlines(*model);
    result.left_out = {"Norms, activation functions and the optimizer's arithmetic count as 0 FLOPs.",
                       "Fragmentation of memory, buffers of communication and gathered layers of ZeRO stage 3 are left out.",
                       "Time is FLOPs over the peak at one utilisation; reading data, checkpoints and failures take none."};
    return model;
}

}  // namespace clearformer::estimate
