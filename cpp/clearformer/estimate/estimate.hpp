#pragma once

// Parameters and cache of a configuration as callers see them.

#include "clearformer/estimate/understood.hpp"

namespace clearformer::estimate {

/// Parameters and cache of a configuration, without any workload.
struct EstimateOptions {
    static constexpr const char* kFunction = "estimate";
    KeyValues config;
    std::vector<double> contexts;
    std::string cache = "bf16";
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("config", config);
        field.optional("contexts", contexts);
        field.optional("cache", cache);
    }
};
struct EstimateResult {
    Understood understood;
    double total_params = 0, active_params = 0, active_params_without_embedding = 0, active_params_without_tables = 0,
           matmul_params = 0;
    std::optional<double> kv_bytes_per_token;
    std::vector<double> kv_bytes;
    std::vector<TensorRow> tensors;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("understood", understood);
        field.required("total_params", total_params);
        field.required("active_params", active_params);
        field.required("active_params_without_embedding", active_params_without_embedding);
        field.required("active_params_without_tables", active_params_without_tables);
        field.required("matmul_params", matmul_params);
        field.optional("kv_bytes_per_token", kv_bytes_per_token);
        field.required("kv_bytes", kv_bytes);
        field.required("tensors", tensors);
    }
};
EstimateResult estimate(const EstimateOptions& options);

}  // namespace clearformer::estimate
