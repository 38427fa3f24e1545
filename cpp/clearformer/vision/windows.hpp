#pragma once

// Windows on a grid of tokens (Liu et al. 2021, section 3.2), their shift by a cyclic roll, and the mask and the relative
// positions that go with them. Token r W + c lies in row r and column c of a grid of H rows and W columns; windows have
// `window` tokens per side.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// The windows after the grid has been rolled up and left by `shift` tokens.
struct WindowPartitionOptions {
    static constexpr const char* kFunction = "window_partition";
    int height = 0, width = 0, window = 0;
    int shift = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("height", height);
        field.required("width", width);
        field.required("window", window);
        field.optional("shift", shift);
        field.optional("trace", trace);
    }
};

struct WindowPartitionResult {
    Array<double> token_ids;  // [N, P]: the tokens of each window, P = window^2; windows and tokens row by row
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("token_ids", token_ids, "N P");
        field.optional("trace", trace);
    }
};

/// Position (r, c) of the rolled grid holds the token of row (r + shift) mod H and column (c + shift) mod W.
/// Throws DomainError for windows that do not divide the grid, a shift that is not from 0 to window - 1, and extents not
/// from 1 to 65536.
WindowPartitionResult window_partition(const WindowPartitionOptions& options);

/// The same options for the mask of shifted windows.
struct SwinShiftMaskOptions {
    static constexpr const char* kFunction = "swin_shift_mask";
    int height = 0, width = 0, window = 0, shift = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("height", height);
        field.required("width", width);
        field.required("window", window);
        field.required("shift", shift);
        field.optional("trace", trace);
    }
};

struct SwinShiftMaskResult {
    Array<double> allow;      // [N, P, P]: 0 where only the roll made two tokens of window n neighbours, else 1
    double masked_value = 0;  // what Swin adds to a logit that is not allowed: -100
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("allow", allow, "N P P");
        field.required("masked_value", masked_value);
        field.optional("trace", trace);
    }
};

/// The rolled grid falls into up to nine regions, cut at H - window and H - shift and likewise across; a token sees its
/// own region. Shift 0 allows everything. Throws DomainError as window_partition does.
SwinShiftMaskResult swin_shift_mask(const SwinShiftMaskOptions& options);

/// A window of `window` by `window` tokens.
struct RelativePositionIndexOptions {
    static constexpr const char* kFunction = "relative_position_index";
    int window = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("window", window);
        field.optional("trace", trace);
    }
};

struct RelativePositionIndexResult {
    Array<double> index;  // [P, P]
    int table_size = 0;   // (2 window - 1)^2
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("index", index, "P P");
        field.required("table_size", table_size);
        field.optional("trace", trace);
    }
};

/// Which row of the bias table the pair of tokens i, j reads: (r_i - r_j + window - 1)(2 window - 1) + c_i - c_j + window
/// - 1.
/// Throws DomainError for a window that is not from 1 to 64.
RelativePositionIndexResult relative_position_index(const RelativePositionIndexOptions& options);

}  // namespace clearformer
