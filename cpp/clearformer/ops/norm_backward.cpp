#include "clearformer/ops/norm_backward.hpp"

#include <cmath>

#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/gradient_traces.hpp"
#include "clearformer/ops/norm.hpp"

namespace clearformer {
namespace {

template <class Real>
double mean_square(const Real* x, Size n, double center) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) {
        const double distance = static_cast<double>(x[i]) - center;
        sum += distance * distance;
    }
    return sum / static_cast<double>(n);
}

}  // namespace

template <class Real>
void rms_norm_row(const Real* x, const Real* gamma, Real* y, Size c, double eps) {
    const double inverse = inverse_of(std::sqrt(mean_square(x, c, 0) + eps));
    for (Size i = 0; i < c; ++i) {
        y[i] = static_cast<Real>(static_cast<double>(x[i]) * inverse * (gamma ? static_cast<double>(gamma[i]) : 1.0));
    }
}

template <class Real>
void rms_norm_row_backward(const Real* x, const Real* gamma, const Real* dy, Real* dx, Real* d_gamma, Size c, double eps,
                           bool unit_offset) {
    const double inverse = inverse_of(std::sqrt(mean_square(x, c, 0) + eps));
    const auto scaled = [&](Size i) {
        return static_cast<double>(dy[i]) * (gamma ? static_cast<double>(gamma[i]) + (unit_offset ? 1.0 : 0.0) : 1.0);
    };
    double stretch = 0;
    for (Size i = 0; i < c; ++i) stretch += scaled(i) * static_cast<double>(x[i]) * inverse;
    stretch /= static_cast<double>(c);
    for (Size i = 0; i < c; ++i) {
        const double n = static_cast<double>(x[i]) * inverse;
        if (d_gamma) d_gamma[i] += static_cast<Real>(static_cast<double>(dy[i]) * n);
        dx[i] = static_cast<Real>((scaled(i) - n * stretch) * inverse);
    }
}

#define CLEARFORMER_INSTANTIATE(Real)                                          \
    template void rms_norm_row(const Real*, const Real*, Real*, Size, double); \
    template void rms_norm_row_backward(const Real*, const Real*, const Real*, Real*, Real*, Size, double, bool);
CLEARFORMER_INSTANTIATE(float)
CLEARFORMER_INSTANTIATE(double)
#undef CLEARFORMER_INSTANTIATE

LayerNormBackwardResult layer_norm_backward(const LayerNormBackwardOptions& o) {
    const Size C = check_shapes(o)["C"];
    check_same_shape("layer_norm_backward", "dy", o.dy.shape, "x", o.x.shape);
    LayerNormOptions<double> forward;
    forward.x = o.x;
    forward.gamma = o.gamma;
    forward.beta = o.beta;
    forward.eps = o.eps;
    LayerNormBackwardResult r{layer_norm(forward).y, o.dy, Array<double>({C}), Array<double>({C})};
    for (Size row = 0; row < o.x.rows(); ++row) {
        layer_norm_row_backward(o.x.row(row), o.gamma ? o.gamma->data.data() : nullptr, o.dy.row(row), r.dx.row(row),
                                r.d_gamma.data.data(), r.d_beta.data.data(), C, o.eps);
    }
    check_finite("layer_norm_backward", "dx", r.dx);
    check_finite("layer_norm_backward", "d_gamma", r.d_gamma);
    check_finite("layer_norm_backward", "d_beta", r.d_beta);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

RmsNormBackwardResult rms_norm_backward(const RmsNormBackwardOptions& o) {
    const Size C = check_shapes(o)["C"];
    check_same_shape("rms_norm_backward", "dy", o.dy.shape, "x", o.x.shape);
    RmsNormOptions<double> forward;
    forward.x = o.x;
    forward.gamma = o.gamma;
    forward.eps = o.eps;
    forward.unit_offset = o.unit_offset;
    RmsNormBackwardResult r{rms_norm(forward).y, o.dy, Array<double>({C})};
    for (Size row = 0; row < o.x.rows(); ++row) {
        rms_norm_row_backward(o.x.row(row), o.gamma ? o.gamma->data.data() : nullptr, o.dy.row(row), r.dx.row(row),
                              r.d_gamma.data.data(), C, o.eps, o.unit_offset);
    }
    check_finite("rms_norm_backward", "dx", r.dx);
    check_finite("rms_norm_backward", "d_gamma", r.d_gamma);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

NormBackwardResult group_norm_backward(const GroupNormBackwardOptions& o) {
    check_same_shape("group_norm_backward", "dy", o.dy.shape, "x", o.x.shape);
    GroupNormOptions<double> forward;
    forward.x = o.x;
    forward.groups = o.groups;
    forward.eps = o.eps;
    NormBackwardResult r{group_norm(forward).y, o.dy};
    const Size count = o.x.shape[0] * static_cast<Size>(o.groups), width = count == 0 ? 0 : o.x.size() / count;
    for (Size group = 0; group < count; ++group) {
        const Size first = group * width;
        layer_norm_row_backward<double>(o.x.data.data() + first, nullptr, o.dy.data.data() + first, r.dx.data.data() + first,
                                        nullptr, nullptr, width, o.eps);
    }
    check_finite("group_norm_backward", "dx", r.dx);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

NormBackwardResult l2_normalize_backward(const L2NormalizeBackwardOptions& o) {
    const Size C = check_shapes(o)["C"];
    check_same_shape("l2_normalize_backward", "dy", o.dy.shape, "x", o.x.shape);
    L2NormalizeOptions<double> forward;
    forward.x = o.x;
    forward.eps = o.eps;
    NormBackwardResult r{l2_normalize(forward).y, o.dy};
    for (Size row = 0; row < o.x.rows(); ++row) {
        const double *x = o.x.row(row), *y = r.y.row(row), *dy = o.dy.row(row);
        double length = 0, along = 0;
        for (Size c = 0; c < C; ++c) {
            length += x[c] * x[c];
            along += y[c] * dy[c];
        }
        length = std::sqrt(length);
        const double inverse = inverse_of(std::max(length, o.eps));
        for (Size c = 0; c < C; ++c) r.dx.row(row)[c] = (dy[c] - (length >= o.eps ? y[c] * along : 0.0)) * inverse;
    }
    check_finite("l2_normalize_backward", "dx", r.dx);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
