#pragma once

// The singular value decomposition of a small matrix, and what is left of it at a lower rank.

#include <optional>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// a [M N]; `rank` 0 .. K with K = min(M, N), K unless given.
struct SvdOptions {
    static constexpr const char* kFunction = "svd";
    Array<double> a;
    std::optional<int> rank;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("a", a, "M N");
        field.optional("rank", rank);
        field.optional("trace", trace);
    }
};

struct SvdResult {
    Array<double> u;                // [M K] orthonormal columns
    Array<double> singular_values;  // [K] descending, at least 0
    Array<double> v;                // [N K] orthonormal columns
    Array<double> reconstruction;   // [M N] u s vᵀ over the first `rank` singular values
    Array<double> errors;           // [K + 1] at rank r: the root of the sum of the squares of the singular values left out
    Array<double> energy;  // [K + 1] at rank r: the share of the squared singular values kept; 1 for the zero matrix
    int sweeps = 0;        // over all pairs of columns
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("u", u, "M K");
        field.required("singular_values", singular_values, "K");
        field.required("v", v, "N K");
        field.required("reconstruction", reconstruction, "M N");
        field.required("errors", errors, "..");
        field.required("energy", energy, "..");
        field.required("sweeps", sweeps);
        field.optional("trace", trace);
    }
};

/// a = u diag(s) vᵀ by one-sided Jacobi rotations: pairs of columns are turned until all are orthogonal (Hestenes 1958;
/// Golub and Van Loan 2013, section 8.6). The first `rank` singular values give the best approximation of that rank,
/// with the error `errors[rank]` in the Frobenius norm (Eckart and Young 1936). Each column of v has its entry of largest
/// magnitude (the first of equals) above 0. Singular values below 2.2e-16 max(M, N) times the Frobenius norm are rounding
/// and given as 0.
/// Throws DomainError for a matrix without entries, more than 256 rows or columns, and a rank outside 0 .. K.
SvdResult svd(const SvdOptions& options);

}  // namespace clearformer
