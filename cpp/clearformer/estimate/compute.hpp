#pragma once

// The work of one pass through a model: every matrix product, attention and look-up with its FLOPs and the bytes it moves.
//
// FLOPs are 2 per multiply-accumulate. Norms, activation functions, residual sums, softmax and biases count as 0 FLOPs; what norms, scales
// and biases move is counted. Functions on the elements are taken as fused with the product before them and move nothing.

#include "clearformer/estimate/element_bytes.hpp"
#include "clearformer/estimate/model.hpp"
#include "clearformer/estimate/workload.hpp"

#include <optional>

namespace clearformer::estimate {

enum class Pass {
    kPrefill,  // the prompt without what is cached of it, the encoder's input, the images; all of a model that does not generate
    kDecode,  // one new token for each sequence
    kForward  // the forward pass of training: batch sequences of prompt tokens, the head on all of them
};
struct Phase {
    Pass pass = Pass::kPrefill;
    /// Of kDecode: the tokens of a sequence, the new one included; none: the mean over prompt + 1 to prompt + generated.
    std::optional<Size> context = std::nullopt;
};

/// What an operation is, for grouping and for time.
enum class OperationKind { kProduct, kAttention, kLookUp, kRest };

/// One operation, over all its layers and the whole batch. Absent quantities are none.
struct Operation {
    const char *name = "", *title = "";  // "model.layers.{i}.mlp.up_proj", "up"
    OperationKind type = OperationKind::kProduct;
    Class kind = Class::kOther;
    Stream stream = Stream::kTokens;
    const char* phase = "";     // "prefill", "decode", "forward", "training"
    Quantity flops, macs;       // macs: of models that do not generate, as their papers print them
    Quantity weight_bytes;      // read once for the whole batch; of experts those that are chosen at all
    Quantity activation_bytes;  // read and written
    Quantity cache_bytes;       // read and written
    Quantity experts, chosen;   // of products of experts
    Quantity cache_shards;      // into how many parts tensor parallelism can cut the cache: heads of keys, or 1 for latents
    Quantity bytes() const { return weight_bytes + activation_bytes + cache_bytes; }
};

/// One pass. Totals are named "<phase>_flops" and so on.
struct Work {
    const char* phase = "";
    std::vector<Operation> operations;
    Quantity flops, macs, attention_flops, attention_share;  // attention: scores and weighted sums, no projections
    Quantity weight_bytes, activation_bytes, cache_bytes;
    Quantity flops_per_token;           // of decoding and training
    Quantity batch, images, generated;  // as asked for; images and generated may be none
    Quantity rows;                      // of the main stream: tokens or rows of images, all sequences together
};

/// The work of a pass, per operation and in all; names "flops <phase> <operation>" and likewise macs, weight_bytes, activation_bytes,
/// cache_bytes.
///
/// Products: 2 × rows × in × out × repeat; of experts × chosen. Weights of experts: E (1 - (1 - k/E)^rows) of them are read, the expected
/// number for uniform and independent routing.
/// Attention: 2 × heads × pairs × (width + v_width) × layers. Pairs: with skip_masked what the mask leaves (visible.hpp), else T × S.
/// Latent attention (DeepSeek-V2, section 2.1.2 and appendix C): a prompt is expanded to keys and values for each head. Decoding does the
/// same for the whole context; with `absorbed` the expansion is multiplied into queries and outputs instead, which costs what expanding
/// the new token alone would (H latent (nope + v) multiply-accumulates a row), and scores run over latent + rotary, sums over the latent.
/// Images are counted per image for models of images, per sequence for models that write. What an image_size changes is read by
/// read_model; one that was not is a DomainError. Throws DomainError where prefix_cached is not below prompt, or a count is 0.
Work count_work(Model& model, const Workload& workload, Phase phase, const ElementBytes& bytes);
std::vector<Operation> operations(Model& model, const Workload& workload, Phase phase);

/// Prefill (or, of a model that does not generate, the forward pass) and decoding.
struct Compute {
    Work prefill, decode;  // decode.operations is empty where nothing is generated
};
Compute count_compute(Model& model, const Workload& workload);

/// What training runs forward: a micro-batch.
Workload forward_of(const Training& training);

}  // namespace clearformer::estimate
