#include "clearformer/vision/convolution.hpp"

#include "clearformer/vision/grids.hpp"
#include "clearformer/vision/recorder.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer {
using namespace vision;
namespace {

/// Where the kernel lies on the image along one axis: image position = start + kernel position, for kernel positions begin
/// .. end - 1.
struct Overlap {
    std::ptrdiff_t start;
    Size begin, end;
};

Overlap overlap_of(Size output, Size stride, Size padding, Size kernel, Size extent) {
    const Size shifted = output * stride;
    const auto start = static_cast<std::ptrdiff_t>(shifted) - static_cast<std::ptrdiff_t>(padding);
    const Size begin = padding > shifted ? padding - shifted : 0, room = extent + padding;
    return {start, std::min(begin, kernel), shifted >= room ? 0 : std::min(kernel, room - shifted)};
}

double window_sum(const Conv2dOptions& o, Size n, const Overlap& down, const Overlap& across) {
    const Size channels = o.image.shape[0], H = o.image.shape[1], W = o.image.shape[2], Kh = o.weight.shape[2],
               Kw = o.weight.shape[3];
    double sum = 0;
    for (Size c = 0; c < channels; ++c) {
        for (Size a = down.begin; a < down.end; ++a) {
            const auto row = static_cast<Size>(down.start + static_cast<std::ptrdiff_t>(a));
            const double* line = &o.image.data[(c * H + row) * W];
            const double* kernel = &o.weight.data[((n * channels + c) * Kh + a) * Kw];
            for (Size b = across.begin; b < across.end; ++b) {
                sum += kernel[b] * line[across.start + static_cast<std::ptrdiff_t>(b)];
            }
        }
    }
    return sum;
}

Trace trace_of(const Conv2dOptions& o, const Array<double>& y, Size stride, Size padding) {
    Trace trace;
    Recorder to(trace);
    const char* image = to.given({"image", "X", "pixel", "input", "Ch H W"}, o.image, "A pixel of the image.");
    const char* weight = to.given({"weight", "W", "kernel weight", "input", "N Ch Kh Kw"}, o.weight);
    const char* bias = to.given({"bias", "b", "bias", "input", "N"}, o.bias);
    to.add({"y", "Y", "feature", "residual", "N Oh Ow"},
           convolution_rule(image, weight, bias, o.image.shape, o.weight.shape, stride, padding), y);
    return trace;
}

}  // namespace

Conv2dResult conv2d(const Conv2dOptions& o) {
    const Letters shape = check_shapes(o);
    const Size H = shape["H"], W = shape["W"], Kh = shape["Kh"], Kw = shape["Kw"], N = shape["N"];
    const Size stride = extent_of("conv2d", "stride", o.stride, 1, kMostExtent),
               padding = extent_of("conv2d", "padding", o.padding, 0, kMostExtent);
    require(o.image.size() > 0 && o.weight.size() > 0, "conv2d: image and weight must have entries, got shapes ",
            o.image.shape, " and ", o.weight.shape);
    require(Kh <= H + 2 * padding && Kw <= W + 2 * padding, "conv2d: the kernel must fit into the padded image, got ", Kh,
            " by ", Kw, " in ", H + 2 * padding, " by ", W + 2 * padding);
    const Size rows = (H + 2 * padding - Kh) / stride + 1, columns = (W + 2 * padding - Kw) / stride + 1;
    const double products = static_cast<double>(o.weight.size()) * static_cast<double>(rows) * static_cast<double>(columns);
    require(products <= 2e9, "conv2d: at most 2000000000 products are allowed, got ", products);
    Conv2dResult r{Array<double>({N, rows, columns})};
    for (Size n = 0; n < N; ++n) {
        for (Size i = 0; i < rows; ++i) {
            const Overlap down = overlap_of(i, stride, padding, Kh, H);
            for (Size j = 0; j < columns; ++j) {
                const Overlap across = overlap_of(j, stride, padding, Kw, W);
                r.y.data[(n * rows + i) * columns + j] = window_sum(o, n, down, across) + (o.bias ? o.bias->data[n] : 0.0);
            }
        }
    }
    if (o.trace) r.trace = trace_of(o, r.y, stride, padding);
    return r;
}

}  // namespace clearformer
