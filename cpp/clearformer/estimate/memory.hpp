#pragma once

// The memory that running a model takes: weights, cache, activations, and whether they fit a machine.

#include "clearformer/estimate/inventory.hpp"
#include "clearformer/estimate/workload.hpp"

namespace clearformer::estimate {

/// All in bytes unless it says otherwise; none where it does not apply. Section "memory" of the ledger; the name of each stands behind it.
struct MemoryPlan {
    Quantity weights_by_class[std::size(kClasses)];  // <class>_weights_bytes
    Quantity weights;                                // weights_bytes

    // What a decoder keeps. All three of the whole model, before it is split.
    Quantity kv_per_token;     // kv_bytes_per_token: windows do not matter to one token
    Quantity kv_per_sequence;  // kv_bytes_per_sequence: prompt and generated tokens, each layer's window, whole pages
    Quantity kv;               // kv_bytes: of the batch

    // The largest amount that stands in memory at once while the prompt is read, on the fullest device.
    Quantity activations_tiled;    // activation_bytes_tiled: scores never stand whole
    Quantity activations_untiled;  // activation_bytes_untiled: batch × heads × rows × keys of them do; none beyond 2^63
    Quantity activations;          // activation_bytes: the one of both that was asked for
    Quantity overhead;             // overhead_bytes

    // Of the fullest device.
    Quantity device_weights;          // device_weights_bytes
    Quantity device_kv_per_sequence;  // device_kv_bytes_per_sequence
    Quantity device_kv;               // device_kv_bytes
    Quantity device;                  // device_bytes

    // With hardware.
    Quantity usable;           // usable_bytes: memory_fraction × device_memory
    Quantity left;             // left_bytes; negative: it does not fit
    Quantity sequences;        // sequences_that_fit: beside weights, overhead and this batch's activations, on all devices
    Quantity devices_needed;   // devices_needed; none where no number up to 65,536 is enough
    std::string devices_rule;  // how devices_needed was found, as a sentence
};

/// The activations count one layer: the residual stream and its normed copy, and beside them the larger of queries, keys, values and output
/// (and scores), or of what the feed-forward opens; or the logits in float32. Every row of the batch's prompts runs at once; engines that
/// read prompts in chunks need less. `prompt` counts rows of the language model, those that an image becomes included.
///
/// A stage has as many devices as the larger of tensor_parallel and expert_parallel, of which one must divide the other. Where there are more
/// expert ways, the rest of a layer is copied and the batch shared out; where there are fewer, each expert is split further. Key and value
/// heads are copied once tensor_parallel exceeds them; the cache of latent attention is whole on every device.
///
/// devices_needed doubles tensor_parallel as long as heads allow it, then pipeline_parallel, and stops at the first number that fits.
///
/// Throws DomainError where the numbers contradict each other or the model.
MemoryPlan plan_memory(Model& model, const Inventory& inventory, const Workload& workload);

}  // namespace clearformer::estimate
