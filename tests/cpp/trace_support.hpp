#pragma once

// What the tests of rules share.

#include <doctest/doctest.h>

#include <cmath>

#include "clearformer/trace.hpp"

namespace clearformer::testing {

/// Adds an input to the trace and returns it.
inline Array<double> give(Trace& trace, const char* name, Array<double> values) {
    trace.add(
        {{name, name, name, "input", ""}, values.shape, [](const Index&, Pen& pen) { pen.input("Given."); }, values.data});
    return values;
}

inline void record(Trace& trace, const char* name, const Array<double>& values, Rule rule) {
    trace.add({{name, name, name, "scores", ""}, values.shape, std::move(rule), values.data});
}

/// Runs the steps of every entry's explanation again, from its operands alone, and compares the last one with the
/// recorded value.
inline void check_every_entry(const Trace& trace, const char* name) {
    CAPTURE(name);
    const Array<double> recorded = trace.tensor(name);
    for (Size offset = 0; offset < recorded.size(); ++offset) {
        Index index;
        index.resize(recorded.rank());
        for (Size axis = recorded.rank(), rest = offset; axis-- > 0; rest /= recorded.shape[axis])
            index[axis] = rest % recorded.shape[axis];
        const Explanation page = trace.explain(name, index);
        CHECK_FALSE(page.rule.empty());
        CHECK_FALSE(page.formula.empty());
        REQUIRE_FALSE(page.steps.empty());
        std::vector<Symbol> symbols;
        for (const Operand& operand : page.operands) {
            Symbol symbol{operand.symbol, {}};
            for (const Term& term : operand.terms) {
                if (!term.tensor.empty()) CHECK(term.value == trace.value(term.tensor, term.index));
                symbol.values.push_back(term.value);
            }
            symbols.insert(symbols.begin(), std::move(symbol));
        }
        double last = kNaN;
        for (const Step& step : page.steps) {
            const std::vector<double> values = evaluate(step.expression, symbols);
            CHECK(values == step.values);
            last = values.empty() ? kNaN : values[0];
            symbols.push_back({step.symbol, values});
        }
        const double truth = recorded.data[offset];
        CHECK_MESSAGE((last == truth || std::fabs(last - truth) <= 1e-12 * (1 + std::fabs(truth))), name, " at offset ",
                      offset, ": ", last, " instead of ", truth);
    }
}

/// The same for every tensor that was not given.
inline void check_every_tensor(const Trace& trace) {
    for (const Node& node : trace.nodes()) {
        if (entries(node.shape) == 0) continue;
        Index first;
        first.resize(node.shape.size());
        if (!trace.explain(node.label.name, first).is_input) check_every_entry(trace, node.label.name);
    }
}

}  // namespace clearformer::testing
