#pragma once

// Whether the gradients are right: each against a difference of two losses.

#include "clearformer/train/tiny_gpt.hpp"

namespace clearformer {

/// One entry of one parameter, and what was found there.
struct GradientEntry {
    std::string parameter;
    std::vector<int> index;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("parameter", parameter);
        field.required("index", index);
    }
};

/// The options of tiny_gpt, targets included; `entries`: at most 10000 places to look at; step above 0.
struct GradientCheckOptions {
    static constexpr const char* kFunction = "gradient_check";
    TinyGptOptions model;
    std::vector<GradientEntry> entries;
    double step = 1e-5;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("parameters", model.parameters);
        field.required("tokens", model.tokens);
        field.required("targets", model.targets);
        field.required("heads", model.heads);
        field.optional("sequences", model.sequences);
        field.optional("activation", model.activation);
        field.optional("normalisation", model.normalisation);
        field.optional("norm_first", model.norm_first);
        field.optional("eps", model.eps);
        field.required("entries", entries);
        field.optional("step", step);
    }
};

struct GradientCheckResult {
    Array<double> backward;    // [N] what the backward pass gives for each entry
    Array<double> difference;  // [N] (loss at w + step - loss at w - step) / (2 step)
    double largest_error = 0;  // the largest distance between the two
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("backward", backward, "N");
        field.required("difference", difference, "N");
        field.required("largest_error", largest_error);
    }
};

/// Central differences of the tiny GPT's loss; their own error is about step² times the third derivative, plus 1e-16 / step
/// from rounding. Throws DomainError as tiny_gpt does, for a parameter or an index that is not there, no targets, step <= 0,
/// and more work than entries times tokens times parameters = 1e11.
GradientCheckResult gradient_check(const GradientCheckOptions& options);

}  // namespace clearformer
