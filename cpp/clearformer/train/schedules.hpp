#pragma once

// Learning rates over the steps of a training. Steps count from 0; a factor multiplies the highest learning rate.
// All throw DomainError for negative steps and lengths, and for a total that is not above the warmup.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// What most schedules share.
struct ScheduleOptions {
    std::vector<int> steps;
    int warmup = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("steps", steps, "N");
        field.optional("warmup", warmup);
        field.optional("trace", trace);
    }
};

struct FactorResult {
    Array<double> factor;  // [N], times the highest learning rate
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("factor", factor, "N");
        field.optional("trace", trace);
    }
};

struct LearningRateResult {
    Array<double> learning_rate;  // [N]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("learning_rate", learning_rate, "N");
        field.optional("trace", trace);
    }
};

struct CosineScheduleOptions : ScheduleOptions {
    static constexpr const char* kFunction = "cosine_schedule";
    int total = 0;
    double cycles = 0.5;
    template <class Visitor>
    void fields(Visitor& field) {
        ScheduleOptions::fields(field);
        field.required("total", total);
        field.optional("cycles", cycles);
    }
};

/// step / warmup, then max(0, (1 + cos(2 pi cycles progress)) / 2) with progress = (step - warmup) / (total - warmup): half a
/// wave from 1 to 0 by default (Loshchilov and Hutter 2017, equation 5). As in Hugging Face Transformers, progress goes on
/// after `total`, so the factor rises again.
FactorResult cosine_schedule(const CosineScheduleOptions& options);

struct LinearScheduleOptions : ScheduleOptions {
    static constexpr const char* kFunction = "linear_schedule";
    int total = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        ScheduleOptions::fields(field);
        field.required("total", total);
    }
};

/// step / warmup, then max(0, (total - step) / (total - warmup)) (Devlin et al. 2019, appendix A.2).
FactorResult linear_schedule(const LinearScheduleOptions& options);

struct InverseSqrtScheduleOptions : ScheduleOptions {
    static constexpr const char* kFunction = "inverse_sqrt_schedule";
    std::optional<int> timescale;
    template <class Visitor>
    void fields(Visitor& field) {
        ScheduleOptions::fields(field);
        field.optional("timescale", timescale);
    }
};

/// step / warmup, then sqrt(timescale / (step - warmup + timescale)). The timescale is the warmup unless given, or 10000
/// without one (Hugging Face Transformers; after Raffel et al. 2020, section 3.1.2). Throws DomainError for timescale < 1.
FactorResult inverse_sqrt_schedule(const InverseSqrtScheduleOptions& options);

struct NoamScheduleOptions : ScheduleOptions {
    static constexpr const char* kFunction = "noam_schedule";
    int d_model = 512;
    double scale = 1;
    template <class Visitor>
    void fields(Visitor& field) {
        ScheduleOptions::fields(field);
        field.required("d_model", d_model);
        field.optional("scale", scale);
    }
};

/// scale d_model^-0.5 min(step^-0.5, step warmup^-1.5), 0 at step 0 (Vaswani et al. 2017, equation 3, where steps count from
/// 1). Throws DomainError for d_model < 1 and warmup < 1.
LearningRateResult noam_schedule(const NoamScheduleOptions& options);

struct CosineMinimumScheduleOptions : ScheduleOptions {
    static constexpr const char* kFunction = "cosine_minimum_schedule";
    int total = 0;
    double highest = 0, lowest = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        ScheduleOptions::fields(field);
        field.required("total", total);
        field.required("highest", highest);
        field.required("lowest", lowest);
    }
};

/// highest (step + 1) / (warmup + 1), then half a cosine wave from `highest` to `lowest` at `total`, and `lowest` after it
/// (Brown et al. 2020, appendix B, keep a tenth; the warmup is nanoGPT's).
LearningRateResult cosine_minimum_schedule(const CosineMinimumScheduleOptions& options);

struct WsdScheduleOptions : ScheduleOptions {
    static constexpr const char* kFunction = "wsd_schedule";
    int stable_until = 0, total = 0;
    std::string decay = "linear";
    double lowest = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        ScheduleOptions::fields(field);
        field.required("stable_until", stable_until);
        field.required("total", total);
        field.optional("decay", decay);
        field.optional("lowest", lowest);
    }
};

/// Warmup, stable, decay (Hu et al. 2024, section 4.2): step / warmup; 1 until `stable_until`; then, with x from 0 to 1 at
/// `total`, lowest + (1 - lowest) f(x), f being 1 - x ("linear"), (1 + cos(pi x)) / 2 ("cosine") or 1 - sqrt(x) ("sqrt",
/// Hägele et al. 2024), or lowest^x ("exponential", lowest above 0); `lowest` from `total` on.
/// Throws DomainError unless warmup <= stable_until < total, for lowest outside 0 to 1, and for another decay.
FactorResult wsd_schedule(const WsdScheduleOptions& options);

}  // namespace clearformer
