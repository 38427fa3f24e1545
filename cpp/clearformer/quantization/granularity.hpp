#pragma once

// What the quantisers share: which entries have one scale together, and how a quotient becomes a whole number.

#include <string>

#include "clearformer/tensor.hpp"

namespace clearformer {

/// Which entries of a tensor [.. C] share a scale. `tensor`: all of them, scales []. `row`: each row, scales [..].
/// `column`: the same place of every row, scales [C]. `group`: runs of `group` neighbours within a row, the last one
/// shorter where the rows do not divide, scales [.., ceil(C / group)].
class Granularity {
public:
    /// Throws DomainError for an unknown name, a group below 1, and a tensor without entries.
    Granularity(const char* function, const std::string& name, int group, const Shape& x);
    /// Of the scales.
    const Shape& shape() const { return shape_; }
    const Shape& tensor_shape() const { return tensor_shape_; }
    Size count() const { return entries(shape_); }
    /// The scale that the entry at `offset` belongs to.
    Size of(Size offset) const;

private:
    Shape tensor_shape_, shape_;
    Size width_;     // C
    Size run_ = 0;   // neighbours of one row that share a scale
    Size rows_ = 0;  // 0 where all rows share their scales, else 1
    Size per_row_ = 1;
};

using Rounding = double (*)(double);

/// `half_to_even` (IEEE 754), `half_away_from_zero` (C's round), `half_up`, `floor`, `ceiling` or `toward_zero`.
/// Throws DomainError for another name.
Rounding find_rounding(const char* function, const std::string& name);

}  // namespace clearformer
