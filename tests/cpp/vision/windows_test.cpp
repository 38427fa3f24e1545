#include "clearformer/vision/windows.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

WindowPartitionOptions partition_of(const Json& p) {
    return {p["H"], p["W"], p["window"], p.contains("shift") ? p["shift"].get<int>() : 0};
}

}  // namespace

TEST_CASE("window partitions conform") {
    for (const char* op : {"window_partition", "window_partition_shifted"}) {
        for_each_case("vision", op, [](const Json& c) {
            check_tensor(window_partition(partition_of(c["params"])).token_ids, "token_ids", c);
        });
    }
}

TEST_CASE("the shift mask conforms") {
    for_each_case("vision", "swin_shift_mask", [](const Json& c) {
        const Json& p = c["params"];
        const SwinShiftMaskResult r = swin_shift_mask({p["H"], p["W"], p["window"], p["shift"]});
        check_tensor(r.allow, "allow", c);
        CHECK(r.masked_value == c["expected"]["masked_value"].get<double>());
    });
}

TEST_CASE("relative position indices conform") {
    for_each_case("vision", "relative_position_index", [](const Json& c) {
        const RelativePositionIndexResult r = relative_position_index({c["params"]["window"]});
        check_tensor(r.index, "index", c);
        CHECK(r.table_size == c["params"]["table_size"].get<int>());
    });
}

TEST_CASE("every token lies in exactly one window, at every shift") {
    for (int shift = 0; shift < 3; ++shift) {
        std::vector<double> ids = window_partition({6, 9, 3, shift}).token_ids.data;
        std::sort(ids.begin(), ids.end());
        for (Size i = 0; i < 54; ++i) CHECK(ids[i] == static_cast<double>(i));
    }
}

TEST_CASE("a pair is allowed exactly where its distance in the image is its distance in the window") {
    const int H = 6, W = 9, window = 3;
    for (int shift = 0; shift < window; ++shift) {
        const Array<double> ids = window_partition({H, W, window, shift}).token_ids;
        const Array<double> allow = swin_shift_mask({H, W, window, shift}).allow;
        for (Size n = 0; n < ids.shape[0]; ++n) {
            for (int i = 0; i < 9; ++i) {
                for (int j = 0; j < 9; ++j) {
                    const int a = static_cast<int>(ids.row(n)[i]), b = static_cast<int>(ids.row(n)[j]);
                    const bool near = a / W - b / W == i / window - j / window && a % W - b % W == i % window - j % window;
                    CHECK(allow.at({n, static_cast<Size>(i), static_cast<Size>(j)}) == (near ? 1 : 0));
                }
            }
        }
    }
}

TEST_CASE("opposite pairs read opposite rows of the bias table") {
    const RelativePositionIndexResult r = relative_position_index({4});
    for (Size i = 0; i < 16; ++i) {
        CHECK(r.index.row(i)[i] == (r.table_size - 1) / 2);
        for (Size j = 0; j < 16; ++j) CHECK(r.index.row(i)[j] + r.index.row(j)[i] == r.table_size - 1);
    }
}

TEST_CASE("windows that cannot be are refused") {
    CHECK_THROWS_WITH_AS(window_partition({6, 8, 3}),
                         "window_partition: the window must divide the grid, got windows of 3 and a grid of 6 by 8",
                         DomainError);
    CHECK_THROWS_WITH_AS(swin_shift_mask({6, 6, 3, 3}), "swin_shift_mask: shift must be from 0 to 2, got 3", DomainError);
    CHECK_THROWS_AS(window_partition({0, 8, 4}), DomainError);
    CHECK_THROWS_AS(window_partition({8, 8, -1}), DomainError);
    CHECK_THROWS_AS(window_partition({65536, 65536, 2}), DomainError);
    CHECK_THROWS_AS(swin_shift_mask({4096, 4096, 4096, 1}), DomainError);
    CHECK_THROWS_AS(relative_position_index({0}), DomainError);
    CHECK_THROWS_AS(relative_position_index({65}), DomainError);
}

TEST_CASE("a grid of more places than a tensor can have is refused") {
    CHECK_THROWS_AS(window_partition({65536, 65536, 1, 0}), DomainError);
    CHECK_THROWS_AS(swin_shift_mask({65536, 65536, 1, 0}), DomainError);
}
