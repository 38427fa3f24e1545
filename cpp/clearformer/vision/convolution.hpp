#pragma once

// Convolution in two dimensions, with strides and padding: overlapping patches, and the stems of hierarchical transformers.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// image [Ch, H, W], weight [N, Ch, Kh, Kw], bias [N] or none. The kernel moves by `stride`; `padding` rows and columns of
/// zeros surround the image. As torch.nn.functional.conv2d: the kernel is not flipped.
struct Conv2dOptions {
    static constexpr const char* kFunction = "conv2d";
    Array<double> image, weight;
    std::optional<Array<double>> bias;
    int stride = 1;
    int padding = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("image", image, "Ch H W");
        field.required("weight", weight, "N Ch Kh Kw");
        field.optional("bias", bias, "N");
        field.optional("stride", stride);
        field.optional("padding", padding);
        field.optional("trace", trace);
    }
};

struct Conv2dResult {
    Array<double> y;  // [N, Oh, Ow], Oh = floor((H + 2 padding - Kh) / stride) + 1
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "N Oh Ow");
        field.optional("trace", trace);
    }
};

/// y[n, i, j] = bias[n] + sum over c, a, b of weight[n, c, a, b] image[c, i stride + a - padding, j stride + b - padding],
/// reading zeros outside the image.
/// Throws DomainError for extents of 0, kernels larger than the padded image, stride < 1, padding < 0 and above 65536, and
/// more than 2 10^9 products.
Conv2dResult conv2d(const Conv2dOptions& options);

}  // namespace clearformer
