#pragma once

// Low-rank adapters: a frozen weight plus the product of two thin matrices; with rank-stabilised scaling, and with the
// magnitudes apart.

#include <optional>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. C], weight [N C], a [R C], b [N R]. `scaling`: `alpha/r`, or `alpha/sqrt(r)` (rsLoRA).
struct LoraOptions {
    static constexpr const char* kFunction = "lora";
    Array<double> x, weight, a, b;
    double alpha = 1;
    std::string scaling = "alpha/r";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("weight", weight, "N C");
        field.required("a", a, "R C");
        field.required("b", b, "N R");
        field.required("alpha", alpha);
        field.optional("scaling", scaling);
        field.optional("trace", trace);
    }
};

struct LoraResult {
    Array<double> y;       // [.. N] base + update
    Array<double> base;    // [.. N] x weightᵀ
    Array<double> down;    // [.. R] x aᵀ
    Array<double> update;  // [.. N] scale (x aᵀ) bᵀ
    Array<double> merged;  // [N C] weight + scale b a
    Array<double> delta;   // [N C] scale b a
    double scale = 0;
    int trainable = 0;  // entries of a and b
    int frozen = 0;     // entries of weight
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("base", base, "..");
        field.required("down", down, "..");
        field.required("update", update, "..");
        field.required("merged", merged, "N C");
        field.required("delta", delta, "N C");
        field.required("scale", scale);
        field.required("trainable", trainable);
        field.required("frozen", frozen);
        field.optional("trace", trace);
    }
};

/// y = x Wᵀ + s (x Aᵀ) Bᵀ with s = alpha / r (Hu et al. 2021, section 4.1) or alpha / sqrt(r) (Kalajdzievski 2023); the
/// merged weight W + s B A gives the same y in one product.
/// Throws DomainError for shapes that do not fit, a rank of 0, an unknown scaling, and results too large for a double.
LoraResult lora(const LoraOptions& options);

/// merged [N C], a [R C], b [N R].
struct LoraUnmergeOptions {
    static constexpr const char* kFunction = "lora_unmerge";
    Array<double> merged, a, b;
    double alpha = 1;
    std::string scaling = "alpha/r";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("merged", merged, "N C");
        field.required("a", a, "R C");
        field.required("b", b, "N R");
        field.required("alpha", alpha);
        field.optional("scaling", scaling);
        field.optional("trace", trace);
    }
};

struct LoraUnmergeResult {
    Array<double> weight;  // [N C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weight", weight, "N C");
        field.optional("trace", trace);
    }
};

/// merged - s B A: the frozen weight again, up to rounding. Throws DomainError as lora does.
LoraUnmergeResult lora_unmerge(const LoraUnmergeOptions& options);

/// x [.. C], weight [N C], a [R C], b [N R], magnitude [N] or none: then the lengths of the weight's rows, as at the
/// start of training.
struct DoraOptions {
    static constexpr const char* kFunction = "dora";
    Array<double> x, weight, a, b;
    std::optional<Array<double>> magnitude;
    double alpha = 1;
    std::string scaling = "alpha/r";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("weight", weight, "N C");
        field.required("a", a, "R C");
        field.required("b", b, "N R");
        field.optional("magnitude", magnitude, "N");
        field.required("alpha", alpha);
        field.optional("scaling", scaling);
        field.optional("trace", trace);
    }
};

struct DoraResult {
    Array<double> y;          // [.. N] x mergedᵀ
    Array<double> adapted;    // [N C] V = weight + scale b a
    Array<double> norms;      // [N] lengths of V's rows
    Array<double> magnitude;  // [N] as used
    Array<double> merged;     // [N C] each row of V brought to its magnitude
    double scale = 0;
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("adapted", adapted, "N C");
        field.required("norms", norms, "N");
        field.required("magnitude", magnitude, "N");
        field.required("merged", merged, "N C");
        field.required("scale", scale);
        field.optional("trace", trace);
    }
};

/// W' = m V / |V| with V = W + s B A, the lengths taken for each output feature (Liu et al. 2024, equation 5; its columns
/// are the rows of weights laid out [out, in]). A row of V that is all zeros stays zero.
/// Throws DomainError as lora does.
DoraResult dora(const DoraOptions& options);

/// What dora gave: merged [N C], norms [N], magnitude [N]; and its a [R C], b [N R].
struct DoraUnmergeOptions {
    static constexpr const char* kFunction = "dora_unmerge";
    Array<double> merged, norms, magnitude, a, b;
    double alpha = 1;
    std::string scaling = "alpha/r";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("merged", merged, "N C");
        field.required("norms", norms, "N");
        field.required("magnitude", magnitude, "N");
        field.required("a", a, "R C");
        field.required("b", b, "N R");
        field.required("alpha", alpha);
        field.optional("scaling", scaling);
        field.optional("trace", trace);
    }
};

struct DoraUnmergeResult {
    Array<double> weight;  // [N C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weight", weight, "N C");
        field.optional("trace", trace);
    }
};

/// W = W' |V| / m - s B A: the frozen weight again, up to rounding. Rows of magnitude 0 cannot come back: DomainError.
DoraUnmergeResult dora_unmerge(const DoraUnmergeOptions& options);

}  // namespace clearformer
