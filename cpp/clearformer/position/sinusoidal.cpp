#include "clearformer/position/sinusoidal.hpp"

#include <cmath>

#include "clearformer/ops/traces.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/position/rules.hpp"

namespace clearformer {

SinusoidalResult sinusoidal_positions(const SinusoidalOptions& o) {
    require(o.length >= 0, "sinusoidal_positions: length must be at least 0, got ", o.length);
    require(o.dim >= 2 && o.dim % 2 == 0, "sinusoidal_positions: dim must be even and at least 2, got ", o.dim);
    const bool concatenated = o.layout == "concatenated" || o.layout == "half" || o.layout == "half_split";
    require(concatenated || o.layout == "interleaved",
            "sinusoidal_positions: layout must be interleaved or concatenated, got \"", o.layout, "\"");
    const Size length = static_cast<Size>(o.length), pairs = static_cast<Size>(o.dim) / 2;
    check_bytes("sinusoidal_positions", {length, 2 * pairs}, sizeof(double));
    require(o.dim <= 1048576, "sinusoidal_positions: dim must be at most 1048576, got ", o.dim);
    SinusoidalResult r{Array<double>({length, 2 * pairs})};
    const std::vector<double> frequencies = inverse_frequencies(10000, 2 * pairs);
    for (Size p = 0; p < length; ++p) {
        for (Size i = 0; i < pairs; ++i) {
            const double angle = static_cast<double>(p) * frequencies[i];
            r.table.row(p)[concatenated ? i : 2 * i] = std::sin(angle);
            r.table.row(p)[concatenated ? pairs + i : 2 * i + 1] = std::cos(angle);
        }
    }
    if (o.trace) {
        r.trace.emplace();
        add_made(*r.trace, {"table", "P", "entry of the position table", "position", "T C"}, r.table,
                 sinusoid_rule(2 * pairs, concatenated));
    }
    return r;
}

}  // namespace clearformer
