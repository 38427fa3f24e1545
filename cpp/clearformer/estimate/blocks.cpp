#include "clearformer/estimate/blocks.hpp"

#include <cstring>

namespace clearformer::estimate {

std::vector<AttentionBlock> attention_blocks(const Architecture& architecture) {
    std::vector<AttentionBlock> blocks;
    for (const Attention& attention : architecture.attentions) {
        AttentionBlock block{&attention, {}, architecture.width};
        std::string_view place = attention.name;
        if (place.ends_with("attention")) place.remove_suffix(std::strlen("attention"));
        for (const Product& product : architecture.products) {
            if (product.kind != Class::kAttention || !std::string_view(product.name).starts_with(place)) continue;
            block.projections.push_back(&product);
            block.width = product.out;
        }
        if (!block.width) block.width = attention.heads * attention.v_width;
        blocks.push_back(std::move(block));
    }
    return blocks;
}

std::vector<FeedForwardBlock> feed_forward_blocks(const Architecture& architecture) {
    std::vector<FeedForwardBlock> blocks;
    const Product* first = nullptr;
    Quantity opened;
    for (const Product& product : architecture.products) {
        const bool feeds =
            product.kind == Class::kFeedForward || product.kind == Class::kExpert || product.kind == Class::kShared;
        if (first && (!feeds || product.kind != first->kind || product.stream != first->stream)) first = nullptr;
        if (!feeds) continue;
        if (!first) {
            first = &product;
            opened = product.out;
        } else if (product.in.is(first->in)) {
            opened += product.out;
        } else {
            blocks.push_back({class_name(product.kind), product.kind, product.stream, first->in, opened, product.in,
                              product.repeat, product.experts, product.chosen, product.rows});
            first = nullptr;
        }
    }
    return blocks;
}

Quantity StreamRows::of(const Architecture& architecture, Stream stream, Quantity own) const {
    switch (stream) {
        case Stream::kTokens:
            if (own) return images * own;
            // An encoder of images alone has its rows in the main stream.
            return !architecture.generates && architecture.image_rows && !architecture.vocabulary
                       ? images * architecture.image_rows
                       : tokens;
        case Stream::kText: return tokens;
        case Stream::kEncoder: return encoder;
        case Stream::kImage:
            return own ? images * own : architecture.image_rows ? images * architecture.image_rows : Quantity{};
        case Stream::kOnce: break;
    }
    return one;
}

}  // namespace clearformer::estimate
