#include "clearformer/vision/flow.hpp"

#include <cmath>

#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {

FlowMatchingResult flow_matching(const FlowMatchingOptions& o) {
    const char* function = FlowMatchingOptions::kFunction;
    check_same_shape(function, "x0", o.x0, "eps", o.eps);
    require(o.x0.rank() < Shape::kMost, function, ": x0 must have fewer than ", Shape::kMost, " axes, got shape ",
            o.x0.shape);
    require(o.shift > 0, function, ": shift must be above 0, got ", o.shift);
    for (double t : o.t) require(t >= 0 && t <= 1, function, ": every t must be from 0 to 1, got ", t);
    Shape stacked = o.x0.shape;
    stacked.insert(stacked.begin(), o.t.size());
    check_bytes("flow_matching: x_t", stacked, sizeof(double));
    FlowMatchingResult r{Array<double>(stacked), o.x0, Array<double>({o.t.size()})};
    const Size n = o.x0.size();
    for (Size i = 0; i < n; ++i) r.velocity.data[i] = o.eps.data[i] - o.x0.data[i];
    for (Size k = 0; k < o.t.size(); ++k) {
        const double t = o.t[k];
        r.shifted_t.data[k] = t == 1 ? 1 : o.shift * t / (1 + (o.shift - 1) * t);
        for (Size i = 0; i < n; ++i) r.x_t.data[k * n + i] = (1 - t) * o.x0.data[i] + t * o.eps.data[i];
    }
    check_result(function, "the velocity", r.velocity);
    check_result(function, "a shifted time", r.shifted_t);
    return r;
}

KarrasSigmasResult karras_sigmas(const KarrasSigmasOptions& o) {
    const char* function = KarrasSigmasOptions::kFunction;
    require(o.n >= 1 && o.n <= 1000000, function, ": n must be from 1 to 1000000, got ", o.n);
    require(o.sigma_min >= 0 && o.sigma_max >= o.sigma_min, function,
            ": sigma_min must be at least 0 and sigma_max at least sigma_min, got ", o.sigma_min, " and ", o.sigma_max);
    require(o.rho >= 0.01 && o.rho <= 1000, function, ": rho must be from 0.01 to 1000, got ", o.rho);
    const double first = std::pow(o.sigma_max, 1 / o.rho), last = std::pow(o.sigma_min, 1 / o.rho);
    KarrasSigmasResult r{Array<double>({static_cast<Size>(o.n)})};
    for (int i = 0; i < o.n; ++i) {
        const double place = o.n == 1 ? 0 : static_cast<double>(i) / (o.n - 1);
        r.sigmas.data[static_cast<Size>(i)] = std::pow(first + place * (last - first), o.rho);
    }
    check_result(function, "a sigma", r.sigmas);
    return r;
}

}  // namespace clearformer
