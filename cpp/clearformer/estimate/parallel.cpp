#include "clearformer/estimate/parallel.hpp"

#include <algorithm>
#include <cmath>

namespace clearformer::estimate {
namespace {

/// The product that a tensor of experts belongs to, for the number of its experts; null for all else.
const Product* experts_of(const Architecture& architecture, const WeightTensor& tensor) {
    if (tensor.active.is(tensor.repeat) && tensor.kind != Class::kExpert) return nullptr;
    for (const Product& product : architecture.products) {
        if (product.experts && std::string_view(tensor.name).starts_with(product.name)) return &product;
    }
    return nullptr;
}

bool is_one(Quantity ways) { return ways.count() == 1; }

Quantity parts(Quantity whole, Quantity ways) { return is_one(ways) ? whole : ceil_divide(whole, ways); }

}  // namespace

Size ranks_of_stage(const Workload& w) {
    const Size more = std::max(w.tensor_parallel, w.expert_parallel), fewer = std::min(w.tensor_parallel, w.expert_parallel);
    require(more % fewer == 0, "plan: of tensor_parallel ", w.tensor_parallel, " and expert_parallel ", w.expert_parallel,
            " one must divide the other");
    return more;
}

std::vector<Share> shares(const Architecture& architecture, const Split& split) {
    std::vector<Share> all;
    for (const WeightTensor& tensor : architecture.tensors) {
        Share share{&tensor, tensor.repeat, tensor.shape.elements(), Share::kLayers, false};
        const Product* product = experts_of(architecture, tensor);
        share.expert = product != nullptr;
        if (product) {
            share.copies = parts(product->repeat, split.pipeline) * parts(product->experts, split.expert);
            if (tensor.matrix) share.elements = parts(share.elements, split.expert_width);
        } else {
            if (tensor.repeat.is(architecture.one())) {
                const bool first = tensor.kind == Class::kEmbedding || tensor.kind == Class::kPosition ||
                                   tensor.stream == Stream::kImage || tensor.stream == Stream::kEncoder;
                share.place = first ? Share::kFirst : Share::kLast;
            } else {
                share.copies = parts(tensor.repeat, split.pipeline);
            }
            const bool cut = tensor.kind != Class::kRouter && tensor.kind != Class::kPosition;
            if ((tensor.matrix || tensor.looked_up) && cut) share.elements = parts(share.elements, split.tensor);
        }
        all.push_back(share);
    }
    return all;
}

Quantity on_fullest_device(const Architecture& architecture, const Split& split, const std::vector<Share>& all,
                           OfShare each) {
    Quantity layers, first, last;
    for (const Share& share : all) {
        const Quantity amount = each(share);
        if (!amount) continue;
        if (share.place == Share::kLayers || is_one(split.pipeline)) layers += amount;
        else if (share.place == Share::kFirst) first += amount;
        else last += amount;
        const bool table = share.tensor->kind == Class::kEmbedding && share.tensor->looked_up;
        if (architecture.tied && table && !is_one(split.pipeline)) last += amount;
    }
    if (!first || !last) return layers + first + last;
    return layers + greatest(first, last);
}

std::string split_problem(const Architecture& architecture, std::int64_t tensor, std::int64_t pipeline,
                          std::int64_t expert) {
    for (const Attention& attention : architecture.attentions) {
        const std::int64_t heads = attention.heads.count(), kv_heads = attention.kv_heads.count();
        if (heads % tensor != 0) return sentence(heads, " heads cannot be split over tensor_parallel ", tensor, " evenly");
        if (kv_heads % tensor != 0 && tensor % kv_heads != 0) {
            return sentence("tensor_parallel ", tensor, " must divide ", kv_heads,
                            " key and value heads or be a multiple of them");
        }
    }
    if (architecture.layers && pipeline > architecture.layers.count()) {
        return sentence("pipeline_parallel must be at most the ", architecture.layers.count(), " layers, got ", pipeline);
    }
    if (expert == 1) return "";
    std::int64_t most = 1;
    for (const Product& product : architecture.products) {
        if (product.experts) most = std::max(most, product.experts.count());
    }
    if (expert <= most) return "";
    return sentence("expert_parallel must be at most the ", most, most == 1 ? " feed-forward" : " experts",
                    " of a layer, got ", expert);
}

void check_split(const char* where, const Architecture& architecture, std::int64_t tensor, std::int64_t pipeline,
                 std::int64_t expert) {
    const std::string problem = split_problem(architecture, tensor, pipeline, expert);
    require(problem.empty(), where, ": ", problem);
}

}  // namespace clearformer::estimate
