#include "clearformer/trace.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace clearformer;

namespace {

Rule given(const std::string& words) {
    return [words](const Index&, Pen& pen) { pen.input(words); };
}

/// a = (1, 2, 3), b = (4, 5, 6), dot = a . b
Trace small_trace(std::vector<std::pair<Size, double>> overrides = {}) {
    Trace trace;
    trace.add({{"a", "a", "first", "q", "D"}, {3}, given("typed"), {1, 2, 3}, {}, std::move(overrides)});
    trace.add({{"b", "b", "second", "k", "D"}, {3}, given("typed"), {4, 5, 6}, {}, {}});
    const Rule dot = [](const Index&, Pen& pen) {
        pen.rule("Entry by entry, then summed.", "a \\cdot b");
        pen.vector("a", "a", 3, [](Size i) { return Index{i}; });
        pen.vector("b", "b", 3, [](Size i) { return Index{i}; });
        pen.step("p", "products", "a * b");
        pen.step("s", "sum", "sum(p)");
    };
    trace.add({{"dot", "s", "dot product", "scores", ""}, {}, dot, {}, {}, {}});
    return trace;
}

}  // namespace

TEST_CASE("an expression follows the usual precedence") {
    CHECK(evaluate("1 + 2 * 3", {})[0] == 7);
    CHECK(evaluate("(1 + 2) * 3", {})[0] == 9);
    CHECK(evaluate("8 / 4 / 2", {})[0] == 1);
    CHECK(evaluate("2 - 3 - 4", {})[0] == -5);
    CHECK(evaluate("-2 * 3", {})[0] == -6);
    CHECK(evaluate("exp(0) + sqrt(16) + log(1) + abs(-2)", {})[0] == 7);
}

TEST_CASE("scalars combine with every entry of a vector") {
    CHECK(evaluate("sum(a * b) + c", {{"a", {1, 2}}, {"b", {3, 4}}, {"c", {0.5}}})[0] == 11.5);
    CHECK(evaluate("a - m", {{"a", {1, 2}}, {"m", {2}}}) == std::vector<double>{-1, 0});
    CHECK(evaluate("max(a)", {{"a", {1, 9, 2}}})[0] == 9);
    CHECK(evaluate("min(a)", {{"a", {4, 1, 2}}})[0] == 1);
    CHECK(evaluate("floor(a)", {{"a", {1.5, -1.5}}}) == std::vector<double>{1, -2});
}

TEST_CASE("a faulty expression is refused with a sentence") {
    CHECK_THROWS_WITH_AS(evaluate("a + q", {{"a", {1}}}), "evaluate: unknown symbol \"q\" in a + q", DomainError);
    CHECK_THROWS_AS(evaluate("(1 + 2", {}), DomainError);
    CHECK_THROWS_AS(evaluate("1 2", {}), DomainError);
    CHECK_THROWS_AS(evaluate("a + b", {{"a", {1, 2}}, {"b", {1, 2, 3}}}), DomainError);
}

TEST_CASE("a tensor that was not kept is recomputed from its rule") {
    const Trace trace = small_trace();
    CHECK(trace.value("dot", {}) == 32);
    CHECK(trace.tensor("dot").data == std::vector<double>{32});
    const Explanation page = trace.explain("dot", {});
    CHECK(page.value == 32);
    CHECK(page.operands.size() == 2);
    CHECK(page.operands[1].role == "k");
    CHECK(page.operands[0].terms[2].index == Index{2});
    CHECK(page.steps[0].values == std::vector<double>{4, 10, 18});
}

TEST_CASE("an override replaces the value, is an input, and reaches what comes after it") {
    const Trace trace = small_trace({{1, 10.0}});
    CHECK(trace.value("a", {1}) == 10);
    CHECK(trace.explain("a", {1}).overridden);
    CHECK_FALSE(trace.explain("a", {0}).overridden);
    CHECK(trace.value("dot", {}) == 72);
}

TEST_CASE("an explanation becomes a NumPy program") {
    CHECK(small_trace().numpy("dot", {}) ==
          "import numpy as np\n\n"
          "# dot product: s[] (counted from 0)\n"
          "a = np.array([1, 2, 3])  # first\n"
          "b = np.array([4, 5, 6])  # second\n"
          "p = a * b  # products\n"
          "s = np.sum(p)  # sum\n"
          "print(s)\n");
}

TEST_CASE("asking for what is not there names what is") {
    const Trace trace = small_trace();
    CHECK_THROWS_WITH_AS(trace.value("c", {0}), "trace: there is no tensor \"c\"; there are a, b, dot", DomainError);
    CHECK_THROWS_WITH_AS(trace.value("a", {3}), "trace: index [3] lies outside a of shape [3]", DomainError);
    CHECK_THROWS_AS(trace.explain("a", {0, 0}), DomainError);
}

TEST_CASE("a part of a tensor is what lies under its first indices") {
    Trace trace;
    trace.add({{"m", "M", "entry", "q", "T S"}, {2, 3}, given("typed"), {1, 2, 3, 4, 5, 6}, {}, {}});
    CHECK(trace.tensor("m", {1}).data == std::vector<double>{4, 5, 6});
    CHECK(trace.tensor("m", {1}).shape == Shape{3});
    CHECK(trace.tensor("m").shape == Shape{2, 3});
    CHECK_THROWS_AS(trace.tensor("m", {2}), DomainError);
}

TEST_CASE("a trace refuses what would take too long to open") {
    Trace trace;
    const Rule rule = [](const Index&, Pen& pen) {
        pen.rule("One.", "1");
        pen.constant("a", "one", 1);
        pen.step("y", "one", "a");
    };
    CHECK_THROWS_AS(trace.derive({"y", "y", "number", "scores", "N"}, {262145}, rule), DomainError);
    CHECK_THROWS_AS(trace.add({{"z", "z", "number", "scores", "N"}, {4194305}, rule}), DomainError);
    CHECK(trace.nodes().empty());
}
