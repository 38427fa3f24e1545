#include "clearformer/estimate/time.hpp"

#include <cmath>

#include "clearformer/estimate/parallel.hpp"

namespace clearformer::estimate {
namespace {

/// The machine, as one operation sees it.
struct Machine {
    Quantity flops, bandwidth;  // FLOP/s and B/s that one replica's stage reaches
    Quantity link;              // B/s in one direction that a device reaches; none: there is no link
    Quantity tensor, expert;    // ways; none: one
    Quantity copies;  // of all but the experts, each with sequences of its own: expert ways beyond tensor; none: one
    Quantity sequences_share;  // of the batch that one copy holds
    Quantity pipeline, replicas, devices;
};

void check(const Workload& workload) {
    const auto share = [](const char* name, double value) {
        require(value > 0 && value <= 1, "plan: ", name, " must be in (0, 1], got ", value);
    };
    require(workload.hardware.has_value(), "plan: times need hardware");
    const Hardware& hardware = *workload.hardware;
    const auto rate = [](const char* name, double value) {
        require(value > 0 && std::isfinite(value), "plan: hardware: ", name, " must be above 0, got ", value);
    };
    rate("flops", hardware.flops);
    rate("bandwidth", hardware.bandwidth);
    require(hardware.link >= 0 && std::isfinite(hardware.link), "plan: hardware: link must be at least 0, got ",
            hardware.link);
    share("compute_utilisation", workload.compute_utilisation);
    share("bandwidth_utilisation", workload.bandwidth_utilisation);
    share("link_utilisation", workload.link_utilisation);
    constexpr Size most = 65536;
    for (const Size ways :
         {workload.tensor_parallel, workload.pipeline_parallel, workload.expert_parallel, workload.devices}) {
        require(ways >= 1 && ways <= most, "plan: devices and ways of parallelism must be from 1 to ", most, ", got ", ways);
    }
    const Size ranks = ranks_of_stage(workload);
    const std::uint64_t needed = std::uint64_t{ranks} * workload.pipeline_parallel;
    require(needed <= workload.devices, "plan: ", ranks, " tensor or expert × ", workload.pipeline_parallel,
            " pipeline parallel need ", needed, " devices, got ", workload.devices);
    require(needed == 1 || hardware.link > 0, "plan: ", needed, " devices that share a model need a link, ", hardware.name,
            " has none");
}

Machine read_machine(Ledger& ledger, const Workload& workload, Quantity batch) {
    check(workload);
    const Hardware& hardware = *workload.hardware;
    Machine machine;
    const auto ways = [&](const char* title, Size value) { return input(ledger, title, static_cast<std::int64_t>(value)); };
    machine.devices = ways("devices|Devices", workload.devices);
    const auto parallel = [&](const char* title, Size value) { return value == 1 ? Quantity() : ways(title, value); };
    machine.tensor = parallel("tensor_parallel|Devices that share a layer", workload.tensor_parallel);
    machine.pipeline = parallel("pipeline_parallel|Stages of layers", workload.pipeline_parallel);
    machine.expert = parallel("expert_parallel|Devices that share the experts", workload.expert_parallel);
    if (workload.expert_parallel > workload.tensor_parallel) {
        machine.copies = machine.tensor
                             ? ledger.named(floor_divide(machine.expert, machine.tensor),
                                            "copies|Copies of all but the experts, each with sequences of its own")
                             : machine.expert;
    }
    Quantity needed = machine.copies ? machine.expert : machine.tensor;
    if (machine.pipeline) needed = needed ? needed * machine.pipeline : machine.pipeline;
    machine.replicas = needed
                           ? ledger.named(floor_divide(machine.devices, needed), "replicas|Copies of the model side by side")
                           : machine.devices;
    const auto reached = [&](const char* title, double Hardware::*peak, const char* share, double utilisation) {
        return of_hardware(ledger, title, hardware, peak) *
               assumed(ledger,
                       join({"~", share, " that is reached||assumed; measured shares differ by kernel and size"}).c_str(),
                       utilisation);
    };
    Quantity flops = reached("peak_flops|Peak of a device|FLOP/s|", &Hardware::flops,
                             "compute_utilisation|Share of the peak", workload.compute_utilisation);
    Quantity bandwidth = reached("bandwidth|Memory bandwidth of a device|B/s|", &Hardware::bandwidth,
                                 "bandwidth_utilisation|Share of the bandwidth", workload.bandwidth_utilisation);
    if (machine.tensor) {
        flops = flops * machine.tensor;
        bandwidth = bandwidth * machine.tensor;
    }
    machine.flops = ledger.named(flops, "~reached_flops|FLOP/s that are reached|FLOP/s");
    machine.bandwidth = ledger.named(bandwidth, "~reached_bandwidth|Bytes per second that are reached|B/s");
    if (needed) {
        const Quantity link = reached("link|Bandwidth between devices, both directions|B/s|", &Hardware::link,
                                      "link_utilisation|Share of the link", workload.link_utilisation);
        machine.link = ledger.named(link / 2, "~reached_link|Bytes per second between devices, one direction|B/s");
    }
    if (machine.copies) {
        machine.sequences_share = ledger.named(ceil_divide(batch, machine.copies) / batch,
                                               "~sequences_share|Share of the sequences that one copy holds");
    }
    return machine;
}

/// max(computing, moving) of one operation on one device.
OperationTime time_of(Ledger& ledger, const Operation& operation, const Machine& machine) {
    Quantity flops = operation.flops, weights = operation.weight_bytes, moved = operation.activation_bytes;
    Quantity cache = operation.cache_bytes;
    if (machine.copies && operation.experts) {
        // Each rank has its experts, whichever copy's rows they serve.
        flops = flops / machine.copies;
        weights = weights / machine.copies;
        moved = moved / machine.copies;
    } else if (machine.copies) {
        if (flops) flops = flops * machine.sequences_share;
        if (moved) moved = moved * machine.sequences_share;
        if (cache) cache = cache * machine.sequences_share;
    }
    // What cannot be cut is there on each device.
    if (cache && machine.tensor && machine.tensor.count() > operation.cache_shards.count())
        cache = cache * (machine.tensor / operation.cache_shards);
    const Quantity bytes = weights + moved + cache, moving = bytes / machine.bandwidth;
    OperationTime time;
    const auto named = [&](Quantity quantity, const char* name, const char* title, const char* unit) {
        return ledger.named(quantity, {name, operation.phase, " ", operation.name, title, operation.title, unit});
    };
    if (!flops) {
        time.seconds = named(moving, "~seconds ", "|Seconds: ", "|s");
        return time;
    }
    const Quantity computing = flops / machine.flops;
    time.compute_bound = computing.value() >= moving.value();
    time.seconds = named(greatest(computing, moving), "~seconds ", "|Seconds: ", "|s");
    time.intensity = named(flops / bytes, "~intensity ", "|FLOPs per byte: ", "|FLOP/B");
    return time;
}

/// Bytes that cross the link for one pass, over what is reached of it.
Quantity communication(Model& model, const Work& work, const Machine& machine, const ElementBytes& bytes) {
    Ledger& ledger = model.ledger;
    const Architecture& architecture = model.architecture;
    Quantity sum;
    const auto add = [&](const char* what, const char* title, Quantity moved) {
        sum += ledger.named(moved / machine.link, {"~", what, " ", work.phase, "|", title, work.phase, "|s"});
    };
    Quantity rows = work.rows;
    if (machine.sequences_share) rows = rows * machine.sequences_share;
    const Quantity one = bytes.activations * rows * architecture.width;
    if (machine.tensor) {
        Quantity layers = architecture.layers;  // pairs of towers have no main stack
        for (const Attention& attention : architecture.attentions) {
            if (!architecture.layers) layers += attention.repeat;
        }
        add("all_reduce_seconds", "Sums over devices: ", 2 * layers * one * (2 * (machine.tensor - 1) / machine.tensor));
    }
    if (machine.pipeline) add("stage_seconds", "From stage to stage: ", (machine.pipeline - 1) * one);
    if (machine.copies) {
        for (const Product& product : architecture.products) {
            if (!product.experts) continue;
            add("exchange_seconds", "Rows to their experts and back: ",
                2 * product.repeat * product.chosen * one * ((machine.expert - 1) / machine.expert));
            break;
        }
    }
    return sum;
}

PassTime time_pass(Model& model, const Work& work, const Machine& machine, const ElementBytes& bytes) {
    PassTime pass;
    Quantity sum;
    for (const Operation& operation : work.operations) {
        pass.operations.push_back(time_of(model.ledger, operation, machine));
        sum += pass.operations.back().seconds;
    }
    const auto named = [&](Quantity quantity, const char* what) {
        return model.ledger.named(quantity, {"~", work.phase, what, work.phase, "|s"});
    };
    if (machine.link) {
        pass.operations_seconds = named(sum, "_operations_seconds|Seconds of the operations: ");
        pass.communication_seconds =
            named(communication(model, work, machine, bytes), "_communication_seconds|Seconds between devices: ");
        sum = pass.operations_seconds + pass.communication_seconds;
    }
    pass.seconds = named(sum, "_seconds|Seconds: ");
    if (!pass.operations_seconds) pass.operations_seconds = pass.seconds;
    return pass;
}

/// Seconds that the products of a decoding step compute and move at another batch: everything grows with it but the weights, and of
/// experts more are touched.
class Products {
public:
    Products(const Work& work, double batch, double flops, double bandwidth) {
        for (const Operation& one : work.operations) {
            if (one.type != OperationKind::kProduct) continue;
            computing_ += one.flops.value() / batch / flops;
            const Quantity moved = one.activation_bytes + one.cache_bytes;
            growing_ += moved.value() / batch / bandwidth;
            const double weights = one.weight_bytes.value() / bandwidth;
            if (!one.experts) {
                fixed_ += weights;
                continue;
            }
            experts_ = one.experts.value();
            missed_ = 1 - one.chosen.value() / experts_;
            each_ += weights / touched(batch);
        }
    }
    bool compute_bound(double batch) const {
        return computing_ * batch >= fixed_ + each_ * touched(batch) + growing_ * batch;
    }

private:
    double touched(double batch) const { return experts_ * (1 - whole_power(missed_, batch)); }
    double computing_ = 0, fixed_ = 0, growing_ = 0, each_ = 0, experts_ = 0, missed_ = 0;
};

/// By bisection: past the first such batch the condition holds for all, since weights are the only part that does not grow in proportion.
Quantity compute_bound_batch(Ledger& ledger, const Work& decode, const Workload& workload) {
    const Hardware& hardware = *workload.hardware;
    const Products products(decode, static_cast<double>(workload.batch), hardware.flops * workload.compute_utilisation,
                            hardware.bandwidth * workload.bandwidth_utilisation);
    std::int64_t low = 0, high = std::int64_t{1} << 30;
    if (!products.compute_bound(static_cast<double>(high))) return {};
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (products.compute_bound(static_cast<double>(middle)) ? high : low) = middle;
    }
    return ledger.leaf(
        "~compute_bound_batch|Batch from which the products of a step compute longer than they move||found by bisection "
        "over the step's FLOPs and bytes, on one device",
        high, Origin::kComputed);
}

SpeculationTime speculate(Ledger& ledger, const Speculation& asked, Quantity tokens_per_second) {
    require(asked.proposed >= 1 && asked.proposed <= 1024, "plan: speculation: proposed must be from 1 to 1024, got ",
            asked.proposed);
    require(asked.acceptance >= 0 && asked.acceptance <= 1, "plan: speculation: acceptance must be in [0, 1], got ",
            asked.acceptance);
    require(asked.cost >= 0 && std::isfinite(asked.cost), "plan: speculation: cost must be at least 0, got ", asked.cost);
    const Quantity proposed =
        input(ledger, "proposed|Tokens drafted at a time|tokens", static_cast<std::int64_t>(asked.proposed));
    const Quantity acceptance =
        assumed(ledger, "~acceptance|Chance that a drafted token is kept||assumed", asked.acceptance);
    const Quantity cost =
        assumed(ledger, "~draft_cost|A draft's step as a share of a step of the model||assumed", asked.cost);
    SpeculationTime time;
    const Quantity expected =
        asked.acceptance == 1 ? proposed + 1 : (1 - power(acceptance, proposed + 1)) / (1 - acceptance);
    time.tokens_per_step = ledger.named(
        expected, "~speculative_tokens_per_step|Tokens per step when drafting|tokens|Leviathan et al. 2023, equation 1");
    time.speed_up = ledger.named(time.tokens_per_step / (proposed * cost + 1),
                                 "~speculative_speed_up|Speed-up by drafting||Leviathan et al. 2023, theorem 3.8: checking "
                                 "costs one step of the model");
    time.tokens_per_second =
        ledger.named(tokens_per_second * time.speed_up,
                     "~speculative_tokens_per_second|Tokens per second of one sequence when drafting|tokens/s");
    return time;
}

/// What it costs to make a million of something at `rate` per second.
Quantity cost(Ledger& ledger, Quantity price, Quantity devices, Quantity rate, const char* title) {
    return ledger.named(price * devices / 3600 / rate * 1000000.0, title);
}

void add_rates(Model& model, const Workload& workload, const Compute& compute, const Machine& machine, Time& time) {
    Ledger& ledger = model.ledger;
    const Quantity batch = compute.prefill.batch;
    const Quantity at_once = machine.pipeline ? machine.pipeline * machine.replicas : machine.replicas;
    Quantity price;
    require(workload.price >= 0 && std::isfinite(workload.price), "plan: price must be at least 0, got ", workload.price);
    if (workload.price > 0) price = input(ledger, "price|Price of a device for an hour|USD", workload.price);
    if (!model.architecture.generates) {
        if (!model.architecture.image_rows) return;
        time.images_per_second = ledger.named(compute.prefill.images * at_once / time.prefill.seconds,
                                              "~images_per_second|Images per second, all devices|images/s");
        if (price)
            time.usd_per_million_images = cost(ledger, price, machine.devices, time.images_per_second,
                                               "~usd_per_million_images|Cost of a million images|USD");
        return;
    }
    time.time_to_first_token = ledger.named(time.prefill.seconds, "~time_to_first_token|Time to the first token|s");
    time.seconds_per_token = ledger.named(time.decode.seconds, "~seconds_per_token|Time per token of one sequence|s");
    time.tokens_per_second =
        ledger.named(1 / time.seconds_per_token, "~tokens_per_second|Tokens per second of one sequence|tokens/s");
    time.tokens_per_second_total =
        ledger.named(batch * at_once / time.seconds_per_token,
                     "~tokens_per_second_total|Tokens per second, all sequences and devices|tokens/s");
    time.prompt_tokens_per_second =
        ledger.named(compute.prefill.rows * at_once / time.prefill.seconds,
                     "~prompt_tokens_per_second|Tokens of prompts per second, all devices|tokens/s");
    if (workload.generated > 0) {
        time.request_seconds =
            ledger.named(time.time_to_first_token + (compute.decode.generated - 1) * time.seconds_per_token,
                         "~request_seconds|Time to the last token|s");
    }
    time.compute_bound_batch = compute_bound_batch(ledger, compute.decode, workload);
    if (workload.speculation) time.speculation = speculate(ledger, *workload.speculation, time.tokens_per_second);
    if (price) {
        time.usd_per_million_tokens = cost(ledger, price, machine.devices, time.tokens_per_second_total,
                                           "~usd_per_million_tokens|Cost of a million generated tokens|USD");
        time.usd_per_million_prompt_tokens = cost(ledger, price, machine.devices, time.prompt_tokens_per_second,
                                                  "~usd_per_million_prompt_tokens|Cost of a million tokens of prompts|USD");
    }
    if (workload.hardware->watts > 0) {
        const Quantity watts = of_hardware(ledger, "watts|Power of a device|W|", *workload.hardware, &Hardware::watts);
        time.joules_per_token =
            ledger.named(watts * machine.devices / time.tokens_per_second_total,
                         "~joules_per_token|Energy of a generated token|J|the devices' rated power, drawn all the time");
    }
}

void add_left_out(const Model& model, const Workload& workload, Time& time) {
    const auto say = [&](const char* sentence) { time.left_out.emplace_back(sentence); };
    say("Arithmetic of norms, softmax, activation functions, residual sums and biases counts as 0 FLOPs.");
    say("Functions on the elements are fused with the product before them and move nothing.");
    say("Starting kernels, scheduling, sampling and the processor's own work take no time.");
    say("Operations follow one another; none overlaps with another.");
    say("Every operation reaches the same share of peak and bandwidth, whatever its size.");
    bool experts = false;
    for (const Product& product : model.architecture.products) experts = experts || product.experts;
    if (experts) say("Rows choose experts uniformly and independently, so devices and experts are loaded evenly.");
    if (workload.weights != workload.activations) say("Turning weights into the format that computes takes no time.");
    if (workload.tensor_parallel * workload.pipeline_parallel * workload.expert_parallel > 1) {
        say("Delays of the link and the network beyond it are left out; communication does not overlap with computing.");
        say("Only sums of the main stack are counted between devices, not those of encoders and towers beside it.");
    }
    if (workload.pipeline_parallel > 1) say("Stages take equally long, and enough batches are under way to fill them.");
    if (workload.speculation) say("Checking the drafted tokens takes one step of the model; acceptances are independent.");
    if (workload.price > 0 && model.architecture.generates)
        say("Costs are of devices that only generate, or only read prompts, at this batch.");
}

}  // namespace

Time estimate_time(Model& model, const Workload& workload, const Compute& compute) {
    model.ledger.section("time");
    const Machine machine = read_machine(model.ledger, workload, compute.prefill.batch);
    const ElementBytes bytes = element_bytes(model, workload);
    Time time;
    time.prefill = time_pass(model, compute.prefill, machine, bytes);
    if (model.architecture.generates) time.decode = time_pass(model, compute.decode, machine, bytes);
    add_rates(model, workload, compute, machine, time);
    add_left_out(model, workload, time);
    return time;
}

}  // namespace clearformer::estimate
