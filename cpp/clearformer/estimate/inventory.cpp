#include "clearformer/estimate/inventory.hpp"

namespace clearformer::estimate {
namespace {

/// repeat × shape of a tensor, of the copies one token uses.
Quantity active_params(const WeightTensor& tensor) {
    if (tensor.active.is(tensor.repeat)) return tensor.params;
    Quantity product = tensor.active;
    for (const Quantity extent : tensor.shape) product = product * extent;
    return product;
}

}  // namespace

Inventory count_parameters(Model& model) {
    Ledger& ledger = model.ledger;
    const Architecture& architecture = model.architecture;
    Inventory inventory;
    Quantity tables, head;
    for (std::size_t i = 0; i < std::size(kClasses); ++i) {
        Quantity sum;
        for (const WeightTensor& tensor : architecture.tensors) {
            if (tensor.kind != kClasses[i]) continue;
            sum += tensor.params;
            if (tensor.kind == Class::kEmbedding && tensor.looked_up) tables += tensor.params;
            if (tensor.kind == Class::kHead) head += tensor.params;
        }
        if (!sum) continue;
        const std::string title = class_name(kClasses[i]);
        inventory.by_class[i] = ledger.named(sum, {class_key(kClasses[i]), "_params|Parameters: ", title, "|params"});
        inventory.total += inventory.by_class[i];
    }
    inventory.total = ledger.named(inventory.total, "total_params|Parameters|params");
    // What one token uses: of the experts those chosen, and of a model that writes about pictures not the image tower.
    const auto used = [&](const WeightTensor& tensor) { return !architecture.generates || tensor.stream != Stream::kImage; };
    Quantity active;
    for (std::size_t i = 0; i < std::size(kClasses); ++i) {
        Quantity sum;
        bool whole = true;
        for (const WeightTensor& tensor : architecture.tensors) {
            if (tensor.kind != kClasses[i]) continue;
            whole = whole && used(tensor) && tensor.active.is(tensor.repeat);
            if (used(tensor)) sum += active_params(tensor);
        }
        if (whole) active += inventory.by_class[i];
        else if (sum)
            active += ledger.named(
                sum, {"active_", class_key(kClasses[i]), "_params|Active parameters: ", class_name(kClasses[i]), "|params"});
    }
    inventory.active = ledger.named(active, "active_params|Parameters that one token uses|params");
    const Quantity without_embedding = architecture.tied ? inventory.active : inventory.active - tables;
    inventory.active_without_embedding = ledger.named(
        without_embedding, "active_params_without_embedding|Active parameters without the input embedding|params");
    inventory.active_without_tables =
        ledger.named(inventory.active - tables - head,
                     "active_params_without_tables|Active parameters without embedding and head|params");
    Quantity multiplied;
    for (const Product& product : architecture.products) {
        if (product.stream == Stream::kOnce || (architecture.generates && product.stream == Stream::kImage)) continue;
        const Quantity each = product.repeat * product.in * product.out;
        multiplied += product.experts ? each * product.chosen : each;
    }
    inventory.matmul_params = ledger.named(multiplied, "matmul_params|Weights that one token is multiplied with|params");
    return inventory;
}

Quantity cached_elements_per_token(Model& model) {
    Quantity sum;
    for (const Attention& attention : model.architecture.attentions) {
        if (attention.cached && attention.keys == Stream::kTokens) sum += attention.repeat * attention.cached;
    }
    return model.ledger.named(sum, "kv_elements_per_token|Cached numbers per token, all layers");
}

Quantity cached_elements(Model& model, Quantity tokens, Quantity source_tokens, const std::string& suffix) {
    Quantity sum;
    for (const Attention& attention : model.architecture.attentions) {
        if (!attention.cached) continue;
        const bool cross = attention.keys != Stream::kTokens;
        const Quantity seen = cross ? source_tokens : attention.window ? least(tokens, attention.window) : tokens;
        if (!seen) continue;
        sum += model.ledger.named(attention.repeat * attention.cached * seen,
                                  {"kv_elements ", attention.title, suffix, "|Cached numbers: ", attention.title});
    }
    return model.ledger.named(sum, {"kv_elements", suffix, "|Cached numbers of one sequence"});
}

}  // namespace clearformer::estimate
