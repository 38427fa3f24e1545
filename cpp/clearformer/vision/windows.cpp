#include "clearformer/vision/windows.hpp"

#include "clearformer/vision/grids.hpp"

namespace clearformer {
using namespace vision;
namespace {

struct Grid {
    Size H, W, window, shift;
    Size windows() const { return H / window * (W / window); }
    Size tokens() const { return window * window; }
    /// Row and column, on the rolled grid, of token i of window n.
    Size row(Size n, Size i) const { return n / (W / window) * window + i / window; }
    Size column(Size n, Size i) const { return n % (W / window) * window + i % window; }
};

Grid grid_of(const char* function, int height, int width, int window, int shift) {
    const Grid grid{
        extent_of(function, "height", height, 1, kMostExtent), extent_of(function, "width", width, 1, kMostExtent),
        extent_of(function, "window", window, 1, kMostExtent), extent_of(function, "shift", shift, 0, window - 1)};
    require(grid.H % grid.window == 0 && grid.W % grid.window == 0, function,
            ": the window must divide the grid, got windows of ", window, " and a grid of ", height, " by ", width);
    check_bytes(function, {grid.H, grid.W}, sizeof(double));
    return grid;
}

/// Which of the three bands of an axis a position lies in: they are cut where the last window begins and where the roll
/// came round.
Size band(Size position, Size extent, Size window, Size shift) {
    return position < extent - window ? 0 : position < extent - shift ? 1 : 2;
}

}  // namespace

WindowPartitionResult window_partition(const WindowPartitionOptions& o) {
    const Grid grid = grid_of("window_partition", o.height, o.width, o.window, o.shift);
    WindowPartitionResult r{Array<double>({grid.windows(), grid.tokens()})};
    for (Size n = 0; n < grid.windows(); ++n) {
        for (Size i = 0; i < grid.tokens(); ++i) {
            const Size row = (grid.row(n, i) + grid.shift) % grid.H, column = (grid.column(n, i) + grid.shift) % grid.W;
            r.token_ids.row(n)[i] = static_cast<double>(row * grid.W + column);
        }
    }
    return r;
}

SwinShiftMaskResult swin_shift_mask(const SwinShiftMaskOptions& o) {
    const Grid grid = grid_of("swin_shift_mask", o.height, o.width, o.window, o.shift);
    const Size P = grid.tokens();
    SwinShiftMaskResult r{Array<double>({grid.windows(), P, P}, 1.0), -100};
    if (grid.shift == 0) return r;
    std::vector<Size> region(P);
    for (Size n = 0; n < grid.windows(); ++n) {
        for (Size i = 0; i < P; ++i) {
            region[i] = 3 * band(grid.row(n, i), grid.H, grid.window, grid.shift) +
                        band(grid.column(n, i), grid.W, grid.window, grid.shift);
        }
        for (Size i = 0; i < P; ++i) {
            for (Size j = 0; j < P; ++j) r.allow.row(n * P + i)[j] = region[i] == region[j] ? 1.0 : 0.0;
        }
    }
    return r;
}

RelativePositionIndexResult relative_position_index(const RelativePositionIndexOptions& o) {
    const Size window = extent_of("relative_position_index", "window", o.window, 1, 64), P = window * window;
    RelativePositionIndexResult r{Array<double>({P, P}), (2 * o.window - 1) * (2 * o.window - 1)};
    for (Size i = 0; i < P; ++i) {
        for (Size j = 0; j < P; ++j) {
            const Size down = i / window + window - 1 - j / window, across = i % window + window - 1 - j % window;
            r.index.row(i)[j] = static_cast<double>(down * (2 * window - 1) + across);
        }
    }
    return r;
}

}  // namespace clearformer
