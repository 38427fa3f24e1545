#pragma once

// The memory, compute, time and money that training a model takes.

#include "clearformer/estimate/inventory.hpp"
#include "clearformer/estimate/workload.hpp"

namespace clearformer::estimate {

/// Bytes of the fullest device unless it says otherwise; none where it does not apply. Section "training" of the ledger.
struct TrainingMemory {
    Quantity adapter_params;    // adapter_params, of the whole model; none without adapters
    Quantity trainable_params;  // trainable_params, of the whole model

    Quantity weights;    // training_weights_bytes
    Quantity gradients;  // gradient_bytes
    Quantity master;     // master_bytes: float32 copies; none where there are none
    Quantity optimizer;  // optimizer_bytes
    Quantity states;     // training_states_bytes: the four together

    Quantity layer_activations;  // training_layer_activation_bytes: what the layers keep, of all micro-batches in flight
    Quantity outer_activations;  // training_outer_activation_bytes: embedding, final norm, logits
    Quantity activations;        // training_activation_bytes: both
    Quantity
        published_activations;  // training_activation_bytes_as_published: Korthikanti et al.'s formula for the layers, a double

    Quantity overhead;  // training_overhead_bytes
    Quantity device;    // training_device_bytes
    // With hardware.
    Quantity usable;  // training_usable_bytes
    Quantity left;    // training_left_bytes; negative: it does not fit
    Quantity
        zero3_data_parallel;  // zero3_data_parallel: ways of data parallelism that are needed with ZeRO stage 3; none: no number is enough
    Quantity zero3_devices;  // zero3_devices: times tensor and pipeline ways

    // Of the whole run.
    Quantity forward_flops;  // training_forward_flops: of one sequence
    Quantity flops;          // training_flops: forward, backward and what is computed again
    Quantity flops_6nd;      // training_flops_6nd: 6 × active parameters × tokens
    Quantity steps;          // training_steps
    Quantity seconds;        // training_seconds; hours, money and energy follow
    Quantity device_hours;   // training_device_hours
    Quantity usd, kwh;       // training_usd, training_kwh; none where price or watts are not known
};

/// States (Rajbhandari et al. 2020): weights, gradients, float32 copies where the weights have fewer bits, and the optimizer's. ZeRO shares out
/// among data_parallel devices the optimizer's and the copies (stage 1), gradients too (2), weights too (3); experts are shared out by
/// expert_parallel first and by ZeRO among data_parallel / expert_parallel.
///
///     adamw      two float32 numbers per parameter
///     adamw8bit  two bytes, and for every 2048 of each a float32 constant (bitsandbytes before block 256: 2.004 bytes per parameter, then
///                2.031); tensors below 4096 elements keep two float32 numbers
///     adafactor  a float32 for each row and each column of a matrix, one per element of a vector; no first moment
///     sgd        nothing
///     momentum   one float32 number
///     muon       one float32 number for the matrices of the layers; as adamw for tables, head, norms and biases
///
/// Activations follow Korthikanti et al. 2022 (arXiv 2205.05198), section 4, with the widths of the architecture itself. In numbers of a row:
///
///     attention     the input of the projections once; queries, keys, values; the output projection's input; dropout: a mask of its output
///     scores        rows × keys × heads of softmax, with dropout once more and a mask; in tiles: a float32 sum for each head
///     feed-forward  the input; what it opens; gated: the activated gate; the hidden numbers; dropout: a mask of its output
///     experts       the same for each chosen one, and its output; the router's probabilities in float32
///     norms         the input of each
///
/// With F = 4h, as many key and value heads as heads, no gate, dropout and no tiles, that is the paper's sbh (34 + 5as/h). Tensor
/// parallelism leaves whole what the paper leaves whole (10 of the 34): inputs, norms and masks; sequence parallelism splits those too. One
/// forward and one backward pass alternate (1F1B): the first stage keeps min(stages, micro-batches) of them. Recomputation: "selective"
/// keeps no scores; "full" the input of each layer and, while one is computed again, that layer. A layer whose attention and feed-forward
/// run side by side keeps one input less than counted.
///
/// Compute: products and attention of a sequence forward, twice that backward (once for weights that adapters leave as they are), and
/// once more for what is computed again: the layers (full), attention (selective), or queries times keys (in tiles, Dao 2023).
///
/// Adapters are stored in bfloat16, whole on every device of a stage.
///
/// Throws DomainError where the numbers contradict each other or the model.
TrainingMemory plan_training_memory(Model& model, const Inventory& inventory, const Training& training);

}  // namespace clearformer::estimate
