#pragma once

// Attentions and feed-forwards as wholes: the products around one attention, and those from a row to its hidden numbers and back. What
// stands in memory while a layer runs, or until its gradient is taken, is counted by them.

#include "clearformer/estimate/architecture.hpp"

namespace clearformer::estimate {

/// One attention with the products around it.
struct AttentionBlock {
    const Attention* core;
    std::vector<const Product*> projections;  // the last gives the block's output; empty where the layout names none
    Quantity width;                           // of the rows that come in and go out
};
std::vector<AttentionBlock> attention_blocks(const Architecture& architecture);

/// One feed-forward: products that open a row of `width` to `opened` numbers, and one that closes `hidden` of them. A gated one opens
/// twice its hidden numbers.
struct FeedForwardBlock {
    const char* title;  // "feed-forward", "expert"
    Class kind;
    Stream stream;
    Quantity width, opened, hidden, repeat;
    Quantity experts, chosen;  // none: every row uses the one
    Quantity rows;             // as in Product
    bool gated() const { return opened.value() == 2 * hidden.value(); }
};
std::vector<FeedForwardBlock> feed_forward_blocks(const Architecture& architecture);

/// Rows of the streams: of how many rows a sequence or an image consists.
struct StreamRows {
    Quantity tokens, encoder, images, one;
    /// Rows of a stream, or `own` where a product has its own number for one image. None: the layout says nothing.
    Quantity of(const Architecture& architecture, Stream stream, Quantity own) const;
};

}  // namespace clearformer::estimate
