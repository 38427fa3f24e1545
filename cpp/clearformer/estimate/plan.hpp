#pragma once

// The plan of running a model as callers see it: a configuration in, numbers out, each of which opens.

#include "clearformer/estimate/understood.hpp"
#include "clearformer/estimate/workload.hpp"

namespace clearformer::estimate {

/// One operation of a phase, with what bounds it.
struct OperationRow {
    std::string name, title, kind, phase, bound;
    double flops = 0, bytes = 0, weight_bytes = 0, cache_bytes = 0, activation_bytes = 0, intensity = 0;
    std::optional<double> seconds;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("name", name);
        field.required("title", title);
        field.required("kind", kind);
        field.required("phase", phase);
        field.required("flops", flops);
        field.required("bytes", bytes);
        field.required("weight_bytes", weight_bytes);
        field.required("cache_bytes", cache_bytes);
        field.required("activation_bytes", activation_bytes);
        field.required("intensity", intensity);
        field.required("bound", bound);
        field.optional("seconds", seconds);
    }
};

/// A whole plan: everything of `Workload` beside the configuration.
struct PlanOptions : Workload {
    static constexpr const char* kFunction = "plan";
    KeyValues config;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("config", config);
        Workload::fields(field);
    }
};
struct PlanResult {
    Handle plan;
    Understood understood;
    std::vector<QuantityTerm> quantities;
    std::vector<OperationRow> operations;
    std::vector<TensorRow> tensors;
    std::vector<std::string> left_out;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("plan", plan);
        field.required("understood", understood);
        field.required("quantities", quantities);
        field.required("operations", operations);
        field.required("tensors", tensors);
        field.required("left_out", left_out);
    }
};
/// Fills all of the result but the handle; the model holds the quantities.
std::unique_ptr<Model> make_plan(const PlanOptions& options, PlanResult& result);

/// Quantities of a plan at many values of one option.
struct SweepPlanOptions {
    static constexpr const char* kFunction = "sweep_plan";
    PlanOptions plan;
    std::string vary;
    std::vector<double> values;
    std::vector<std::string> quantities;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("plan", plan);
        field.required("vary", vary);
        field.required("values", values);
        field.required("quantities", quantities);
    }
};
struct SweepPlanResult {
    Array<double> table;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("table", table, "N Q");
    }
};
SweepPlanResult sweep_plan(const SweepPlanOptions& options);

}  // namespace clearformer::estimate
