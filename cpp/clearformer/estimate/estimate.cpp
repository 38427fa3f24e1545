#include "clearformer/estimate/estimate.hpp"

#include "clearformer/estimate/formats.hpp"
#include "clearformer/estimate/inventory.hpp"

namespace clearformer::estimate {
namespace {

constexpr Size kMostContexts = 4096;

}  // namespace

EstimateResult estimate(const EstimateOptions& options) {
    require(options.contexts.size() <= kMostContexts, "estimate: there may be at most ", kMostContexts, " contexts, got ",
            options.contexts.size());
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
    const Format& format = find_format("estimate", options.cache);
    const Quantity per_token = cached_elements_per_token(*model);
    if (!model->architecture.generates || per_token.count() == 0) return result;
    result.kv_bytes_per_token = exact("the cache of one token", format_bytes(model->ledger, per_token, format));
    for (const double context : options.contexts) {
        require(context >= 0 && context <= 1e12 && context == static_cast<double>(static_cast<std::int64_t>(context)),
                "estimate: contexts must be whole numbers from 0 to 1e12, got ", context);
        const Quantity tokens = model->ledger.constant(static_cast<std::int64_t>(context));
        result.kv_bytes.push_back(
            exact("the cache", format_bytes(model->ledger, cached_elements(*model, tokens, {}), format)));
    }
    return result;
}

}  // namespace clearformer::estimate
