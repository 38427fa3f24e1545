#include "clearformer/position/rope_properties.hpp"

#include "clearformer/ops/traces.hpp"
#include "clearformer/position/rules.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

Array<double> rotated(const Array<double>& x, const std::vector<double>& positions, double theta, const char* pairing) {
    RopeOptions<double> o;
    o.x = x;
    o.positions = positions;
    o.theta = theta;
    o.pairing = pairing;
    return rope(o).y;
}

/// q, k, qHalfSplit, kHalfSplit, halfSplit, qInterleaved, kInterleaved, interleaved
Trace trace_of(const RopeRelativeOptions& o, const RopeRelativeResult& r) {
    const Size N = o.theta.size(), D = o.q.width();
    Trace trace;
    add_given(trace, {"q", "q", "query entry", "q", "1 D"}, o.q);
    add_given(trace, {"k", "k", "key entry", "k", "1 D"}, o.k);
    const auto add_pairing = [&](const Label& q, const Label& k, const Label& dot, bool interleaved,
                                 const std::vector<double>& values) {
        const auto turned = [&](const char* x, const std::vector<double>& positions) {
            return Rule([=, theta = o.theta](const Index& at, Pen& pen) {
                rotation_rule(x, {{positions[at[0]]}, D, theta[at[0]], interleaved})({0, at[1]}, pen);
            });
        };
        trace.derive(q, {N, D}, turned("q", o.m));
        trace.derive(k, {N, D}, turned("k", o.n));
        add_made(trace, dot, {{N}, values},
                 recipe_rule({"The turned query and the turned key, multiplied entry by entry and summed.",
                              "\\langle R_m q, R_n k \\rangle",
                              {{"q", q.name, "=n"}, {"k", k.name, "=n"}},
                              {},
                              {{"p", "products", "q * k"}, {"y", "sum", "sum(p)"}}}));
    };
    add_pairing({"qHalfSplit", "q'", "turned query entry", "q", "N D"}, {"kHalfSplit", "k'", "turned key entry", "k", "N D"},
                {"halfSplit", "q'·k'", "score", "scores", "N"}, false, r.half_split);
    add_pairing({"qInterleaved", "q'", "turned query entry", "q", "N D"},
                {"kInterleaved", "k'", "turned key entry", "k", "N D"}, {"interleaved", "q'·k'", "score", "scores", "N"},
                true, r.interleaved);
    return trace;
}

}  // namespace

RopePairingsResult rope_pairings(const RopePairingsOptions& o) {
    const Size D = check_shapes(o)["D"];
    std::vector<char> seen(D, 0);
    for (int feature : o.permutation) {
        const bool fits = feature >= 0 && static_cast<Size>(feature) < D;
        require(fits && !seen[static_cast<Size>(feature)], "rope_pairings: permutation must list each of the ", D,
                " features once, got ", o.permutation);
        seen[static_cast<Size>(feature)] = 1;
    }
    Array<double> permuted = o.x;
    for (Size t = 0; t < o.x.rows(); ++t) {
        for (Size i = 0; i < D; ++i) permuted.row(t)[i] = o.x.row(t)[o.permutation[i]];
    }
    RopePairingsResult r{rotated(o.x, o.positions, o.theta, "interleaved"),
                         rotated(permuted, o.positions, o.theta, "half_split")};
    if (!o.trace) return r;
    Trace& trace = r.trace.emplace();
    add_given(trace, {"x", "x", "entry before", "q", "T D"}, o.x);
    const std::vector<int> permutation = o.permutation;
    add_made(trace, {"permuted", "x'", "permuted entry", "q", "T D"}, permuted, [permutation](const Index& at, Pen& pen) {
        pen.rule("Another feature of the row, as the permutation says.", "x_{\\pi(i)}");
        pen.scalar("x", "x", {at[0], static_cast<Size>(permutation[at[1]])});
        pen.step("y", "copied", "x");
    });
    add_made(trace, {"interleaved", "y", "turned entry", "position", "T D"}, r.interleaved,
             rotation_rule("x", {o.positions, D, o.theta, true}));
    add_made(trace, {"halfSplitOfPermuted", "y'", "turned entry of the permuted row", "position", "T D"},
             r.half_split_of_permuted, rotation_rule("permuted", {o.positions, D, o.theta, false}));
    return r;
}

RopeRelativeResult rope_relative(const RopeRelativeOptions& o) {
    const Size D = check_shapes(o)["D"];
    RopeRelativeResult result;
    for (Size i = 0; i < o.theta.size(); ++i) {
        const auto dot = [&](const char* pairing) {
            const Array<double> q = rotated(o.q, {o.m[i]}, o.theta[i], pairing),
                                k = rotated(o.k, {o.n[i]}, o.theta[i], pairing);
            double sum = 0;
            for (Size d = 0; d < D; ++d) sum += q.data[d] * k.data[d];
            return sum;
        };
        result.half_split.push_back(dot("half_split"));
        result.interleaved.push_back(dot("interleaved"));
    }
    if (o.trace) result.trace = trace_of(o, result);
    return result;
}

}  // namespace clearformer
