// Feed-forward layers, blocks, and a whole decoder.

#include "clearformer/blocks/block.hpp"
#include "clearformer/blocks/model.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

/// The functions of the table by their one signature; the names are also those of steps of a flow.
constexpr FeedForwardResult (*feed_forward_layer)(const FeedForwardOptions&) = &feed_forward;
constexpr LlamaBlockResult (*llama_block_layer)(const LlamaBlockOptions&) = &llama_block;

EMSCRIPTEN_BINDINGS(blocks) {
    add<feed_forward_layer>();
    add<gated_feed_forward>();
    add<encoder_block>();
    add<decoder_block>();
    add<llama_block_layer>();
    add<decoder_model>();
}
