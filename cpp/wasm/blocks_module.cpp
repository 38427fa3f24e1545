// Feed-forward layers and blocks.

#include "clearformer/blocks/block.hpp"
#include "clearformer/blocks/feed_forward_backward.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

/// The functions of the table by their one signature; the names are also those of steps of a flow.
constexpr FeedForwardResult (*feed_forward_layer)(const FeedForwardOptions&) = &feed_forward;
constexpr EncoderBlockResult (*encoder_block_layer)(const EncoderBlockOptions&) = &encoder_block;
constexpr DecoderBlockResult (*decoder_block_layer)(const DecoderBlockOptions&) = &decoder_block;
constexpr LlamaBlockResult (*llama_block_layer)(const LlamaBlockOptions&) = &llama_block;

EMSCRIPTEN_BINDINGS(blocks) {
    add<feed_forward_layer>();
    add<gated_feed_forward>();
    add<encoder_block_layer>();
    add<decoder_block_layer>();
    add<llama_block_layer>();
    add<gated_feed_forward_backward>();
}
