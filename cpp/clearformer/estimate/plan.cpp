#include "clearformer/estimate/plan.hpp"

#include "clearformer/estimate/inventory.hpp"
#include "clearformer/estimate/memory.hpp"
#include "clearformer/estimate/time.hpp"

namespace clearformer::estimate {
namespace {

void add_rows(const Work& work, const PassTime* time, std::vector<OperationRow>& rows) {
    for (std::size_t i = 0; i < work.operations.size(); ++i) {
        const Operation& operation = work.operations[i];
        const auto value = [](Quantity quantity) { return quantity ? quantity.value() : 0.0; };
        OperationRow row;
        row.name = operation.name;
        row.title = operation.title;
        row.kind = class_name(operation.kind);
        row.phase = operation.phase;
        row.flops = value(operation.flops);
        row.weight_bytes = value(operation.weight_bytes);
        row.cache_bytes = value(operation.cache_bytes);
        row.activation_bytes = value(operation.activation_bytes);
        row.bytes = row.weight_bytes + row.cache_bytes + row.activation_bytes;
        row.intensity = row.bytes > 0 ? row.flops / row.bytes : 0;
        if (time && i < time->operations.size()) {
            row.seconds = value(time->operations[i].seconds);
            row.bound = time->operations[i].bound();
        }
        rows.push_back(std::move(row));
    }
}

/// Everything of a plan but the rows that are shown.
struct Worked {
    std::unique_ptr<Model> model;
    Compute compute;
    std::optional<Time> time;
};

Worked work_out(const PlanOptions& options) {
    Worked worked;
    worked.model = read_model(options.config, options.image_size);
    Model& model = *worked.model;
    model.ledger.section("parameters");
    const Inventory inventory = count_parameters(model);
    model.ledger.section("memory");
    plan_memory(model, inventory, options);
    model.ledger.section("compute");
    worked.compute = count_compute(model, options);
    if (options.hardware) {
        model.ledger.section("time");
        worked.time = estimate_time(model, options, worked.compute);
    }
    return worked;
}

/// The option of a plan that a sweep varies.
void set_option(PlanOptions& options, const std::string& name, double value) {
    require(value >= 0 && value <= 4294967295.0 && value == static_cast<double>(static_cast<std::int64_t>(value)),
            "sweep_plan: values must be whole numbers from 0 to 4294967295, got ", value);
    const auto size = static_cast<Size>(value);
    if (name == "batch") options.batch = size;
    else if (name == "prompt") options.prompt = size;
    else if (name == "generated") options.generated = size;
    else if (name == "devices") options.devices = size;
    else if (name == "image_size" || name == "imageSize") options.image_size = size;
    else if (name == "prefix_cached" || name == "prefixCached") options.prefix_cached = size;
    else
        fail({"sweep_plan: vary must be one of batch, prompt, generated, devices, imageSize, prefixCached, got \"", name,
              "\""});
}

constexpr Size kMostPoints = 512, kMostCurves = 64;

}  // namespace

std::unique_ptr<Model> make_plan(const PlanOptions& options, PlanResult& result) {
    Worked worked = work_out(options);
    result.understood = understood(*worked.model);
    result.quantities = headlines(*worked.model);
    result.tensors = tensor_rows(*worked.model);
    const Time* time = worked.time ? &*worked.time : nullptr;
    add_rows(worked.compute.prefill, time ? &time->prefill : nullptr, result.operations);
    add_rows(worked.compute.decode, time ? &time->decode : nullptr, result.operations);
    if (time) result.left_out = time->left_out;
    return std::move(worked.model);
}

SweepPlanResult sweep_plan(const SweepPlanOptions& options) {
    require(options.values.size() <= kMostPoints, "sweep_plan: there may be at most ", kMostPoints, " values, got ",
            options.values.size());
    require(options.quantities.size() <= kMostCurves, "sweep_plan: there may be at most ", kMostCurves, " quantities, got ",
            options.quantities.size());
    SweepPlanResult result;
    result.table = Array<double>({options.values.size(), options.quantities.size()});
    PlanOptions at = options.plan;
    for (Size i = 0; i < options.values.size(); ++i) {
        set_option(at, options.vary, options.values[i]);
        const Worked worked = work_out(at);
        for (Size j = 0; j < options.quantities.size(); ++j) {
            const Quantity quantity = worked.model->ledger.find(options.quantities[j]);
            require(static_cast<bool>(quantity), "sweep_plan: the plan has no quantity ", options.quantities[j], " at ",
                    options.vary, " = ", options.values[i]);
            result.table.data[i * options.quantities.size() + j] = quantity.value();
        }
    }
    return result;
}

}  // namespace clearformer::estimate
