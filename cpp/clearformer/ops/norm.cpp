#include "clearformer/ops/norm.hpp"

#include <cmath>

namespace clearformer {
namespace {

void check_eps(const char* function, double eps) {
    require(std::isfinite(eps) && eps >= 0, function, ": eps must be at least 0, got ", eps);
}

template <class Real>
double mean_of(const Real* x, Size n) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
    return sum / static_cast<double>(n);
}

/// Mean of (x - center)^2.
template <class Real>
double mean_square(const char* function, const Real* x, Size n, double center) {
    double sum = 0;
    for (Size i = 0; i < n; ++i) {
        const double distance = static_cast<double>(x[i]) - center;
        sum += distance * distance;
    }
    require(std::isfinite(sum), function, ": the values are too large, their squares sum to ", sum);
    return sum / static_cast<double>(n);
}

double divided(double x, double divisor) { return divisor == 0 ? 0.0 : x / divisor; }

template <class Real>
Array<Real> per_row(const Array<Real>& x) {
    return Array<Real>(Shape(x.shape.begin(), x.shape.end() - 1));
}

}  // namespace

template <class Real>
LayerNormResult<Real> layer_norm(const LayerNormOptions<Real>& o) {
    const Size C = check_shapes(o)["C"];
    check_eps("layer_norm", o.eps);
    require(C > 0, "layer_norm: rows must have at least one entry, got shape ", o.x.shape);
    LayerNormResult<Real> r{o.x, per_row(o.x), per_row(o.x)};
    for (Size row = 0; row < o.x.rows(); ++row) {
        const Real* x = o.x.row(row);
        // 1. Where the row is centred and how far it spreads.
        const double mean = mean_of(x, C), variance = mean_square("layer_norm", x, C, mean);
        const double deviation = std::sqrt(variance + o.eps);
        r.mean.data[row] = static_cast<Real>(mean);
        r.variance.data[row] = static_cast<Real>(variance);
        // 2. Mean 0, variance 1; then the learned scale and shift.
        for (Size c = 0; c < C; ++c) {
            double y = divided(static_cast<double>(x[c]) - mean, deviation);
            if (o.gamma) y *= static_cast<double>(o.gamma->data[c]);
            if (o.beta) y += static_cast<double>(o.beta->data[c]);
            r.y.row(row)[c] = static_cast<Real>(y);
        }
    }
    return r;
}

template <class Real>
RmsNormResult<Real> rms_norm(const RmsNormOptions<Real>& o) {
    const Size C = check_shapes(o)["C"];
    check_eps("rms_norm", o.eps);
    require(C > 0, "rms_norm: rows must have at least one entry, got shape ", o.x.shape);
    RmsNormResult<Real> r{o.x, per_row(o.x)};
    for (Size row = 0; row < o.x.rows(); ++row) {
        const Real* x = o.x.row(row);
        const double rms = std::sqrt(mean_square("rms_norm", x, C, 0) + o.eps);
        r.rms.data[row] = static_cast<Real>(rms);
        for (Size c = 0; c < C; ++c) {
            double y = divided(static_cast<double>(x[c]), rms);
            if (o.gamma) y *= static_cast<double>(o.gamma->data[c]) + (o.unit_offset ? 1.0 : 0.0);
            r.y.row(row)[c] = static_cast<Real>(y);
        }
    }
    return r;
}

template <class Real>
GroupNormResult<Real> group_norm(const GroupNormOptions<Real>& o) {
    check_shapes(o);
    check_eps("group_norm", o.eps);
    require(o.x.rank() >= 2, "group_norm: x must have shape [N, Ch, ..], got ", o.x.shape);
    require(o.groups >= 1 && o.x.shape[1] % static_cast<Size>(o.groups) == 0,
            "group_norm: groups must divide the channels, got ", o.groups, " groups and ", o.x.shape[1], " channels");
    const Size count = o.x.shape[0] * static_cast<Size>(o.groups), width = count == 0 ? 0 : o.x.size() / count;
    require(count == 0 || width > 0, "group_norm: groups must have at least one entry, got shape ", o.x.shape);
    GroupNormResult<Real> r{o.x};
    for (Size group = 0; group < count; ++group) {
        const Real* x = o.x.data.data() + group * width;
        const double mean = mean_of(x, width);
        const double deviation = std::sqrt(mean_square("group_norm", x, width, mean) + o.eps);
        for (Size i = 0; i < width; ++i) {
            r.y.data[group * width + i] = static_cast<Real>(divided(static_cast<double>(x[i]) - mean, deviation));
        }
    }
    return r;
}

template <class Real>
L2NormalizeResult<Real> l2_normalize(const L2NormalizeOptions<Real>& o) {
    const Size C = check_shapes(o)["C"];
    check_eps("l2_normalize", o.eps);
    L2NormalizeResult<Real> r{o.x};
    for (Size row = 0; row < o.x.rows(); ++row) {
        const double length = std::sqrt(mean_square("l2_normalize", o.x.row(row), C, 0) * static_cast<double>(C));
        for (Size c = 0; c < C; ++c) {
            r.y.row(row)[c] = static_cast<Real>(divided(static_cast<double>(o.x.row(row)[c]), std::max(length, o.eps)));
        }
    }
    return r;
}

#define CLEARFORMER_INSTANTIATE(Real)                                         \
    template LayerNormResult<Real> layer_norm(const LayerNormOptions<Real>&); \
    template RmsNormResult<Real> rms_norm(const RmsNormOptions<Real>&);       \
    template GroupNormResult<Real> group_norm(const GroupNormOptions<Real>&); \
    template L2NormalizeResult<Real> l2_normalize(const L2NormalizeOptions<Real>&);
CLEARFORMER_INSTANTIATE(float)
CLEARFORMER_INSTANTIATE(double)
#undef CLEARFORMER_INSTANTIATE

}  // namespace clearformer
