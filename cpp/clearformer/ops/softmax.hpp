#pragma once

// y = exp(x - max x) / sum of exp(x - max x): logits become weights that sum to 1.

#include <cmath>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x: logits of any shape, minus infinity allowed; the softmax runs along `axis` (from -rank to rank - 1) over x /
/// temperature.
template <class Real>
struct SoftmaxOptions {
    static constexpr const char* kFunction = "softmax";
    Array<Real> x;
    int axis = -1;
    double temperature = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..", kAnyNumber);
        field.optional("axis", axis);
        field.optional("temperature", temperature);
        field.optional("trace", trace);
    }
};

template <class Real>
struct SoftmaxResult {
    Array<Real> y;            // as x
    Array<Real> log_softmax;  // as x: x / temperature - logsumexp
    Array<Real> logsumexp;    // as x without the axis: log of the sum of exp(x / temperature)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("log_softmax", log_softmax, "..", kAnyNumber);
        field.required("logsumexp", logsumexp, "..", kAnyNumber);
        field.optional("trace", trace);
    }
};

/// A row of nothing but -inf gives zeros, and -inf for log_softmax and logsumexp.
/// Throws DomainError for +inf, NaN, temperature <= 0, an axis that x does not have.
template <class Real>
SoftmaxResult<Real> softmax(const SoftmaxOptions<Real>& options);

/// What a row was reduced by: its maximum and the sum of exp(x - maximum).
/// A row of nothing but -inf (or of no entries) has maximum -inf and sum 0.
template <class Real>
struct RowSums {
    Real maximum = -std::numeric_limits<Real>::infinity();
    Real sum = 0;
    Real logsumexp() const { return sum > 0 ? maximum + std::log(sum) : -std::numeric_limits<Real>::infinity(); }
};

/// y [n] = softmax of x [n]; y may be x. Entries of -inf become 0; a row of nothing else becomes zeros. x must not
/// hold +inf; NaN in x gives a sum that is NaN. In double the plain loops, in float SIMD with a polynomial exp: a logit more than 86.98
/// below the maximum becomes 0.
template <class Real>
RowSums<Real> softmax_row(const Real* x, Real* y, Size n);

namespace reference {
template <class Real>
RowSums<Real> softmax_row(const Real* x, Real* y, Size n);
}

/// Softmax of a row that arrives in blocks, never held as a whole (Milakov and Gimelshein 2018):
///
///     for each block: factor = running.extend(scores, e, count); accumulator = factor * accumulator + sum of e[i] v[i]
///     output = accumulator / running.sums().sum
template <class Real>
class RunningSoftmax {
public:
    /// e [n] = exp(x - the maximum so far, x [n] included); e may be x. Returns what brings earlier exponentials to
    /// that maximum: exp(old maximum - new maximum), 1 as long as every entry was -inf.
    Real extend(const Real* x, Real* e, Size n);
    const RowSums<Real>& sums() const { return sums_; }

private:
    RowSums<Real> sums_;
};

}  // namespace clearformer
