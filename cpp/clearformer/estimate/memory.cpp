#include "clearformer/estimate/memory.hpp"

#include <cmath>

#include "clearformer/estimate/blocks.hpp"
#include "clearformer/estimate/formats.hpp"
#include "clearformer/estimate/parallel.hpp"

namespace clearformer::estimate {
namespace {

constexpr const char* kWhere = "plan";
constexpr std::int64_t kMostDevices = 65536;

struct Inputs {
    Quantity batch, prompt, generated, source, images, page, prefix;
};

/// A way of laying the model over devices.
struct Placement {
    Split split;
    Quantity copies;  // of all but the experts in one stage: expert_parallel beyond tensor_parallel
};

struct OneDevice {
    Quantity weights, kv_per_sequence;
};

class Memory {
public:
    Memory(Model& model, const Inventory& inventory, const Workload& workload)
        : a_(model.architecture),
          l_(model.ledger),
          inventory_(inventory),
          w_(workload),
          weights_(kWhere, workload.weights, workload.weights_by_class),
          cache_(find_format(kWhere, workload.cache)),
          activation_(find_format(kWhere, workload.activations)) {}

    MemoryPlan plan() {
        check();
        l_.section("memory");
        read_inputs();
        MemoryPlan plan;
        whole_weights(plan);
        whole_cache(plan);
        on_device(plan);
        if (w_.hardware) on_hardware(plan);
        return plan;
    }

private:
    static std::int64_t number(Size size) { return static_cast<std::int64_t>(size); }
    void check() const {
        require(w_.batch >= 1 && w_.page >= 1 && w_.devices >= 1 && w_.tensor_parallel >= 1 && w_.pipeline_parallel >= 1 &&
                    w_.expert_parallel >= 1,
                kWhere, ": batch, page, devices, tensor_parallel, pipeline_parallel and expert_parallel must be at least 1");
        require(w_.prefix_cached <= w_.prompt, kWhere, ": prefix_cached must be at most the ", w_.prompt,
                " tokens of the prompt, got ", w_.prefix_cached);
        require(w_.memory_fraction > 0 && w_.memory_fraction <= 1, kWhere, ": memory_fraction must be in (0, 1], got ",
                w_.memory_fraction);
        const Size more = ranks_of_stage(w_);
        require(static_cast<double>(more) * static_cast<double>(w_.pipeline_parallel) == static_cast<double>(w_.devices),
                kWhere, ": ", more == w_.tensor_parallel ? "tensor_parallel " : "expert_parallel ", more,
                " × pipeline_parallel ", w_.pipeline_parallel, " must be the number of devices, ", w_.devices);
        check_split(kWhere, a_, number(w_.tensor_parallel), number(w_.pipeline_parallel), number(w_.expert_parallel));
        if (w_.hardware) {
            require(w_.hardware->memory > 0, kWhere, ": the device's memory must be above 0, got ", w_.hardware->memory);
        }
    }

    void read_inputs() {
        const auto tokens = [&](const char* title, Size value) { return input(l_, title, number(value)); };
        in_.batch = input(l_, "batch|Sequences at once", number(w_.batch));
        in_.prompt = tokens("prompt|Prompt|tokens", w_.prompt);
        in_.generated = tokens("generated|Generated tokens|tokens", w_.generated);
        in_.source = tokens("source|Tokens of the encoder's input|tokens", w_.source);
        in_.images = input(l_, "images|Images of a sequence", number(w_.images));
        in_.page = tokens("page|Tokens of a page of the cache|tokens", w_.page);
        in_.prefix = tokens("prefix_cached|Tokens of the prompt that are cached|tokens", w_.prefix_cached);
    }

    Placement placed_over(std::int64_t tensor, std::int64_t pipeline, std::int64_t expert, bool inputs) {
        const auto ways = [&](const char* title, std::int64_t value) {
            return inputs ? input(l_, title, value) : l_.constant(value);
        };
        Placement layout;
        layout.split.tensor = ways("tensor_parallel|Ways of tensor parallelism", tensor);
        layout.split.pipeline = ways("pipeline_parallel|Stages of the pipeline", pipeline);
        layout.split.expert = ways("expert_parallel|Ways of expert parallelism", expert);
        layout.split.expert_width =
            tensor > expert ? floor_divide(layout.split.tensor, layout.split.expert) : l_.constant(std::int64_t{1});
        layout.copies =
            expert > tensor ? floor_divide(layout.split.expert, layout.split.tensor) : l_.constant(std::int64_t{1});
        return layout;
    }

    Quantity tensor_bytes(const WeightTensor& tensor, Quantity copies, Quantity elements) {
        return copies * format_bytes(l_, elements, weights_.of(tensor));
    }

    void whole_weights(MemoryPlan& plan) {
        for (std::size_t i = 0; i < std::size(kClasses); ++i) {
            if (!inventory_.by_class[i]) continue;
            const Format* only = nullptr;
            bool same = true;
            Quantity sum;
            for (const WeightTensor& tensor : a_.tensors) {
                if (tensor.kind != kClasses[i]) continue;
                const Format& format = weights_.of(tensor);
                same = same && (!only || only == &format);
                only = &format;
            }
            if (same && only->block == 1) {
                sum = format_bytes(l_, inventory_.by_class[i], *only);
            } else {
                for (const WeightTensor& tensor : a_.tensors) {
                    if (tensor.kind != kClasses[i]) continue;
                    sum += tensor_bytes(tensor, tensor.repeat, tensor.shape.elements());
                }
            }
            plan.weights_by_class[i] =
                l_.named(sum, {class_key(kClasses[i]), "_weights_bytes|Weights: ", class_name(kClasses[i]), "|B"});
            plan.weights += plan.weights_by_class[i];
        }
        plan.weights = l_.named(plan.weights, "weights_bytes|Weights|B");
    }

    /// Tokens that a layer keeps of a sequence, in whole pages.
    Quantity kept(const Attention& attention) {
        Quantity tokens = attention.keys == Stream::kTokens ? in_.prompt + in_.generated : in_.source;
        if (attention.window) tokens = least(tokens, attention.window);
        return w_.page == 1 ? tokens : ceil_divide(tokens, in_.page) * in_.page;
    }

    void whole_cache(MemoryPlan& plan) {
        bool cross = false;
        for (const Attention& attention : a_.attentions) {
            if (!attention.cached) continue;
            cross = cross || attention.keys != Stream::kTokens;
            const Quantity token = attention.repeat * format_bytes(l_, attention.cached, cache_);
            if (attention.keys == Stream::kTokens) plan.kv_per_token += token;
            plan.kv_per_sequence += l_.named(token * kept(attention), {"kv_bytes_per_sequence ", attention.title,
                                                                       "|Cache of a sequence: ", attention.title, "|B"});
        }
        if (!plan.kv_per_sequence) return;
        plan.kv_per_token = l_.named(plan.kv_per_token, "kv_bytes_per_token|Cache of a token, all layers|B");
        plan.kv_per_sequence = l_.named(plan.kv_per_sequence,
                                        cross ? "kv_bytes_per_sequence|Cache of a sequence and of its source|B"
                                              : "kv_bytes_per_sequence|Cache of a sequence, prompt and generated tokens|B");
        plan.kv = l_.named(in_.batch * plan.kv_per_sequence, "kv_bytes|Cache of the batch|B");
    }

    Quantity device_cache(const Placement& layout) {
        Quantity sum;
        const bool stages = layout.split.pipeline.count() > 1, ways = layout.split.tensor.count() > 1;
        for (const Attention& attention : a_.attentions) {
            if (!attention.cached) continue;
            const Quantity layers = stages ? ceil_divide(attention.repeat, layout.split.pipeline) : attention.repeat;
            const Quantity numbers = ways && !attention.latent
                                         ? ceil_divide(attention.cached, least(layout.split.tensor, attention.kv_heads))
                                         : attention.cached;
            sum += layers * format_bytes(l_, numbers, cache_) * kept(attention);
        }
        return sum;
    }

    /// Heads on one device: all of them without tensor parallelism, and one at least.
    static Quantity on_one(Quantity heads, const Split& split) {
        return split.tensor.count() == 1 ? heads : ceil_divide(heads, split.tensor);
    }

    /// The largest amount at once. Parts that both kernels share are named once.
    Quantity activation_bytes(const Placement& layout, bool tiled, bool names) {
        const Quantity local = layout.copies.count() == 1 ? in_.batch : ceil_divide(in_.batch, layout.copies);
        StreamRows rows;
        rows.tokens = local * (w_.prefix_cached == 0 ? in_.prompt : in_.prompt - in_.prefix);
        rows.encoder = local * in_.source;
        rows.images = local * in_.images;
        rows.one = local;
        const Split& split = layout.split;
        Quantity most;
        std::size_t part = 0;
        const auto consider = [&](Quantity bytes, const char* title) {
            if (names && part >= parts_.size()) parts_.push_back({});
            if (names && (!parts_[part] || bytes.value() != parts_[part].value())) {
                parts_[part] = l_.named(bytes, {"~activation_bytes ", title, "|Activations: ", title, "|B"});
            }
            if (names) bytes = parts_[part];
            ++part;
            most = most ? greatest(most, bytes) : bytes;
        };
        const auto bytes_of = [&](Quantity numbers) { return format_bytes(l_, numbers, activation_); };
        for (const AttentionBlock& block : attention_blocks(a_)) {
            const Attention& core = *block.core;
            const Quantity here = rows.of(a_, core.stream, core.rows), seen = rows.of(a_, core.keys, {});
            if (!here || here.count() == 0) continue;
            const Quantity heads = on_one(core.heads, split), kv_heads = on_one(core.kv_heads, split);
            Quantity numbers = here * (2 * block.width + heads * (core.width + core.v_width)) +
                               (seen ? seen : here) * (kv_heads * (core.width + core.v_width));
            if (!tiled) numbers += heads * here * keys_of(core);
            consider(bytes_of(numbers), tiled ? core.title : l_.text({core.title, " with scores"}));
        }
        for (const FeedForwardBlock& block : feed_forward_blocks(a_)) {
            Quantity here = rows.of(a_, block.stream, block.rows);
            if (!here || here.count() == 0) continue;
            Quantity opened = block.opened;
            if (block.chosen) {
                opened = block.chosen * opened;
                // Of all rows of a stage, each device computes its experts' share.
                if (layout.copies.count() > 1 || split.tensor.count() > 1) opened = ceil_divide(opened, split.tensor);
            } else {
                opened = on_one(opened, split);
            }
            consider(bytes_of(here * (2 * block.width + opened)), block.title);
        }
        for (const Product& product : a_.products) {
            if (product.kind != Class::kHead || !product.last_only) continue;
            const Quantity last = w_.head_on_last ? local : rows.of(a_, product.stream, product.rows);
            if (last) consider(format_bytes(l_, last * product.out, find_format(kWhere, "fp32")), "logits");
        }
        return most ? most : l_.constant(std::int64_t{0});
    }

    /// Keys of one sequence: all of them, as scores that stand in memory do not leave out a window.
    Quantity keys_of(const Attention& attention) const {
        if (attention.key_rows) return attention.key_rows;
        switch (attention.keys) {
            case Stream::kEncoder: return in_.source;
            case Stream::kImage: return a_.image_rows ? a_.image_rows : in_.prompt;
            default: return in_.prompt;
        }
    }

    OneDevice device_of(const Placement& layout) {
        OneDevice one;
        const auto each = [&](const Share& share) { return tensor_bytes(*share.tensor, share.copies, share.elements); };
        one.weights = on_fullest_device(a_, layout.split, shares(a_, layout.split), each);
        one.kv_per_sequence = device_cache(layout);
        return one;
    }

    Quantity batch_of(const Placement& layout) const {
        return layout.copies.count() == 1 ? in_.batch : ceil_divide(in_.batch, layout.copies);
    }

    void on_device(MemoryPlan& plan) {
        layout_ = placed_over(number(w_.tensor_parallel), number(w_.pipeline_parallel), number(w_.expert_parallel), true);
        const OneDevice one = device_of(layout_);
        plan.device_weights = l_.named(w_.devices == 1 ? plan.weights : one.weights,
                                       "device_weights_bytes|Weights on the fullest device|B", w_.devices > 1);
        if (one.kv_per_sequence) {
            plan.device_kv_per_sequence = l_.named(w_.devices == 1 ? plan.kv_per_sequence : one.kv_per_sequence,
                                                   "device_kv_bytes_per_sequence|Cache of a sequence on one device|B");
            plan.device_kv = l_.named(batch_of(layout_) * plan.device_kv_per_sequence,
                                      "device_kv_bytes|Cache of the batch on one device|B");
        }
        plan.activations_tiled =
            l_.named(activation_bytes(layout_, true, true),
                     "~activation_bytes_tiled|Activations while the prompt is read, attention in tiles|B");
        if (!w_.tiled || scores_are_counted()) {
            plan.activations_untiled =
                l_.named(activation_bytes(layout_, false, true),
                         "~activation_bytes_untiled|Activations while the prompt is read, scores whole in memory|B");
        }
        plan.activations = l_.named(w_.tiled ? plan.activations_tiled : plan.activations_untiled,
                                    "~activation_bytes|Activations while the prompt is read|B");
        plan.overhead =
            l_.named(assumed_bytes(l_, "overhead|Runtime and its buffers, on each device|B|assumed", w_.overhead),
                     "~overhead_bytes|Runtime and its buffers|B");
        plan.device = l_.named(plan.device_weights + plan.device_kv + plan.activations + plan.overhead,
                               "~device_bytes|Memory on the fullest device|B");
    }

    /// Whether batch × heads × rows × keys stays in whole numbers.
    bool scores_are_counted() const {
        for (const Attention& attention : a_.attentions) {
            const double keys = keys_of(attention).value(), rows = in_.prompt.value() + in_.source.value();
            const double more = in_.batch.value() * (in_.images.value() + 1) * std::max(keys, rows);
            if (attention.heads.value() * more * keys > 1e17) return false;
        }
        return true;
    }

    void on_hardware(MemoryPlan& plan) {
        const Quantity memory = of_hardware(l_, "device_memory|Memory of a device|B|", *w_.hardware, &Hardware::memory);
        plan.usable = l_.named(
            assumed(l_, "memory_fraction|Share of the memory that may be used||assumed", w_.memory_fraction) * memory,
            "usable_bytes|Memory that may be used|B");
        plan.left = l_.named(plan.usable - plan.device, "~left_bytes|Memory left on the fullest device|B");
        if (plan.device_kv_per_sequence && plan.device_kv_per_sequence.count() > 0) {
            // Of whatever a sequence needs there is as much again for each further one: cache and activations.
            const Quantity each =
                l_.named(plan.device_kv_per_sequence + plan.activations / batch_of(layout_),
                         "~device_bytes_per_sequence|Cache and activations of one sequence on one device|B");
            const Quantity room =
                l_.named(greatest(plan.usable - (plan.device_weights + plan.overhead), l_.constant(std::int64_t{0})),
                         "~sequences_room_bytes|Room for sequences on one device|B");
            plan.sequences =
                l_.named(layout_.copies * floor_divide(room, each), "~sequences_that_fit|Sequences that fit at once");
        }
        for (std::int64_t devices = 1; devices <= kMostDevices; devices *= 2) {
            std::int64_t tensor = devices;
            while (tensor > 1 && !split_problem(a_, tensor, 1, 1).empty()) tensor /= 2;
            const std::int64_t pipeline = devices / tensor;
            if (!split_problem(a_, tensor, pipeline, 1).empty()) break;
            const Placement layout = placed_over(tensor, pipeline, 1, false);
            const auto part = [&](Quantity bytes, const char* name, const char* title) {
                return l_.named(bytes, {"~", name, devices, "|", title, " of ", devices, "|B"});
            };
            const OneDevice one = device_of(layout);
            Quantity sum = part(one.weights, "device_weights_bytes_on_", "Weights on the fullest");
            if (one.kv_per_sequence) {
                sum += part(in_.batch * one.kv_per_sequence, "device_kv_bytes_on_", "Cache of the batch on one");
            }
            sum += part(activation_bytes(layout, w_.tiled, false), "activation_bytes_on_", "Activations on one");
            const Quantity each =
                l_.named(sum + plan.overhead, {"~device_bytes_on_", devices, "|Memory on the fullest of ", devices,
                                               " devices|B|tensor_parallel ", tensor, ", pipeline_parallel ", pipeline});
            if (each.value() > plan.usable.value()) continue;
            plan.devices_rule =
                join({"the least power of two that fits: device_bytes_on_", devices, ", with tensor_parallel ", tensor,
                      " and pipeline_parallel ", pipeline, ", is within usable_bytes"});
            plan.devices_needed = l_.named(l_.constant(devices),
                                           {"~devices_needed|Devices of this kind that are needed||", plan.devices_rule});
            return;
        }
        plan.devices_rule = "no number of these devices is enough: heads and layers cannot be split further";
    }

    const Architecture& a_;
    Ledger& l_;
    const Inventory& inventory_;
    const Workload& w_;
    WeightFormats weights_;
    const Format &cache_, &activation_;
    Inputs in_;
    Placement layout_;
    std::vector<Quantity> parts_;  // the named activations
};

}  // namespace

MemoryPlan plan_memory(Model& model, const Inventory& inventory, const Workload& workload) {
    return Memory(model, inventory, workload).plan();
}

}  // namespace clearformer::estimate
