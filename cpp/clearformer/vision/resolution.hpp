#pragma once

// At which resolution vision-language models read an image.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// sizes [N, 2]: heights and widths in pixels, whole numbers. factor: pixels per side of a merged patch (28: 2 by 2
/// patches of 14).
struct SmartResizeOptions {
    static constexpr const char* kFunction = "smart_resize";
    Array<double> sizes;
    int factor = 28;
    int min_pixels = 3136;
    int max_pixels = 1003520;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("sizes", sizes, "N 2");
        field.optional("factor", factor);
        field.optional("min_pixels", min_pixels);
        field.optional("max_pixels", max_pixels);
        field.optional("trace", trace);
    }
};

struct SmartResizeResult {
    Array<double> resized;  // [N, 2]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("resized", resized, "N 2");
        field.optional("trace", trace);
    }
};

/// Qwen2-VL (Wang et al. 2024, section 2.1, and its image processor): each side rounded to a multiple of factor, halves to
/// even. Where that has more than max_pixels, both sides shrink by sqrt(h w / max_pixels) and are rounded down (at least
/// to factor); where it has fewer than min_pixels, they grow by sqrt(min_pixels / (h w)) and are rounded up.
/// Throws DomainError for sides that are not whole numbers from 1 to 10^6, sides more than 200 times each other, factor <
/// 1, negative min_pixels or max_pixels below min_pixels, and a side that would be rounded to 0.
SmartResizeResult smart_resize(const SmartResizeOptions& options);

/// sizes [N, 2] and pinpoints [K, 2]: heights and widths in pixels, whole numbers.
struct AnyresOptions {
    static constexpr const char* kFunction = "anyres";
    Array<double> sizes, pinpoints;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("sizes", sizes, "N 2");
        field.required("pinpoints", pinpoints, "K 2");
        field.optional("trace", trace);
    }
};

struct AnyresResult {
    Array<double> best;       // [N, 2] the chosen pinpoint
    Array<double> effective;  // [N] pixels of the image that it keeps
    Array<double> wasted;     // [N] pixels of the pinpoint that stay empty
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("best", best, "N 2");
        field.required("effective", effective, "N");
        field.required("wasted", wasted, "N");
        field.optional("trace", trace);
    }
};

/// LLaVA-NeXT's choice of a resolution (Liu et al. 2024): the image is scaled to fit into each pinpoint; the one that
/// keeps the most pixels wins (never counting more than the image has), among equals the one that wastes the fewest, and
/// then the first.
/// Throws DomainError for sides that are not whole numbers from 1 to 10^6, and without pinpoints.
AnyresResult anyres(const AnyresOptions& options);

}  // namespace clearformer
