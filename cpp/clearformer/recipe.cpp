#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

/// Entry number `offset` of a tensor, row by row.
Index unravelled(Size offset, const Shape& shape) {
    Index index = shape;
    for (Size axis = shape.size(); axis-- > 0; offset /= shape[axis]) index[axis] = offset % shape[axis];
    return index;
}

}  // namespace

void write_recipe(Pen& pen, const Index& at, const Recipe& recipe) {
    pen.rule(recipe.words, recipe.formula);
    for (const Reading& reading : recipe.readings) {
        const Shape& shape = pen.shape(reading.tensor);
        Index index;
        Size count = 0, axis = 0;
        bool counts[Index::kMost] = {}, all = false;
        for (const char* c = reading.at; *c; ++c) {
            if (*c == '*') all = true;
            else if (*c == 'n') {
                counts[index.size()] = true;
                count = reading.count ? reading.count : shape[index.size()] - reading.first;
                index.push_back(reading.first);
            } else if (*c == 'z') index.push_back(reading.first);
            else if (*c == '$') index.push_back(at.back());
            else if (*c == '=' || *c == '<') {
                const Size most = at.size() - (*c == '<');
                for (axis = 0; axis < most; ++axis) index.push_back(at[axis]);
            } else index.push_back(at[static_cast<Size>(*c - '0')]);
        }
        bool is_vector = all;
        for (bool one : counts) is_vector = is_vector || one;
        if (!is_vector) {
            pen.scalar(reading.symbol, reading.tensor, index);
            continue;
        }
        pen.vector(reading.symbol, reading.tensor, all ? entries(shape) : count, [&](Size i) {
            if (all) return unravelled(i, shape);
            Index place = index;
            for (Size a = 0; a < place.size(); ++a) place[a] += counts[a] ? i : 0;
            return place;
        });
    }
    for (const Recipe::Constant& c : recipe.constants) {
        pen.constant(c.symbol, c.name, c.axis < 0 ? c.value : static_cast<double>(at[static_cast<Size>(c.axis)]));
    }
    for (const Recipe::Line& line : recipe.lines) pen.step(line.symbol, line.label, line.expression);
}

Rule recipe_rule(Recipe recipe) {
    return [recipe = std::move(recipe)](const Index& at, Pen& pen) { write_recipe(pen, at, recipe); };
}

Rule told_rule(Recipe recipe, const char* symbol, const char* name, Array<double> values) {
    return [=, recipe = std::move(recipe), values = std::move(values)](const Index& at, Pen& pen) {
        write_recipe(pen, at, recipe);
        pen.constant(symbol, name, values.at(at));
        pen.step("y", name, symbol);
    };
}

Rule sum_rule(const char* words, const char* x, const char* at) {
    return recipe_rule({words, "\\sum_i x_i", {{"x", x, at}}, {}, {{"s", "sum", "sum(x)"}}});
}

Rule mean_rule(const char* words, const char* x, const char* at, Size count) {
    return recipe_rule({words,
                        "\\frac{1}{N} \\sum_i x_i",
                        {{"x", x, at}},
                        {{"N", "how many", static_cast<double>(count)}},
                        {{"m", "mean", "sum(x) / N"}}});
}

Rule count_rule(const char* words, const char* numbers) {
    return recipe_rule({words,
                        "\\sum_i [x_i = e]",
                        {{"x", numbers, "*"}},
                        {{"e", "its own number", 0, 0}},
                        {{"o", "1 where it is this one", "floor(1 / (1 + abs(x - e)))"}, {"n", "how many", "sum(o)"}}});
}

void add_number(Trace& trace, const Label& label, double value, Rule rule) {
    trace.add({label, {}, std::move(rule), {value}});
}

Array<double> as_tensor(const std::vector<int>& numbers) {
    return {{numbers.size()}, std::vector<double>(numbers.begin(), numbers.end())};
}

}  // namespace clearformer
