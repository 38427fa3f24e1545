#include "clearformer/estimate/plan.hpp"

#include "clearformer/estimate/inventory.hpp"

namespace clearformer::estimate {
namespace {

/// JavaScript's numbers hold whole numbers up to 2^53 exactly; a count beyond it would arrive rounded.
double exact(const char* what, Quantity quantity) {
    require(!quantity.whole() || quantity.count() <= (std::int64_t{1} << 53), "config: ", what, " is beyond 2^53: ", quantity.value());
    return quantity.value();
}

constexpr Size kMostContexts = 4096;

std::vector<TensorRow> tensor_rows(const Model& model) {
    std::vector<TensorRow> rows;
    for (const WeightTensor& tensor : model.architecture.tensors) {
        TensorRow row;
        row.name = tensor.name;
        row.kind = class_name(tensor.kind);
        row.quantity = "params " + tensor.name;
        for (const Quantity extent : tensor.shape) row.shape.push_back(extent.value());
        row.repeat = tensor.repeat.value();
        row.params = exact("the number of parameters", tensor.params);
        row.active = row.params * (tensor.active.value() / row.repeat);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

Understood understood(const Model& model) {
    return {model.model_type, model.known,     model.architecture.generates, model.architecture.tied,
            model.notes,      model.used_keys, model.ignored_keys};
}

EstimateResult estimate(const EstimateOptions& options) {
    require(options.contexts.size() <= kMostContexts, "estimate: there may be at most ", kMostContexts, " contexts, got ", options.contexts.size());
    const std::unique_ptr<Model> model = read_model(options.config);
    const Inventory inventory = count_parameters(*model);
    EstimateResult result;
    result.understood = understood(*model);
    result.total_params = exact("the number of parameters", inventory.total);
    result.active_params = inventory.active.value();
    result.active_params_without_embedding = inventory.active_without_embedding.value();
    result.active_params_without_tables = inventory.active_without_tables.value();
    result.matmul_params = inventory.matmul_params.value();
    result.tensors = tensor_rows(*model);
    const Quantity per_token = cached_elements_per_token(*model);
    if (!model->architecture.generates || per_token.count() == 0) return result;
    result.kv_bytes_per_token = exact("the cache of one token", 2 * per_token);
    for (const double context : options.contexts) {
        require(context >= 0 && context <= 1e12 && context == static_cast<double>(static_cast<std::int64_t>(context)),
                "estimate: contexts must be whole numbers from 0 to 1e12, got ", context);
        const Quantity tokens = model->ledger.constant(static_cast<std::int64_t>(context));
        result.kv_bytes.push_back(exact("the cache", 2 * cached_elements(*model, tokens, {})));
    }
    return result;
}

}  // namespace clearformer::estimate
