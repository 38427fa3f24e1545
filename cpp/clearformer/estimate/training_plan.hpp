#pragma once

// The training plan as callers see it.

#include "clearformer/estimate/understood.hpp"
#include "clearformer/estimate/workload.hpp"

namespace clearformer::estimate {

/// Everything of `Training` beside the configuration.
struct TrainingPlanOptions : Training {
    static constexpr const char* kFunction = "training_plan";
    KeyValues config;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("config", config);
        Training::fields(field);
    }
};
struct TrainingPlanResult {
    Handle plan;
    Understood understood;
    std::vector<QuantityTerm> quantities;
    std::vector<std::string> left_out;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("plan", plan);
        field.required("understood", understood);
        field.required("quantities", quantities);
        field.required("left_out", left_out);
    }
};
std::unique_ptr<Model> make_training_plan(const TrainingPlanOptions& options, TrainingPlanResult& result);

}  // namespace clearformer::estimate
