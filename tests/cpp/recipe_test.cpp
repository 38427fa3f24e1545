#include "clearformer/recipe.hpp"

#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

/// x [2, 3] and y [3], given.
Trace with_inputs() {
    Trace trace;
    give(trace, "x", {{2, 3}, {1, 2, 3, 4, 5, 6}});
    give(trace, "y", {{3}, {10, 20, 30}});
    return trace;
}

double value_of(const Reading& reading, const Index& at, const char* expression) {
    Trace trace = with_inputs();
    Shape shape;
    for (Size number : at) shape.push_back(number + 1);
    trace.add({{"z", "z", "z", "scores", ""},
               shape,
               recipe_rule({"A reading.", "z", {reading}, {}, {{"z", "value", expression}}})});
    check_every_entry(trace, "z");
    return trace.value("z", at);
}

}  // namespace

TEST_CASE("a recipe reads the entry's own place, a part of it, a row, a column, a fixed place or everything") {
    CHECK(value_of({"a", "x"}, {1, 2}, "a") == 6);
    CHECK(value_of({"a", "x", "10"}, {2, 1}, "a") == 6);
    CHECK(value_of({"a", "y", "$"}, {1, 2}, "a") == 30);
    CHECK(value_of({"a", "y", "<"}, {2, 1}, "a") == 30);
    CHECK(value_of({"a", "x", "0n"}, {1, 2}, "sum(a)") == 15);
    CHECK(value_of({"a", "x", "<n"}, {1, 2}, "sum(a)") == 15);
    CHECK(value_of({"a", "x", "=n"}, {1}, "sum(a)") == 15);
    CHECK(value_of({"a", "x", "n1"}, {1, 2}, "sum(a)") == 9);
    CHECK(value_of({"a", "x", "0n", 2, 1}, {1, 2}, "sum(a)") == 11);
    CHECK(value_of({"a", "x", "0z", 0, 1}, {1, 2}, "a") == 5);
    CHECK(value_of({"a", "x", "*"}, {1, 2}, "sum(a)") == 21);
    CHECK(value_of({"a", "x", "nn", 2}, {0}, "sum(a)") == 6);
}

TEST_CASE("a recipe's constants are numbers or a number of the index") {
    Trace trace = with_inputs();
    trace.derive(
        {"z", "z", "z", "scores", ""}, {2, 3},
        recipe_rule(
            {"A line.", "z", {{"a", "x"}}, {{"c", "factor", 2}, {"i", "row", 0, 0}}, {{"z", "value", "a * c + i"}}}));
    CHECK(trace.tensor("z").data == std::vector<double>{2, 4, 6, 9, 11, 13});
    check_every_entry(trace, "z");
}

TEST_CASE("what is told, summed, averaged and counted opens too") {
    Trace trace = with_inputs();
    const Array<double> best({2}, {2, 2});
    record(trace, "best", best,
           told_rule({"The largest of the row.", "b", {{"a", "x", "0n"}}, {}, {{"m", "largest", "max(a)"}}}, "k",
                     "its place", best));
    check_every_entry(trace, "best");
    const Explanation page = trace.explain("best", {1});
    CHECK(page.operands.back().symbol == "k");
    CHECK(page.steps.back().values == std::vector<double>{2});
    trace.derive({"sums", "s", "s", "scores", ""}, {2}, sum_rule("The row, summed.", "x", "0n"));
    trace.derive({"means", "m", "m", "scores", ""}, {3}, mean_rule("The column's mean.", "x", "n0", 2));
    trace.derive({"counts", "n", "n", "scores", ""}, {4}, count_rule("How many chose it.", "best"));
    CHECK(trace.tensor("sums").data == std::vector<double>{6, 15});
    CHECK(trace.tensor("means").data == std::vector<double>{2.5, 3.5, 4.5});
    CHECK(trace.tensor("counts").data == std::vector<double>{0, 0, 2, 0});
    add_number(trace, {"all", "a", "a", "scores", ""}, 21, sum_rule("All, summed.", "x", "*"));
    check_every_tensor(trace);
    CHECK(as_tensor({3, 1}).data == std::vector<double>{3, 1});
}
