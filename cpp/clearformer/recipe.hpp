#pragma once

// A rule written as data: which numbers go in, and the steps. What most rules are, without a function for each.

#include "clearformer/trace.hpp"

namespace clearformer {

/// An operand of a recipe. `at` says where it stands, a character for each axis, in terms of the index of the entry that is explained:
///
///     =       the entry's own index         <       the same without its last number
///     0 .. 5  that number of it             $       its last number
///     n       every place along the axis (all n count together), first + 0 .. first + count - 1: the operand is a vector
///     z       place `first`
///     *       every entry of the tensor, row by row: the operand is a vector
///
/// A count of 0 stands for the axis' extent.
struct Reading {
    const char *symbol, *tensor;
    const char* at = "=";
    Size count = 0, first = 0;
};

struct Recipe {
    struct Constant {
        const char *symbol, *name;
        double value;
        int axis = -1;  // 0 or more: the value is that number of the entry's index
    };
    struct Line {
        const char *symbol, *label, *expression;
    };
    const char *words, *formula;
    std::vector<Reading> readings;
    std::vector<Constant> constants;
    std::vector<Line> lines;
};

/// Writes the explanation of the entry at `at`: for rules that choose between recipes.
void write_recipe(Pen& pen, const Index& at, const Recipe& recipe);
Rule recipe_rule(Recipe recipe);
/// For what is found rather than computed, a position or a choice: a recipe's operands, then the constant called `symbol` and `name`, the
/// entry's own value in `values`, and the step that says so.
Rule told_rule(Recipe recipe, const char* symbol, const char* name, Array<double> values);
/// The sum and the mean of an operand.
Rule sum_rule(const char* words, const char* x, const char* at);
Rule mean_rule(const char* words, const char* x, const char* at, Size count);
/// How often `numbers` holds the entry's own place: of choices, the load.
Rule count_rule(const char* words, const char* numbers);

/// Adds a number, a tensor of shape [], with the value that its kernel gave.
void add_number(Trace& trace, const Label& label, double value, Rule rule);
/// Whole numbers as a tensor [N].
Array<double> as_tensor(const std::vector<int>& numbers);

}  // namespace clearformer
