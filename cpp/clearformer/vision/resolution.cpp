#include "clearformer/vision/resolution.hpp"

#include <algorithm>
#include <cmath>

namespace clearformer {
namespace {

void check_sides(const char* function, const Array<double>& sizes) {
    for (double side : sizes.data) {
        require(side == std::floor(side) && side >= 1 && side <= 1e6, function,
                ": sides must be whole numbers from 1 to 1000000, got ", side);
    }
}

/// Rounded to a whole number, halves to the even one.
double half_to_even(double x) {
    const double below = std::floor(x), rest = x - below;
    return rest > 0.5 || (rest == 0.5 && std::fmod(below, 2) != 0) ? below + 1 : below;
}

}  // namespace

SmartResizeResult smart_resize(const SmartResizeOptions& o) {
    check_shapes(o);
    check_sides("smart_resize", o.sizes);
    require(o.factor >= 1, "smart_resize: factor must be at least 1, got ", o.factor);
    require(o.min_pixels >= 0 && o.max_pixels >= o.min_pixels, "smart_resize: 0 <= min_pixels <= max_pixels must hold, got ",
            o.min_pixels, " and ", o.max_pixels);
    const double factor = o.factor, least = o.min_pixels, most = o.max_pixels;
    SmartResizeResult r{o.sizes};
    for (Size n = 0; n < o.sizes.rows(); ++n) {
        const double height = o.sizes.row(n)[0], width = o.sizes.row(n)[1];
        require(std::max(height, width) / std::min(height, width) <= 200,
                "smart_resize: one side may be at most 200 times the other, got ", height, " by ", width);
        double* to = r.resized.row(n);
        for (Size side = 0; side < 2; ++side) to[side] = half_to_even(o.sizes.row(n)[side] / factor) * factor;
        const double pixels = to[0] * to[1];
        for (Size side = 0; side < 2; ++side) {
            const double given = o.sizes.row(n)[side];
            if (pixels > most) {
                const double shrink = std::sqrt(height * width / most);
                to[side] = std::max(factor, std::floor(given / shrink / factor) * factor);
            } else if (pixels < least) {
                to[side] = std::ceil(given * std::sqrt(least / (height * width)) / factor) * factor;
            }
            require(to[side] >= 1, "smart_resize: a side must not be rounded to 0, got ", height, " by ", width,
                    " at factor ", o.factor);
        }
    }
    return r;
}

AnyresResult anyres(const AnyresOptions& o) {
    const Letters shape = check_shapes(o);
    check_sides("anyres", o.sizes);
    check_sides("anyres", o.pinpoints);
    const Size N = shape["N"], K = shape["K"];
    require(K > 0, "anyres: there must be at least one pinpoint");
    AnyresResult r{o.sizes, Array<double>({N}), Array<double>({N})};
    for (Size n = 0; n < N; ++n) {
        const double height = o.sizes.row(n)[0], width = o.sizes.row(n)[1];
        double most = -1, least_waste = kInfinity;
        for (Size k = 0; k < K; ++k) {
            const double* pinpoint = o.pinpoints.row(k);
            const double scale = std::min(pinpoint[1] / width, pinpoint[0] / height);
            const double effective = std::min(std::floor(width * scale) * std::floor(height * scale), width * height);
            const double wasted = pinpoint[0] * pinpoint[1] - effective;
            if (effective < most || (effective == most && wasted >= least_waste)) continue;
            most = effective;
            least_waste = wasted;
            std::copy_n(pinpoint, 2, r.best.row(n));
        }
        r.effective.data[n] = most;
        r.wasted.data[n] = least_waste;
    }
    return r;
}

}  // namespace clearformer
