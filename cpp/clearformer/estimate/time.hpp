#pragma once

// How long the work takes on a machine: a roofline for each operation (Williams et al. 2009), and what follows from it: time to the first
// token, tokens per second, cost. Everything here is an estimate.

#include "clearformer/estimate/compute.hpp"

namespace clearformer::estimate {

/// One operation on one device.
struct OperationTime {
    Quantity seconds;            // the longer of computing and moving, at the utilisations assumed
    Quantity intensity;          // FLOP per byte; none for operations without FLOPs
    bool compute_bound = false;  // computing takes at least as long as moving
    const char* bound() const { return compute_bound ? "compute" : "memory"; }
};

/// One pass: the operations in the order of Work::operations, one after the other.
struct PassTime {
    std::vector<OperationTime> operations;
    Quantity operations_seconds, communication_seconds, seconds;  // communication: none on one device
};

/// Decoding that drafts (Leviathan et al. 2023).
struct SpeculationTime {
    Quantity tokens_per_step;  // expected: (1 - α^(γ + 1)) / (1 - α), equation 1; γ + 1 where α is 1
    Quantity speed_up;         // theorem 3.8: that over γ c + 1
    Quantity tokens_per_second;
};

/// Quantities that were not asked for, or that the model does not have, are none.
struct Time {
    PassTime prefill, decode;
    Quantity time_to_first_token;  // prefill_seconds: what is cached of the prompt takes no time
    Quantity seconds_per_token;    // one decoding step of the whole batch, the mean over the tokens generated
    Quantity tokens_per_second;    // of one sequence
    Quantity tokens_per_second_total, prompt_tokens_per_second;  // of all sequences on all devices
    Quantity images_per_second;                                  // of models of images
    Quantity request_seconds;                                    // first token and the others, one at a time
    Quantity compute_bound_batch;  // the smallest at which the products of a decoding step compute longer than they move
    SpeculationTime speculation;
    Quantity usd_per_million_tokens, usd_per_million_prompt_tokens, usd_per_million_images;
    Quantity joules_per_token;
    std::vector<std::string> left_out;  // sentences: what is not modelled, what is taken for granted
};

/// Times of count_compute's work on workload.hardware.
///
/// seconds of an operation = max(FLOPs / (peak × utilisation × t), bytes / (bandwidth × utilisation × t)), t of tensor parallelism; a cache
/// that has fewer heads of keys than t is copied, not cut.
/// Tensor parallelism adds ring all-reduces, two for each layer (after attention and after the feed-forward): rows × width × bytes ×
/// 2 (t - 1) / t over one direction of the link, half of what a datasheet adds up (Patarasuk and Yuan 2009).
/// Pipeline parallelism: a token passes all stages, so it takes as long, and p batches are under way at once, so there are p times as many.
/// Expert parallelism: experts are spread over e devices, all else is computed by each for its share of the sequences; rows are exchanged
/// before and after each layer of experts, (e - 1) / e of them leave the device.
/// devices / (t p e), rounded down, replicas work side by side, each with a batch of its own.
/// Contexts grow from prompt + 1 to prompt + generated; a step is timed at the mean number of visible keys, which is exact for bytes and
/// FLOPs, not for where the roofline bends.
/// Throws DomainError without hardware, for a peak or bandwidth that is not above 0, utilisations outside (0, 1], more than one device
/// without a link, parallelism that needs more devices than there are, speculation out of range.
Time estimate_time(Model& model, const Workload& workload, const Compute& compute);

}  // namespace clearformer::estimate
