#include "clearformer/vision/windows.hpp"

#include "clearformer/ops/rules.hpp"
#include "clearformer/recipe.hpp"
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
    if (o.trace) {
        r.trace.emplace().add({{"tokenIds", "t", "number of the token", "position", "N P"},
                               r.token_ids.shape,
                               [grid](const Index& at, Pen& pen) {
                                   const auto number = [](Size n) { return static_cast<double>(n); };
                                   pen.rule("Row and column on the rolled grid, rolled back; rows after rows.",
                                            "((r + s) \\bmod H)\\, W + (c + s) \\bmod W");
                                   pen.constant("r", "row on the rolled grid", number(grid.row(at[0], at[1])));
                                   pen.constant("c", "column on the rolled grid", number(grid.column(at[0], at[1])));
                                   pen.constant("s", "shift", number(grid.shift));
                                   pen.constant("H", "rows", number(grid.H));
                                   pen.constant("W", "columns", number(grid.W));
                                   pen.step("p", "row", "r + s - H * floor((r + s) / H)");
                                   pen.step("q", "column", "c + s - W * floor((c + s) / W)");
                                   pen.step("t", "token", "p * W + q");
                               },
                               r.token_ids.data});
    }
    return r;
}

namespace {

Trace trace_of(const SwinShiftMaskResult& r, const Grid& grid) {
    Trace trace;
    trace.add({{"allow", "a", "1 where visible", "scores", "N P P"},
               r.allow.shape,
               [grid](const Index& at, Pen& pen) {
                   const auto region = [&](Size i) {
                       return grid.shift == 0
                                  ? 0.0
                                  : static_cast<double>(3 * band(grid.row(at[0], i), grid.H, grid.window, grid.shift) +
                                                        band(grid.column(at[0], i), grid.W, grid.window, grid.shift));
                   };
                   pen.rule("1 where both tokens lie in one region: the roll did not make them neighbours.", "[g_i = g_j]");
                   pen.constant("g", "region of the one", region(at[1]));
                   pen.constant("h", "region of the other", region(at[2]));
                   pen.step("a", "the same", "floor(1 / (1 + abs(g - h)))");
               },
               r.allow.data});
    add_number(trace, {"maskedValue", "m", "what is added where not visible", "scores", ""}, r.masked_value,
               given_rule("What the published code adds to a logit that is not allowed."));
    return trace;
}

}  // namespace

SwinShiftMaskResult swin_shift_mask(const SwinShiftMaskOptions& o) {
    const Grid grid = grid_of("swin_shift_mask", o.height, o.width, o.window, o.shift);
    const Size P = grid.tokens();
    SwinShiftMaskResult r{Array<double>({grid.windows(), P, P}, 1.0), -100};
    if (o.trace) r.trace = trace_of(r, grid);
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
    if (o.trace) r.trace = trace_of(r, grid);
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
    if (!o.trace) return r;
    Trace& trace = r.trace.emplace();
    trace.add({{"index", "k", "row of the bias table", "position", "P P"},
               r.index.shape,
               [window](const Index& at, Pen& pen) {
                   const auto number = [](Size n) { return static_cast<double>(n); };
                   pen.rule("How far down and how far across the one lies from the other, as one number.",
                            "(r_i - r_j + M - 1)(2M - 1) + c_i - c_j + M - 1");
                   pen.constant("r", "row of the one", number(at[0] / window));
                   pen.constant("s", "row of the other", number(at[1] / window));
                   pen.constant("c", "column of the one", number(at[0] % window));
                   pen.constant("d", "column of the other", number(at[1] % window));
                   pen.constant("M", "window", number(window));
                   pen.step("a", "down, from 0", "r - s + M - 1");
                   pen.step("b", "across, from 0", "c - d + M - 1");
                   pen.step("k", "row of the table", "a * (2 * M - 1) + b");
               },
               r.index.data});
    add_number(trace, {"tableSize", "n", "rows of the bias table", "position", ""}, r.table_size,
               recipe_rule({"One for every distance down and across.",
                            "(2M - 1)^2",
                            {},
                            {{"M", "window", static_cast<double>(o.window)}},
                            {{"y", "rows", "(2 * M - 1) * (2 * M - 1)"}}}));
    return r;
}

}  // namespace clearformer
