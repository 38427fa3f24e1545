#include "clearformer/quantization/svd.hpp"

#include <cmath>

#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/quantization/rules.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = SvdOptions::kFunction;
constexpr Size kMost = 256;
constexpr int kMostSweeps = 60;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

using Column = std::vector<double>;

double dot(const Column& x, const Column& y) {
    double sum = 0;
    for (Size i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    return sum;
}

/// (x, y) becomes (c x - s y, s x + c y).
void rotate(Column& x, Column& y, double c, double s) {
    for (Size i = 0; i < x.size(); ++i) {
        const double old = x[i];
        x[i] = c * old - s * y[i];
        y[i] = s * old + c * y[i];
    }
}

/// Turns two columns until they are orthogonal; false where they were already, or where one is no longer than
/// `negligible`.
bool orthogonalise(std::vector<Column>& a, std::vector<Column>& v, Size p, Size q, double negligible) {
    const double alpha = dot(a[p], a[p]), beta = dot(a[q], a[q]), gamma = dot(a[p], a[q]);
    const double tolerance = kEpsilon * std::sqrt(static_cast<double>(a[p].size()));
    if (std::min(alpha, beta) <= negligible * negligible || std::fabs(gamma) <= tolerance * std::sqrt(alpha * beta))
        return false;
    const double zeta = (beta - alpha) / (2 * gamma);
    const double t = std::copysign(1.0, zeta) / (std::fabs(zeta) + std::hypot(1.0, zeta));  // the smaller of the two angles
    const double c = 1 / std::hypot(1.0, t), s = c * t;
    rotate(a[p], a[q], c, s);
    rotate(v[p], v[q], c, s);
    return true;
}

/// A unit vector orthogonal to the columns given, of which there are fewer than entries.
Column another(const std::vector<Column>& columns, Size count, Size entries_of_one) {
    Column best;
    double longest = 0;
    for (Size axis = 0; axis < entries_of_one; ++axis) {
        Column x(entries_of_one, 0.0);
        x[axis] = 1;
        for (int pass = 0; pass < 2; ++pass) {  // the second removes what rounding left
            for (Size k = 0; k < count; ++k) {
                const double along = dot(columns[k], x);
                for (Size i = 0; i < x.size(); ++i) x[i] -= along * columns[k][i];
            }
        }
        const double length = std::sqrt(dot(x, x));
        if (length > longest) {
            longest = length;
            best = x;
        }
        if (longest > 0.5) break;
    }
    for (double& value : best) value /= longest;
    return best;
}

Array<double> as_columns(const std::vector<Column>& columns) {
    const Size rows = columns[0].size(), count = columns.size();
    Array<double> y({rows, count});
    for (Size k = 0; k < count; ++k) {
        for (Size i = 0; i < rows; ++i) y.row(i)[k] = columns[k][i];
    }
    return y;
}

Trace trace_of(const SvdOptions& o, const SvdResult& r, Size rank) {
    Trace trace;
    MatmulOptions<double> product;
    product.a = o.a;
    product.b = r.v;
    add_input(trace, {"a", "A", "matrix entry", "input", "M N"}, o.a, "An entry of the matrix, as given.");
    add_input(trace, {"v", "V", "right singular vector entry", "k", "N K"}, r.v,
              "An entry of a right singular vector, found by turning pairs of columns until all are orthogonal.");
    add_node(trace, {"projected", "AV", "stretched direction entry", "scores", "M K"}, matmul(product).y,
             matmul_rule("a", "v", o.a.shape[1]));
    add_node(trace, {"singularValues", "s", "singular value", "weights", "K"}, r.singular_values,
             column_length_rule("projected", o.a.shape[0]));
    add_node(trace, {"u", "U", "left singular vector entry", "q", "M K"}, r.u,
             unit_column_rule("projected", "singularValues", "u"));
    add_node(trace, {"reconstruction", "A'", "entry at the chosen rank", "residual", "M N"}, r.reconstruction,
             reconstruction_rule("u", "singularValues", "v", rank));
    add_node(trace, {"errors", "e", "error at a rank", "scores", "R"}, r.errors,
             left_out_rule("singularValues", r.singular_values.size()));
    return trace;
}

}  // namespace

SvdResult svd(const SvdOptions& o) {
    const Letters extent = check_shapes(o);
    const Size M = extent["M"], N = extent["N"], K = std::min(M, N);
    require(K > 0, kName, ": a must have at least one entry, got shape ", o.a.shape);
    require(M <= kMost && N <= kMost, kName, ": a may have at most ", kMost, " rows and columns, got shape ", o.a.shape);
    const int rank = o.rank.value_or(static_cast<int>(K));
    require(rank >= 0 && static_cast<Size>(rank) <= K, kName, ": rank must lie in 0 .. ", K, ", got ", rank);
    // 1. The columns of a, or of its transpose where that has fewer, scaled by a power of two so that squares neither
    // overflow nor vanish.
    const bool wide = N > M;
    double largest = 0;
    for (double value : o.a.data) largest = std::max(largest, std::fabs(value));
    int exponent = 0;
    if (largest > 0) std::frexp(largest, &exponent);
    std::vector<Column> a(K, Column(std::max(M, N))), v(K, Column(K, 0.0));
    for (Size m = 0; m < M; ++m) {
        for (Size n = 0; n < N; ++n) (wide ? a[m][n] : a[n][m]) = std::ldexp(o.a.row(m)[n], -exponent);
    }
    for (Size k = 0; k < K; ++k) v[k][k] = 1;
    double squares = 0;
    for (const Column& column : a) squares += dot(column, column);
    const double negligible =
        kEpsilon * static_cast<double>(std::max(M, N)) * std::sqrt(squares);  // below this all is rounding
    // 2. Sweeps over all pairs, until none needs turning.
    SvdResult r;
    for (bool turned = true; turned && r.sweeps < kMostSweeps; ++r.sweeps) {
        turned = false;
        for (Size p = 0; p + 1 < K; ++p) {
            for (Size q = p + 1; q < K; ++q) turned = orthogonalise(a, v, p, q, negligible) || turned;
        }
    }
    // 3. The lengths of the columns are the singular values, largest first.
    std::vector<double> length(K);
    std::vector<Size> order(K);
    for (Size k = 0; k < K; ++k) {
        length[k] = std::sqrt(dot(a[k], a[k]));
        order[k] = k;
    }
    std::stable_sort(order.begin(), order.end(), [&](Size p, Size q) { return length[p] > length[q]; });
    std::vector<Column> left(K), right(K);
    r.singular_values = Array<double>(Shape{K});
    for (Size k = 0; k < K; ++k) {
        const double s = length[order[k]];
        right[k] = v[order[k]];
        left[k] = a[order[k]];
        for (double& value : left[k]) value = s > 0 ? value / s : 0;
        if (s <= negligible) left[k] = another(left, k, left[k].size());
        r.singular_values.data[k] = std::ldexp(s <= negligible ? 0 : s, exponent);
    }
    if (wide) std::swap(left, right);
    for (Size k = 0; k < K; ++k) {
        const Column& x = right[k];
        const auto most =
            std::max_element(x.begin(), x.end(), [](double p, double q) { return std::fabs(p) < std::fabs(q); });
        if (*most > 0) continue;
        for (double& value : left[k]) value = -value;
        for (double& value : right[k]) value = -value;
    }
    r.u = as_columns(left);
    r.v = as_columns(right);
    // 4. What a lower rank keeps and loses.
    r.reconstruction = Array<double>(o.a.shape);
    for (Size m = 0; m < M; ++m) {
        for (Size n = 0; n < N; ++n) {
            for (Size k = 0; k < static_cast<Size>(rank); ++k) {
                r.reconstruction.row(m)[n] += r.u.row(m)[k] * r.singular_values.data[k] * r.v.row(n)[k];
            }
        }
    }
    r.errors = r.energy = Array<double>(Shape{K + 1});
    double left_out = 0;
    std::vector<double> tail(K + 1, 0.0);
    for (Size k = K; k-- > 0;) {
        const double s = std::ldexp(r.singular_values.data[k], -exponent);
        left_out += s * s;
        tail[k] = left_out;
    }
    for (Size k = 0; k <= K; ++k) {
        r.errors.data[k] = std::ldexp(std::sqrt(tail[k]), exponent);
        r.energy.data[k] = left_out == 0 ? 1 : 1 - tail[k] / left_out;
    }
    require(std::isfinite(r.errors.data[0]), kName, ": the values are too large, the norm of a is ", r.errors.data[0]);
    if (o.trace) r.trace = trace_of(o, r, static_cast<Size>(rank));
    return r;
}

}  // namespace clearformer
