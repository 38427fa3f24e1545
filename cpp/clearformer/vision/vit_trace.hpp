#pragma once

// What a vision transformer computed on its way, and its trace.

#include "clearformer/vision/encoder.hpp"
#include "clearformer/vision/patches.hpp"
#include "clearformer/vision/vit.hpp"

namespace clearformer::vision {

struct LayerRun {
    Array<double> normed1;  // what enters the attention (norm "pre") or leaves its residual sum ("post")
    SelfAttention attention;
    Array<double> middle;  // the residual sum after the attention
    Array<double> normed2;
    FeedForward mlp;
    Array<double> total;  // the residual sum after the feed-forward layer
    const Array<double>& output(bool pre) const { return pre ? total : normed2; }
};

struct VitRun {
    PatchEmbedResult embedded;
    std::vector<LayerRun> layers;
};

/// Every tensor from the image to the logits, in order of computation. Those of layer l end in l: q0, weights0, residual0.
Trace trace_of(const VisionTransformerOptions& options, const VitRun& run, const VisionTransformerResult& result);

}  // namespace clearformer::vision
