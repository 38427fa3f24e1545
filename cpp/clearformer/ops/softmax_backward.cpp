#include "clearformer/ops/softmax_backward.hpp"

#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/gradient_traces.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer {
namespace {

SoftmaxResult<double> forward(const char* function, const SoftmaxBackwardOptions& o) {
    check_same_shape(function, "dy", o.dy.shape, "x", o.x.shape);
    SoftmaxOptions<double> options;
    options.x = o.x;
    options.axis = o.axis;
    options.temperature = o.temperature;
    return softmax(options);
}

/// Calls f with the first entry, the number of entries and the distance between neighbours of every run along the axis.
template <class Function>
void each_run(const Shape& shape, int axis, Function f) {
    const Size along = shape.empty() ? 0 : static_cast<Size>(axis < 0 ? axis + static_cast<int>(shape.size()) : axis);
    const Size count = shape.empty() ? 1 : shape[along], total = entries(shape);
    Size stride = 1;
    for (Size i = along + 1; i < shape.size(); ++i) stride *= shape[i];
    for (Size first = 0; first < total; first += count * stride) {
        for (Size inner = 0; inner < stride; ++inner) f(first + inner, count, stride);
    }
}

}  // namespace

SoftmaxBackwardResult softmax_backward(const SoftmaxBackwardOptions& o) {
    SoftmaxBackwardResult r{forward("softmax_backward", o).y, o.dy};
    each_run(o.x.shape, o.axis, [&](Size first, Size count, Size stride) {
        double mean = 0;
        for (Size i = 0; i < count; ++i) mean += r.y.data[first + i * stride] * o.dy.data[first + i * stride];
        for (Size i = 0; i < count; ++i) {
            const Size at = first + i * stride;
            r.dx.data[at] = r.y.data[at] == 0 ? 0.0 : r.y.data[at] * (o.dy.data[at] - mean) / o.temperature;
        }
    });
    check_finite("softmax_backward", "dx", r.dx);
    if (o.trace) r.trace = trace_of(o, r, false);
    return r;
}

SoftmaxBackwardResult log_softmax_backward(const LogSoftmaxBackwardOptions& o) {
    const SoftmaxResult<double> softmaxed = forward("log_softmax_backward", o);
    SoftmaxBackwardResult r{softmaxed.log_softmax, o.dy};
    each_run(o.x.shape, o.axis, [&](Size first, Size count, Size stride) {
        double sum = 0;
        for (Size i = 0; i < count; ++i) {
            if (o.x.data[first + i * stride] != -kInfinity) sum += o.dy.data[first + i * stride];
        }
        for (Size i = 0; i < count; ++i) {
            const Size at = first + i * stride;
            r.dx.data[at] = o.x.data[at] == -kInfinity ? 0.0 : (o.dy.data[at] - softmaxed.y.data[at] * sum) / o.temperature;
        }
    });
    check_finite("log_softmax_backward", "dx", r.dx);
    if (o.trace) r.trace = trace_of(o, r, true);
    return r;
}

}  // namespace clearformer
