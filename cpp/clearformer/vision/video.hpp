#pragma once

// Attention over videos: in space, then in time, and what each way of attending costs.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [F, H, W, C]: F frames of H by W tokens, which serve as queries, keys and values themselves. scale defaults to 1 /
/// sqrt(C).
struct FactorisedAttentionOptions {
    static constexpr const char* kFunction = "factorised_attention";
    Array<double> x;
    std::optional<double> scale = {};
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "F H W C");
        field.optional("scale", scale);
        field.optional("trace", trace);
    }
};

struct FactorisedAttentionResult {
    Array<double> spatial_weights;   // [F, P, P], P = H W: frame, query, key
    Array<double> after_spatial;     // [F, H, W, C]
    Array<double> temporal_weights;  // [P, F, F]: place, query, key
    Array<double> y;                 // [F, H, W, C]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("spatial_weights", spatial_weights, "F P P");
        field.required("after_spatial", after_spatial, "F H W C");
        field.required("temporal_weights", temporal_weights, "P F F");
        field.required("y", y, "F H W C");
        field.optional("trace", trace);
    }
};

/// softmax(scale x x^T) x among the tokens of each frame, then the same among the frames of each place (Arnab et al. 2021,
/// model 3; Bertasius et al. 2021 attend in time first). No projections and no residuals: the bare mixing.
/// Throws DomainError for videos without tokens.
FactorisedAttentionResult factorised_attention(const FactorisedAttentionOptions& options);

/// A video of `frames` by `height` by `width` tokens; window: the extents of a 3D window in time, down and across.
struct VideoAttentionCostOptions {
    static constexpr const char* kFunction = "video_attention_cost";
    int frames = 0, height = 0, width = 0;
    std::vector<int> window = {2, 7, 7};
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("frames", frames);
        field.required("height", height);
        field.required("width", width);
        field.optional("window", window);
        field.optional("trace", trace);
    }
};

struct VideoAttentionCostResult {
    double tokens = 0;
    double joint_pairs = 0;       // every token with every token
    double factorised_pairs = 0;  // in space, then in time
    double window_pairs = 0;      // inside 3D windows
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
        field.required("joint_pairs", joint_pairs);
        field.required("factorised_pairs", factorised_pairs);
        field.required("window_pairs", window_pairs);
        field.optional("trace", trace);
    }
};

/// Query-key pairs per head: (F H W)^2 jointly; F (H W)^2 + H W F^2 factorised; in windows (Liu et al. 2022, Video Swin)
/// windows times (tokens of a window)^2, the grid being padded to whole windows. All counts are exact below 2^53.
/// Throws DomainError for extents that are not from 1 to 65536, or a window that is not three of them.
VideoAttentionCostResult video_attention_cost(const VideoAttentionCostOptions& options);

}  // namespace clearformer
