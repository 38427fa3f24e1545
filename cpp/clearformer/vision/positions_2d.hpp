#pragma once

// Fixed positions on a grid of patches.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// grid: rows and columns of patches. dim divisible by 4.
struct Sincos2dOptions {
    static constexpr const char* kFunction = "sincos2d";
    int dim = 0;
    std::vector<int> grid;
    bool cls_token = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("dim", dim);
        field.required("grid", grid);
        field.optional("cls_token", cls_token);
        field.optional("trace", trace);
    }
};

struct Sincos2dResult {
    Array<double> table;  // [T, C], T = rows columns, and a row of zeros before them for the class token
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("table", table, "T C");
        field.optional("trace", trace);
    }
};

/// The first half of the features encodes the column, the second half the row; a half is the sines, then the cosines of
/// position / 10000^(4 i / dim), i = 0 .. dim / 4 - 1. So laid out in the code of MAE (He et al. 2022); the 1D encoding is
/// that of Vaswani et al. 2017.
/// Throws DomainError for a dim that is not a multiple of 4 from 4 on, and a grid that is not two numbers from 1 to 65536.
Sincos2dResult sincos2d(const Sincos2dOptions& options);

}  // namespace clearformer
