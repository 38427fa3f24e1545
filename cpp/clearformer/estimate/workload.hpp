#pragma once

// What a plan is asked for: the work, the number formats, the machine. Defaults are the reader's to change; each becomes a quantity.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clearformer/extents.hpp"

namespace clearformer::estimate {

/// One accelerator.
struct Hardware {
    std::string name = "unnamed device";
    double memory = 0;     // bytes
    double bandwidth = 0;  // bytes per second
    double flops = 0;      // FLOP/s, dense, in the format that computes
    double link = 0;       // bytes per second between devices, both directions together; 0: there is none
    double watts = 0;      // 0: not known
    std::string origin =
        "input";  // where these numbers come from: "cited" (a datasheet), "measured" (this device, now), "input"
    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("name", name);
        field.required("memory", memory);
        field.required("bandwidth", bandwidth);
        field.required("flops", flops);
        field.optional("link", link);
        field.optional("watts", watts);
        field.optional("origin", origin);
    }
};

/// The format of the weights of one class, where it differs from the rest.
struct ClassFormat {
    std::string kind,
        format;  // kind: "embedding", "attention", "feed-forward", "expert", "shared expert", "router", "norm", "head", ...
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("kind", kind);
        field.required("format", format);
    }
};

/// Speculative decoding: a draft proposes, the model checks (Leviathan et al. 2023).
struct Speculation {
    Size proposed = 4;        // tokens drafted at a time (gamma)
    double acceptance = 0.7;  // chance that a drafted token is kept (alpha), assumed
    double cost = 0.05;       // time of one draft step as a share of one step of the model, assumed
    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("proposed", proposed);
        field.optional("acceptance", acceptance);
        field.optional("cost", cost);
    }
};

/// Running a model.
struct Workload {
    Size batch = 1, prompt = 1024, generated = 256;  // sequences; tokens of each
    Size source = 512;                               // tokens of an encoder's input
    Size images = 1;                                 // of an image model, or before the prompt of a model that sees
    std::optional<Size> image_size;                  // pixels a side, where it differs from the configuration's
    Size prefix_cached = 0;                          // tokens of the prompt whose keys and values are there already
    std::string weights = "bf16", cache = "bf16", activations = "bf16";  // of formats.hpp; which tensors: WeightFormats
    std::vector<ClassFormat> weights_by_class;
    Size page = 1;             // tokens of a page of the cache (vLLM: 16)
    bool tiled = true;         // attention in tiles: scores never stand in memory whole
    bool skip_masked = true;   // a causal kernel leaves out what the mask hides
    bool head_on_last = true;  // the head runs for the last token of a prompt only
    bool absorbed = true;      // latent attention decodes in the latent (DeepSeek-V2, section 2.1.2)
    std::optional<Hardware> hardware;
    // devices = pipeline_parallel × the larger of tensor_parallel and expert_parallel, of which one divides the other.
    Size devices = 1, tensor_parallel = 1, pipeline_parallel = 1, expert_parallel = 1;
    double memory_fraction = 0.9;  // of each device's memory that may be used (vLLM: gpu_memory_utilization)
    double overhead = 1e9;         // bytes on each device for the runtime and its buffers, assumed
    double compute_utilisation = 0.5, bandwidth_utilisation = 0.7,
           link_utilisation = 0.7;  // of the datasheet's figures, assumed
    std::optional<Speculation> speculation;
    double price = 0;  // USD per device and hour; 0: not asked

    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("batch", batch);
        field.optional("prompt", prompt);
        field.optional("generated", generated);
        field.optional("source", source);
        field.optional("images", images);
        field.optional("image_size", image_size);
        field.optional("prefix_cached", prefix_cached);
        field.optional("weights", weights);
        field.optional("cache", cache);
        field.optional("activations", activations);
        field.optional("weights_by_class", weights_by_class);
        field.optional("page", page);
        field.optional("tiled", tiled);
        field.optional("skip_masked", skip_masked);
        field.optional("head_on_last", head_on_last);
        field.optional("absorbed", absorbed);
        field.optional("hardware", hardware);
        field.optional("devices", devices);
        field.optional("tensor_parallel", tensor_parallel);
        field.optional("pipeline_parallel", pipeline_parallel);
        field.optional("expert_parallel", expert_parallel);
        field.optional("memory_fraction", memory_fraction);
        field.optional("overhead", overhead);
        field.optional("compute_utilisation", compute_utilisation);
        field.optional("bandwidth_utilisation", bandwidth_utilisation);
        field.optional("link_utilisation", link_utilisation);
        field.optional("speculation", speculation);
        field.optional("price", price);
    }
};

/// LoRA: which matrices have adapters, and of what rank (Hu et al. 2021).
struct Adapters {
    Size rank = 16;
    std::vector<std::string>
        targets;  // the last parts of tensor names: "q_proj"; empty: every matrix of attention and feed-forward, experts included
    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("rank", rank);
        field.optional("targets", targets);
    }
};

/// Training a model.
struct Training {
    Size sequence = 2048, micro_batch = 1,
         global_batch = 64;  // tokens; sequences per device at once; sequences per step, all devices
    double tokens = 1e9;     // of the whole run
    std::string weights = "bf16", gradients = "bf16", activations = "bf16";
    bool dropout = false;                // masks of one byte, and what they let through, are kept (GPT-2, BERT; not Llama)
    bool tiled = true;                   // attention in tiles: its scores are computed again, not kept
    bool skip_masked = true;             // a causal kernel leaves out what the mask hides
    bool master = true;                  // a float32 copy of the weights
    std::string optimizer = "adamw";     // adamw, adamw8bit, adafactor, sgd, momentum, muon
    std::string recomputation = "none";  // none, selective, full (Korthikanti et al. 2022)
    int zero = 0;                        // stage 0 to 3 (Rajbhandari et al. 2020)
    // devices = data_parallel × tensor_parallel × pipeline_parallel; expert_parallel divides data_parallel.
    Size data_parallel = 1, tensor_parallel = 1, pipeline_parallel = 1, expert_parallel = 1;
    bool sequence_parallel = true;     // with tensor parallelism
    std::optional<Adapters> adapters;  // then only they are trained
    std::optional<Hardware> hardware;
    double memory_fraction = 0.9, overhead = 1e9;
    double utilisation = 0.4;  // FLOP/s that are carried out, recomputation included, over peak; assumed
    double price = 0;          // USD per device and hour

    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("sequence", sequence);
        field.optional("micro_batch", micro_batch);
        field.optional("global_batch", global_batch);
        field.optional("tokens", tokens);
        field.optional("weights", weights);
        field.optional("gradients", gradients);
        field.optional("activations", activations);
        field.optional("dropout", dropout);
        field.optional("tiled", tiled);
        field.optional("skip_masked", skip_masked);
        field.optional("master", master);
        field.optional("optimizer", optimizer);
        field.optional("recomputation", recomputation);
        field.optional("zero", zero);
        field.optional("data_parallel", data_parallel);
        field.optional("tensor_parallel", tensor_parallel);
        field.optional("pipeline_parallel", pipeline_parallel);
        field.optional("expert_parallel", expert_parallel);
        field.optional("sequence_parallel", sequence_parallel);
        field.optional("adapters", adapters);
        field.optional("hardware", hardware);
        field.optional("memory_fraction", memory_fraction);
        field.optional("overhead", overhead);
        field.optional("utilisation", utilisation);
        field.optional("price", price);
    }
};

}  // namespace clearformer::estimate
