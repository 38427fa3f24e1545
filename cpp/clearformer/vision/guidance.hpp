#pragma once

// Classifier-free guidance: away from what the model predicts without the prompt, towards what it predicts with it.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// eps_cond and eps_uncond of one shape, the first axis being the batch. scale: 0 ignores the prompt, 1 is the prediction
/// with it, above 1 exaggerates it. rescale from 0 to 1.
struct ClassifierFreeGuidanceOptions {
    static constexpr const char* kFunction = "classifier_free_guidance";
    Array<double> eps_cond, eps_uncond;
    double scale = 7.5;
    double rescale = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("eps_cond", eps_cond, "..");
        field.required("eps_uncond", eps_uncond, "..");
        field.optional("scale", scale);
        field.optional("rescale", rescale);
        field.optional("trace", trace);
    }
};

struct ClassifierFreeGuidanceResult {
    Array<double> eps;     // as eps_cond
    Array<double> factor;  // [N] what the guided prediction of each sample was multiplied by; 1 without rescale
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("eps", eps, "..");
        field.required("factor", factor, "N");
        field.optional("trace", trace);
    }
};

/// guided = eps_uncond + scale (eps_cond - eps_uncond) (Ho and Salimans 2022, equation 6, whose w is scale - 1). With
/// rescale phi the guided prediction of each sample is brought part of the way back to the deviation of eps_cond, which
/// large scales inflate: eps = guided (phi std(eps_cond) / std(guided) + 1 - phi), deviations over all entries of the
/// sample, divided by their number less one (Lin et al. 2024, equations 15 and 16, as diffusers computes it).
/// Throws DomainError for shapes that differ, rescale outside 0 .. 1 and, with rescale, fewer than two axes, fewer than two
/// entries in a sample, and a guided prediction without spread.
ClassifierFreeGuidanceResult classifier_free_guidance(const ClassifierFreeGuidanceOptions& options);

}  // namespace clearformer
