#include "clearformer/estimate/understood.hpp"

namespace clearformer::estimate {

Understood understood(const Model& model) {
    return {model.model_type, model.known,       model.architecture.generates, model.architecture.tied, model.notes,
            model.used_keys,  model.ignored_keys};
}

std::vector<QuantityTerm> headlines(const Model& model) {
    std::vector<QuantityTerm> list;
    for (const Quantity quantity : model.ledger.named_quantities()) {
        if (model.ledger.name(quantity).find_first_of(" #") == std::string_view::npos) {
            list.push_back(model.ledger.term(quantity));
        }
    }
    return list;
}

std::vector<TensorRow> tensor_rows(const Model& model) {
    std::vector<TensorRow> rows;
    for (const WeightTensor& tensor : model.architecture.tensors) {
        TensorRow row;
        row.name = tensor.name;
        row.kind = class_name(tensor.kind);
        row.quantity = join({"params ", tensor.name});
        for (const Quantity extent : tensor.shape) row.shape.push_back(extent.value());
        row.repeat = tensor.repeat.value();
        row.params = exact("the number of parameters", tensor.params);
        row.active = row.params * (tensor.active.value() / row.repeat);
        rows.push_back(std::move(row));
    }
    return rows;
}

double exact(const char* what, Quantity quantity) {
    require(!quantity.whole() || quantity.count() <= (std::int64_t{1} << 53), "config: ", what,
            " is beyond 2^53: ", quantity.value());
    return quantity.value();
}

}  // namespace clearformer::estimate
