#include "clearformer/vision/positions_2d.hpp"

#include <algorithm>

#include "clearformer/position/rope.hpp"
#include "clearformer/position/sinusoidal.hpp"
#include "clearformer/vision/grids.hpp"
#include "clearformer/vision/recorder.hpp"
#include "clearformer/vision/rules.hpp"

namespace clearformer {
using namespace vision;

Sincos2dResult sincos2d(const Sincos2dOptions& o) {
    require(o.dim >= 4 && o.dim % 4 == 0, "sincos2d: dim must be a multiple of 4 and at least 4, got ", o.dim);
    require(o.grid.size() == 2, "sincos2d: grid must be rows and columns, got ", o.grid);
    const Size rows = extent_of("sincos2d", "grid", o.grid[0], 1, kMostExtent),
               columns = extent_of("sincos2d", "grid", o.grid[1], 1, kMostExtent), half = static_cast<Size>(o.dim) / 2,
               first = o.cls_token ? 1 : 0;
    check_bytes("sincos2d", {rows, columns, 2 * half}, sizeof(double));
    Sincos2dResult r{Array<double>({first + rows * columns, 2 * half})};
    SinusoidalOptions line;
    line.length = std::max(o.grid[0], o.grid[1]);
    line.dim = o.dim / 2;
    line.layout = "concatenated";
    const Array<double> table = sinusoidal_positions(line).table;
    for (Size t = 0; t < rows * columns; ++t) {
        double* row = r.table.row(first + t);
        std::copy_n(table.row(t % columns), half, row);
        std::copy_n(table.row(t / columns), half, row + half);
    }
    if (o.trace) {
        Recorder(r.trace.emplace())
            .add({"table", "P", "position entry", "position", "T C"},
                 grid_position_rule(first, columns, inverse_frequencies(10000, half)), r.table);
    }
    return r;
}

}  // namespace clearformer
