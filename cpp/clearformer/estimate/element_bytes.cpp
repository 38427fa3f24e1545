#include "clearformer/estimate/element_bytes.hpp"

#include "clearformer/estimate/formats.hpp"
#include "clearformer/estimate/inputs.hpp"

namespace clearformer::estimate {

ElementBytes element_bytes(Model& model, const Workload& workload) {
    const auto element = [&](const std::string& title, const Format& format) {
        return input(model.ledger, join({title, "|B|", format.title, ", scales included"}), format.bits() / 8);
    };
    ElementBytes bytes;
    bytes.cache = element("cache_element_bytes|Bytes of a cached number", find_format("plan: cache", workload.cache));
    bytes.activations =
        element("activation_element_bytes|Bytes of an activation", find_format("plan: activations", workload.activations));
    const WeightFormats formats("plan", workload.weights, workload.weights_by_class);
    const Format& most = find_format("plan: weights", workload.weights);
    for (std::size_t i = 0; i < std::size(kClasses); ++i) {
        WeightTensor tensor;
        tensor.kind = kClasses[i];
        tensor.matrix = kClasses[i] != Class::kNorm && kClasses[i] != Class::kPosition;
        tensor.looked_up = kClasses[i] == Class::kEmbedding || kClasses[i] == Class::kPosition;
        const Format& format = formats.of(tensor);
        const std::string kind = class_name(kClasses[i]);
        bytes.weights[i] = &format == &most
                               ? element("weight_element_bytes|Bytes of a weight", most)
                               : element(join({"weight_element_bytes ", kind, "|Bytes of a weight: ", kind}), format);
    }
    return bytes;
}

}  // namespace clearformer::estimate
