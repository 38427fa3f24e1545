#include "clearformer/estimate/training_memory.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "clearformer/estimate/blocks.hpp"
#include "clearformer/estimate/formats.hpp"
#include "clearformer/estimate/parallel.hpp"
#include "clearformer/estimate/reader.hpp"
#include "clearformer/estimate/visible.hpp"

namespace clearformer::estimate {
namespace {

constexpr const char* kWhere = "training_plan";

/// "q_proj" of "model.layers.{i}.self_attn.q_proj.weight".
std::string_view last_part(std::string_view name) {
    if (name.ends_with(".weight")) name.remove_suffix(std::strlen(".weight"));
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

class Plan {
public:
    Plan(Model& model, const Inventory& inventory, const Training& training)
        : a_(model.architecture),
          l_(model.ledger),
          inventory_(inventory),
          t_(training),
          weights_(kWhere, training.weights, {}),
          gradient_(find_format(kWhere, training.gradients)),
          activation_(find_format(kWhere, training.activations)),
          fp32_(find_format(kWhere, "fp32")) {}

    TrainingMemory plan() {
        check();
        l_.section("training");
        read_inputs();
        shares_ = shares(a_, split_);
        choose_adapters();
        TrainingMemory plan;
        states(plan);
        activations(plan);
        on_device(plan);
        compute(plan);
        return plan;
    }

private:
    static std::int64_t number(Size size) { return static_cast<std::int64_t>(size); }
    void check() const {
        require(
            t_.sequence >= 1 && t_.micro_batch >= 1 && t_.global_batch >= 1 && t_.data_parallel >= 1 &&
                t_.tensor_parallel >= 1 && t_.pipeline_parallel >= 1 && t_.expert_parallel >= 1,
            kWhere,
            ": sequence, micro_batch, global_batch, data_parallel, tensor_parallel, pipeline_parallel and expert_parallel "
            "must be at least 1");
        require(std::isfinite(t_.tokens) && t_.tokens > 0, kWhere, ": tokens must be above 0, got ", t_.tokens);
        require(t_.zero >= 0 && t_.zero <= 3, kWhere, ": zero must be a stage from 0 to 3, got ", t_.zero);
        require(std::fmod(static_cast<double>(t_.global_batch),
                          static_cast<double>(t_.micro_batch) * static_cast<double>(t_.data_parallel)) == 0,
                kWhere, ": global_batch ", t_.global_batch, " must be a multiple of micro_batch ", t_.micro_batch,
                " × data_parallel ", t_.data_parallel);
        require(t_.data_parallel % t_.expert_parallel == 0, kWhere, ": expert_parallel ", t_.expert_parallel,
                " must divide data_parallel ", t_.data_parallel);
        require(t_.utilisation > 0 && t_.utilisation <= 1, kWhere, ": utilisation must be in (0, 1], got ", t_.utilisation);
        require(t_.memory_fraction > 0 && t_.memory_fraction <= 1, kWhere, ": memory_fraction must be in (0, 1], got ",
                t_.memory_fraction);
        one_of("recomputation", t_.recomputation, "none|selective|full");
        one_of("optimizer", t_.optimizer, "adamw|adamw8bit|adafactor|sgd|momentum|muon");
        const Format& weights = find_format(kWhere, t_.weights);
        require(!weights.quantised || t_.adapters || weights.name == std::string("fp8"), kWhere, ": weights in ",
                weights.name, " can be trained with adapters only");
        check_split(kWhere, a_, number(t_.tensor_parallel), number(t_.pipeline_parallel), number(t_.expert_parallel));
        if (t_.hardware) {
            require(t_.hardware->memory > 0 && t_.hardware->flops > 0, kWhere,
                    ": the device's memory and flops must be above 0, got ", t_.hardware->memory, " and ",
                    t_.hardware->flops);
        }
    }

    static void one_of(const char* key, const std::string& value, Names names) {
        std::string list;
        std::string_view name;
        while (next_name(names, name)) {
            if (value == name) return;
            list += join({list.empty() ? "" : ", ", name});
        }
        fail({kWhere, ": ", key, " must be one of ", list, ", got ", value});
    }

    void read_inputs() {
        const auto whole = [&](const char* title, Size value) { return input(l_, title, number(value)); };
        sequence_ = whole("training_sequence|Tokens of a training sequence|tokens", t_.sequence);
        micro_ = whole("micro_batch|Sequences of a micro-batch", t_.micro_batch);
        global_ = whole("global_batch|Sequences of a step, all devices", t_.global_batch);
        data_ = whole("data_parallel|Ways of data parallelism", t_.data_parallel);
        split_.tensor = whole("training_tensor_parallel|Ways of tensor parallelism", t_.tensor_parallel);
        split_.pipeline = whole("training_pipeline_parallel|Stages of the pipeline", t_.pipeline_parallel);
        split_.expert = whole("training_expert_parallel|Ways of expert parallelism", t_.expert_parallel);
        split_.expert_width = split_.tensor;
        tokens_ = input(l_, "training_tokens|Tokens of the run|tokens", t_.tokens);
    }

    // Adapters.

    /// Matrices that an adapter may stand beside: those of attention and feed-forward of the model that is trained.
    bool adaptable(const WeightTensor& tensor) const {
        const bool kind = tensor.kind == Class::kAttention || tensor.kind == Class::kFeedForward ||
                          tensor.kind == Class::kExpert || tensor.kind == Class::kShared;
        return tensor.matrix && tensor.shape.size() == 2 && kind && !(a_.generates && tensor.stream == Stream::kImage);
    }

    void choose_adapters() {
        if (!t_.adapters) return;
        require(t_.adapters->rank >= 1, kWhere, ": the rank of adapters must be at least 1, got ", t_.adapters->rank);
        rank_ = input(l_, "adapter_rank|Rank of the adapters", number(t_.adapters->rank));
        std::vector<std::string_view> names;
        for (const WeightTensor& tensor : a_.tensors) {
            const std::string_view name = last_part(tensor.name);
            if (adaptable(tensor) && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
        std::string list;
        for (const std::string_view name : names) list += join({list.empty() ? "" : ", ", name});
        const std::vector<std::string>& targets = t_.adapters->targets;
        for (const std::string& target : targets) {
            require(std::find(names.begin(), names.end(), target) != names.end(), kWhere, ": adapters: targets must be of ",
                    list, "; got ", target);
        }
        for (const WeightTensor& tensor : a_.tensors) {
            if (!adaptable(tensor)) continue;
            if (!targets.empty() && std::find(targets.begin(), targets.end(), last_part(tensor.name)) == targets.end())
                continue;
            const std::int64_t narrow = std::min(tensor.shape[0].count(), tensor.shape[1].count());
            require(number(t_.adapters->rank) <= narrow, kWhere,
                    ": the rank of adapters must be at most the narrower side of ", tensor.name, ", ", narrow, ", got ",
                    t_.adapters->rank);
            adapted_.push_back(&tensor);
        }
        require(!adapted_.empty(), kWhere, ": this model has no matrices for adapters");
    }

    bool has_adapter(const WeightTensor* tensor) const {
        return std::find(adapted_.begin(), adapted_.end(), tensor) != adapted_.end();
    }

    Quantity of_adapter(const WeightTensor& tensor) const { return rank_ * (tensor.shape[0] + tensor.shape[1]); }

    // States.

    /// A sum over what one device holds, of dense tensors or of experts.
    Quantity on_device(bool experts, OfShare each) const {
        return on_fullest_device(a_, split_, shares_,
                                 [&](const Share& share) { return share.expert == experts ? each(share) : Quantity{}; });
    }

    /// An amount that a device holds: of dense tensors, and of experts where ZeRO shares them out among fewer.
    struct Held {
        Quantity dense, experts;
    };

    Held held(OfShare each) const { return {on_device(false, each), on_device(true, each)}; }

    /// The amount, or what ZeRO leaves of it.
    Quantity shared_out(const Held& amount, bool shared) const {
        if (!shared || t_.data_parallel == 1) return amount.dense + amount.experts;
        Quantity sum;
        if (amount.dense) sum += ceil_divide(amount.dense, data_);
        if (amount.experts) {
            sum += ceil_divide(amount.experts, t_.expert_parallel == 1 ? data_ : floor_divide(data_, split_.expert));
        }
        return sum;
    }

    bool splits() const { return t_.tensor_parallel > 1 || t_.pipeline_parallel > 1 || t_.expert_parallel > 1; }

    /// Parameters on the fullest device: all of them where nothing is split.
    Held params_on_device(Quantity all, bool of_adapters) {
        if (!splits()) return {all, {}};
        Held params = held([&](const Share& share) -> Quantity {
            if (!of_adapters) return share.copies * share.elements;
            return has_adapter(share.tensor) ? share.copies * of_adapter(*share.tensor) : Quantity{};
        });
        if (params.dense) {
            params.dense = l_.named(
                params.dense, of_adapters
                                  ? "~device_adapter_params|Adapter parameters on the fullest device, without experts|params"
                                  : "~device_params|Parameters on the fullest device, without experts|params");
        }
        if (params.experts) {
            params.experts = l_.named(
                params.experts,
                of_adapters ? "~device_adapter_expert_params|Adapter parameters of experts on the fullest device|params"
                            : "~device_expert_params|Parameters of experts on the fullest device|params");
        }
        return params;
    }

    Held times(const Held& params, const Format& format, std::int64_t each = 1) {
        const auto bytes = [&](Quantity count) { return count ? format_bytes(l_, each * count, format) : Quantity{}; };
        return {bytes(params.dense), bytes(params.experts)};
    }

    /// Bytes of the optimizer for `copies` tensors of `elements`, rows + columns of which are given for matrices.
    Quantity optimizer_bytes(Quantity copies, Quantity elements, Quantity sides, bool hidden) {
        const auto fp32 = [&](Quantity numbers) { return format_bytes(l_, numbers, fp32_); };
        const std::string& name = t_.optimizer;
        if (name == "adamw8bit" && elements.count() >= 4096) {
            Quantity block = l_.find("adamw8bit_block");
            if (!block) {
                block = l_.leaf(
                    "adamw8bit_block|Block of 8-bit Adam||bitsandbytes, Optimizer2State: 2048, in newer releases 256",
                    std::int64_t{2048}, Origin::kCited);
            }
            return copies * (2 * (elements + fp32(ceil_divide(elements, block))));
        }
        if (name == "adamw8bit") return copies * fp32(2 * elements);
        if (name == "adafactor") return copies * fp32(sides ? sides : elements);
        return copies * fp32(hidden ? elements : 2 * elements);  // muon
    }

    struct States {
        Quantity weights, adapters, gradients, master, optimizer;
    };

    /// The same for what is trained of a share.
    Quantity optimizer_bytes(const Share& share) {
        const WeightTensor& tensor = *share.tensor;
        if (!adapted_.empty()) {
            if (!has_adapter(&tensor)) return {};
            return optimizer_bytes(share.copies, of_adapter(tensor), 2 * rank_ + tensor.shape[0] + tensor.shape[1], true);
        }
        Quantity sides;
        if (tensor.shape.size() == 2) sides = tensor.shape[0] + tensor.shape[1];
        const bool hidden = tensor.matrix && tensor.kind != Class::kHead && tensor.kind != Class::kEmbedding;
        return optimizer_bytes(share.copies, share.elements, sides, hidden);
    }

    States states_at(int zero) {
        const bool adapters = !adapted_.empty();
        const Format& weights = find_format(kWhere, t_.weights);
        States states;
        states.weights = shared_out(weights.quantised ? held([this](const Share& share) {
                                        return share.copies * format_bytes(l_, share.elements, weights_.of(*share.tensor));
                                    })
                                                      : times(all_, weights),
                                    zero >= 3);
        if (adapters) states.adapters = shared_out(times(trained_, find_format(kWhere, "bf16")), zero >= 3);
        states.gradients = shared_out(times(trained_, gradient_), zero >= 2);
        if (t_.master && (adapters || weights.bits() < 32)) states.master = shared_out(times(trained_, fp32_), zero >= 1);
        if (t_.optimizer == "sgd") return states;
        Held optimizer;
        if (t_.optimizer == "adamw") optimizer = times(trained_, fp32_, 2);
        else if (t_.optimizer == "momentum") optimizer = times(trained_, fp32_);
        else {
            optimizer = held([this](const Share& share) { return optimizer_bytes(share); });
        }
        states.optimizer = shared_out(optimizer, zero >= 1);
        return states;
    }

    void states(TrainingMemory& plan) {
        const bool adapters = !adapted_.empty();
        if (adapters) {
            Quantity sum;
            for (const WeightTensor* tensor : adapted_) sum += tensor->repeat * of_adapter(*tensor);
            plan.adapter_params =
                l_.named(sum, "adapter_params|Parameters of the adapters|params|Hu et al. 2021: rank × (in + out)");
        }
        plan.trainable_params = l_.named(adapters ? plan.adapter_params : inventory_.total,
                                         "trainable_params|Parameters that are trained|params");
        if (!adapters || !find_format(kWhere, t_.weights).quantised) all_ = params_on_device(inventory_.total, false);
        trained_ = adapters ? params_on_device(plan.trainable_params, true) : all_;
        const States s = states_at(t_.zero);
        const bool split = splits();
        Quantity weights = s.weights;
        if (adapters) {
            weights = l_.named(s.weights, "frozen_weights_bytes|Weights that are not trained|B", split) +
                      l_.named(s.adapters, "adapter_weights_bytes|Weights of adapters|B", split);
        }
        plan.weights = l_.named(weights, "training_weights_bytes|Weights on a device|B", split);
        plan.gradients = l_.named(s.gradients, "gradient_bytes|Gradients on a device|B", split);
        if (s.master) plan.master = l_.named(s.master, "master_bytes|float32 copies of the weights on a device|B", split);
        plan.optimizer = l_.named(s.optimizer, "optimizer_bytes|Optimizer states on a device|B", split);
        plan.states = l_.named(plan.weights + plan.gradients + plan.master + plan.optimizer,
                               "training_states_bytes|Weights, gradients and optimizer states on a device|B", split);
    }

    // Activations.

    StreamRows rows_of(Quantity sequences) const {
        StreamRows rows;
        rows.tokens = sequences * sequence_;
        rows.encoder = sequences * sequence_;
        rows.images = rows.one = sequences;
        return rows;
    }

    Quantity keys_of(const Attention& attention) const {
        if (attention.key_rows) return attention.key_rows;
        return attention.keys == Stream::kImage && a_.image_rows ? a_.image_rows : sequence_;
    }

    Quantity cut(Quantity numbers) const { return t_.tensor_parallel == 1 ? numbers : ceil_divide(numbers, split_.tensor); }
    /// What tensor parallelism leaves whole, and sequence parallelism splits by rows.
    Quantity cut_rows(Quantity numbers) const { return t_.sequence_parallel ? cut(numbers) : numbers; }
    Quantity bytes_of(Quantity numbers) { return format_bytes(l_, numbers, activation_); }
    /// One byte for each number of a mask.
    Quantity mask(Quantity numbers) const { return t_.dropout ? numbers : Quantity{}; }

    /// What the scores of one layer leave.
    Quantity score_bytes(const Attention& core, Quantity rows) {
        const Quantity heads = cut(core.heads);
        if (t_.tiled) return format_bytes(l_, rows * heads, fp32_);
        if (t_.recomputation == "selective") return {};
        const Quantity scores = rows * keys_of(core) * heads;
        Quantity bytes = bytes_of(scores);
        if (t_.dropout) bytes += scores + bytes_of(scores);
        return bytes;
    }

    Quantity attention_bytes(const AttentionBlock& block, const StreamRows& all) {
        const Attention& core = *block.core;
        const Quantity rows = all.of(a_, core.stream, core.rows);
        const Quantity seen = core.keys == core.stream ? rows : all.of(a_, core.keys, {});
        Quantity inputs;
        std::vector<Quantity> counted;
        for (std::size_t i = 0; i + 1 < block.projections.size(); ++i) {
            const Product& product = *block.projections[i];
            if (product.stream != core.stream) continue;
            if (std::any_of(counted.begin(), counted.end(), [&](Quantity one) { return one.is(product.in); })) continue;
            counted.push_back(product.in);
            inputs += product.in;
        }
        if (!inputs) inputs = block.width;
        const Quantity heads = cut(core.heads), kv_heads = cut(core.kv_heads);
        Quantity bytes = bytes_of(cut_rows(rows * inputs)) + bytes_of(rows * heads * (core.width + core.v_width)) +
                         bytes_of(seen * kv_heads * (core.width + core.v_width));
        if (t_.dropout) bytes += cut_rows(rows * block.width);
        return bytes + score_bytes(core, rows);
    }

    Quantity feed_forward_bytes(const FeedForwardBlock& block, const StreamRows& all) {
        const Quantity rows = all.of(a_, block.stream, block.rows);
        Quantity opened = cut(block.opened) + cut(block.hidden);
        if (block.gated()) opened += cut(block.hidden);
        if (!block.chosen) {
            Quantity bytes = bytes_of(rows * opened);
            // A shared expert reads what the router and the experts read.
            if (block.kind != Class::kShared) bytes += bytes_of(cut_rows(rows * block.width));
            if (t_.dropout) bytes += cut_rows(rows * block.width);
            return bytes;
        }
        return bytes_of(cut_rows(rows * block.width)) + format_bytes(l_, cut_rows(rows * block.experts), fp32_) +
               bytes_of(cut_rows(rows * block.chosen * (2 * block.width))) + bytes_of(rows * block.chosen * opened);
    }

    /// Numbers of a row that a norm reads: norms of queries and keys act on every head.
    Quantity norm_width(const Norm& norm) const {
        for (const Attention& core : a_.attentions) {
            if (!norm.width.is(core.width)) continue;
            const std::string_view name = last_part(norm.name);
            return (name[0] == 'k' ? core.kv_heads : core.heads) * norm.width;
        }
        return norm.width;
    }

    Quantity on_stage(Quantity layers) const {
        return t_.pipeline_parallel == 1 ? layers : ceil_divide(layers, split_.pipeline);
    }

    void activations(TrainingMemory& plan) {
        const StreamRows rows = rows_of(micro_);
        const bool full = t_.recomputation == "full";
        Quantity kept, again;  // of all layers of the stage; of the largest layer, while it is computed again
        const auto add = [&](Quantity bytes, Quantity layers, const char* title) {
            const Quantity one = l_.named(
                bytes, {"~training_activation_bytes ", title, "|Activations of one layer's ", title, ", a micro-batch|B"});
            if (!full) kept += on_stage(layers) * one;
            return one;
        };
        Quantity attention, feed_forward, norms;
        for (const AttentionBlock& block : attention_blocks(a_)) {
            const Attention& core = *block.core;
            const Quantity one = add(attention_bytes(block, rows), core.repeat, core.title);
            attention = attention ? greatest(attention, one) : one;
            if (full) {
                const Quantity here = rows.of(a_, core.stream, core.rows);
                if (core.keys == core.stream) kept += on_stage(core.repeat) * bytes_of(here * block.width);
            }
        }
        for (const FeedForwardBlock& block : feed_forward_blocks(a_)) {
            if (block.stream == Stream::kOnce) continue;
            const Quantity one = add(feed_forward_bytes(block, rows), block.repeat, block.title);
            feed_forward = feed_forward ? greatest(feed_forward, one) : one;
        }
        for (const Norm& norm : a_.norms) {
            if (norm.repeat.is(a_.one()) || norm.stream == Stream::kOnce) continue;
            const Quantity numbers = bytes_of(cut_rows(rows.of(a_, norm.stream, {}) * norm_width(norm)));
            if (!full) norms += on_stage(norm.repeat) * numbers;
            else norms += numbers;
        }
        if (norms) {
            norms = l_.named(norms, full ? "~training_activation_bytes norms|Activations of one layer's norms|B"
                                         : "~training_activation_bytes norms|Activations of all norms, a micro-batch|B");
        }
        if (full) again = attention + feed_forward + norms;
        else kept += norms;
        if (!kept) kept = l_.constant(std::int64_t{0});
        // One forward, one backward: the first stage keeps a micro-batch for each stage behind it.
        if (t_.pipeline_parallel > 1) {
            const Quantity micro_batches =
                l_.named(floor_divide(global_, micro_ * data_), "micro_batches|Micro-batches of a step");
            kept = least(split_.pipeline, micro_batches) * kept;
        }
        plan.layer_activations =
            l_.named(kept + again,
                     "~training_layer_activation_bytes|Activations that the layers keep, on a device|B|after Korthikanti et "
                     "al. 2022, section 4, with the architecture's own widths");
        outer(plan, rows);
        plan.activations = l_.named(plan.layer_activations + plan.outer_activations,
                                    "~training_activation_bytes|Activations on a device|B");
        published(plan);
    }

    /// Section 4.3 of the paper: the embedding's dropout; in the same stage also the final norm, the head's input and its logits.
    void outer(TrainingMemory& plan, const StreamRows& rows) {
        Quantity sum;
        if (t_.dropout && a_.width) sum += split_.pipeline * cut_rows(rows.tokens * a_.width);
        for (const Product& product : a_.products) {
            if (!product.last_only || t_.pipeline_parallel > 1) continue;
            const Quantity input_of_head = bytes_of(cut_rows(rows.tokens * product.in));
            sum += 2 * input_of_head + format_bytes(l_, rows.tokens * cut(product.out), fp32_);
        }
        if (sum) {
            plan.outer_activations = l_.named(sum,
                                              "~training_outer_activation_bytes|Activations of embedding, final norm and "
                                              "logits|B|Korthikanti et al. 2022, section 4.3");
        }
    }

    /// The paper's own formulas, table 2: a GPT with F = 4h, dropout, 16-bit numbers and scores that are kept.
    void published(TrainingMemory& plan) {
        if (!a_.width || !a_.layers || a_.attentions.empty()) return;
        const Quantity heads = a_.attentions.front().heads;
        const Quantity sbh = sequence_ * micro_ * a_.width;
        const Quantity scores = 5 * heads * sequence_ / a_.width;
        Quantity each;
        if (t_.recomputation == "full") {
            each = l_.constant(std::int64_t{2});
        } else {
            const bool whole = t_.tensor_parallel == 1;
            if (whole) each = l_.constant(std::int64_t{34});
            else if (t_.sequence_parallel) each = 34 / split_.tensor;
            else each = 10 + 24 / split_.tensor;
            if (t_.recomputation == "none") each = each + (whole ? scores : scores / split_.tensor);
        }
        plan.published_activations = l_.named(a_.layers * sbh * each,
                                              "~training_activation_bytes_as_published|Activations of the layers by the "
                                              "formula for GPT|B|Korthikanti et al. 2022, table 2 and eq. 5");
    }

    void on_device(TrainingMemory& plan) {
        plan.overhead =
            l_.named(assumed_bytes(l_, "training_overhead|Runtime and its buffers, on each device|B|assumed", t_.overhead),
                     "~training_overhead_bytes|Runtime and its buffers|B");
        plan.device = l_.named(plan.states + plan.activations + plan.overhead,
                               "~training_device_bytes|Memory on the fullest device|B");
        if (!t_.hardware) return;
        const Quantity memory =
            of_hardware(l_, "training_device_memory|Memory of a device|B|", *t_.hardware, &Hardware::memory);
        plan.usable = l_.named(
            assumed(l_, "training_memory_fraction|Share of the memory that may be used||assumed", t_.memory_fraction) *
                memory,
            "training_usable_bytes|Memory that may be used|B");
        plan.left = l_.named(plan.usable - plan.device, "~training_left_bytes|Memory left on the fullest device|B");
        const Quantity room =
            l_.named(plan.usable - (plan.activations + plan.overhead),
                     "~training_room_bytes|Room for weights, gradients and optimizer states on a device|B");
        if (room.value() <= 0) return;
        Quantity whole = plan.states;
        if (t_.zero > 0) {
            const States unshared = states_at(0);
            whole =
                l_.named(unshared.weights + unshared.adapters + unshared.gradients + unshared.master + unshared.optimizer,
                         "~training_states_bytes_unshared|Weights, gradients and optimizer states without ZeRO|B");
        }
        plan.zero3_data_parallel = l_.named(
            ceil_divide(whole, room),
            "~zero3_data_parallel|Ways of data parallelism that ZeRO stage 3 needs||the states without ZeRO, shared "
            "out evenly; a layer's weights that are gathered are left out");
        plan.zero3_devices = l_.named(plan.zero3_data_parallel * split_.tensor * split_.pipeline,
                                      "~zero3_devices|Devices that ZeRO stage 3 needs");
    }

    // Compute.

    /// Pairs of query and key of one sequence that the mask lets through, or all.
    Quantity pairs_of(const Attention& core, Quantity rows) {
        const Quantity keys = core.keys == core.stream && !core.key_rows ? rows : keys_of(core);
        if (core.key_rows || !core.causal || !t_.skip_masked) return rows * keys;
        return visible_pairs(rows, {core.window, core.chunked});
    }

    void compute(TrainingMemory& plan) {
        const StreamRows rows = rows_of(l_.constant(std::int64_t{1}));
        Quantity products, scores, again, in_layers, adapters;
        for (const Product& product : a_.products) {
            const Quantity here = rows.of(a_, product.stream, product.rows);
            if (!here) continue;
            Quantity flops = 2.0 * here * product.in * product.out * product.repeat;
            if (product.experts) flops = flops * product.chosen;
            products += flops;
            if (!product.repeat.is(a_.one())) in_layers += flops;
        }
        for (const Attention& core : a_.attentions) {
            const Quantity here = rows.of(a_, core.stream, core.rows);
            const Quantity pairs = 2.0 * core.repeat * core.heads * pairs_of(core, here);
            scores += pairs * (core.width + core.v_width);
            again += pairs * core.width;
        }
        for (const WeightTensor* tensor : adapted_) {
            adapters += 2.0 * rows.of(a_, tensor->stream, {}) * tensor->active * of_adapter(*tensor);
        }
        const auto flop = [&](Quantity q, const char* title) { return l_.named(q ? q : l_.constant(0.0), title); };
        const Quantity multiply = flop(products, "~training_product_flops|Products with weights, one sequence forward|FLOP");
        const Quantity attend = flop(scores, "~training_attention_flops|Attention, one sequence forward|FLOP");
        plan.forward_flops = flop(multiply + attend, "~training_forward_flops|One sequence forward|FLOP");
        // Backward: with respect to the input and to the weight. Weights that stay as they are need the first only.
        Quantity each = 3 * plan.forward_flops;
        if (adapters) {
            adapters = flop(adapters, "~adapter_flops|Adapters, one sequence forward|FLOP");
            each = 2 * multiply + 3 * attend + 3 * adapters;
        }
        if (t_.recomputation == "full") {
            each = each + flop((in_layers ? in_layers : l_.constant(0.0)) + attend + adapters,
                               "~recomputed_flops|Layers computed again, one sequence|FLOP");
        } else if (t_.tiled) {
            each = each + flop(again, "~recomputed_flops|Queries times keys computed again, one sequence|FLOP");
        } else if (t_.recomputation == "selective") {
            each = each + flop(attend, "~recomputed_flops|Attention computed again, one sequence|FLOP");
        }
        each = flop(each, "~training_flops_per_sequence|One sequence forward and backward|FLOP");
        bool text = false;  // of two towers the text's tokens are counted
        for (const Product& product : a_.products) text = text || product.stream == Stream::kText;
        const Quantity sequences = tokens_ / (text ? sequence_ : rows.of(a_, Stream::kTokens, {}));
        plan.flops = flop(sequences * each, "~training_flops|Compute of the run|FLOP");
        plan.flops_6nd = l_.named(6.0 * inventory_.active * tokens_,
                                  "~training_flops_6nd|Compute of the run, 6 × parameters × tokens|FLOP|Kaplan et al. 2020; "
                                  "Hoffmann et al. 2022, section 3.3; of experts those that a token uses");
        plan.steps = l_.named(ceil_divide(sequences, global_), "~training_steps|Steps of the run");
        if (t_.hardware) run(plan);
    }

    void run(TrainingMemory& plan) {
        const Hardware& hardware = *t_.hardware;
        const Quantity devices = l_.named(data_ * split_.tensor * split_.pipeline, "training_devices|Devices");
        const Quantity peak = of_hardware(l_, "training_device_flops|Peak of a device|FLOP/s|", hardware, &Hardware::flops);
        const Quantity used = assumed(l_, "training_utilisation|Share of the peak that is reached||assumed", t_.utilisation);
        plan.seconds = l_.named(plan.flops / (devices * peak * used), "~training_seconds|Time of the run|s");
        plan.device_hours = l_.named(plan.seconds * devices / 3600, "~training_device_hours|Device hours of the run|h");
        if (t_.price > 0) {
            plan.usd = l_.named(plan.device_hours * input(l_, "training_price|Price of a device and hour|USD", t_.price),
                                "~training_usd|Price of the run|USD");
        }
        if (hardware.watts > 0) {
            plan.kwh =
                l_.named(plan.device_hours *
                             of_hardware(l_, "training_watts|Power of a device|W|", hardware, &Hardware::watts) / 1000,
                         "~training_kwh|Energy of the devices|kWh");
        }
    }

    const Architecture& a_;
    Ledger& l_;
    const Inventory& inventory_;
    const Training& t_;
    WeightFormats weights_;
    const Format &gradient_, &activation_, &fp32_;
    Quantity sequence_, micro_, global_, data_, tokens_, rank_;
    Split split_;
    std::vector<Share> shares_;
    Held all_, trained_;  // parameters on the fullest device
    std::vector<const WeightTensor*> adapted_;
};

}  // namespace

TrainingMemory plan_training_memory(Model& model, const Inventory& inventory, const Training& training) {
    return Plan(model, inventory, training).plan();
}

}  // namespace clearformer::estimate
