#include "clearformer/trace.hpp"

#include <cmath>

namespace clearformer {
namespace {

using Values = std::vector<double>;
using Symbols = std::vector<Symbol>;

using Scalar = double (*)(double);
struct Function {
    std::string_view name;
    Scalar of;  // null: a reduction
};
constexpr Function kFunctions[] = {{"sum", nullptr},  {"max", nullptr},    {"min", nullptr},     {"exp", std::exp},
                                   {"log", std::log}, {"sqrt", std::sqrt}, {"tanh", std::tanh},  {"sin", std::sin},
                                   {"cos", std::cos}, {"abs", std::fabs},  {"floor", std::floor}};

const Function* function_named(std::string_view name) {
    for (const Function& function : kFunctions) {
        if (function.name == name) return &function;
    }
    return nullptr;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return (c >= '0' && c <= '9') || c == '.'; }

/// Recursive descent over: sum := product (('+'|'-') product)*, product := unary (('*'|'/') unary)*, unary := '-' unary | atom.
class Evaluator {
public:
    Evaluator(std::string_view text, const Symbols& symbols) : text_(text), symbols_(symbols) {}

    Values run() {
        Values result = sum();
        require(place_ == text_.size(), "evaluate: unexpected \"", text_.substr(place_), "\" in ", text_);
        return result;
    }

private:
    Values sum() {
        Values left = product();
        for (;;) {
            if (accept('+')) left = combine('+', left, product());
            else if (accept('-')) left = combine('-', left, product());
            else return left;
        }
    }

    Values product() {
        Values left = unary();
        for (;;) {
            if (accept('*')) left = combine('*', left, unary());
            else if (accept('/')) left = combine('/', left, unary());
            else return left;
        }
    }

    Values unary() {
        if (accept('-')) return each(unary(), [](double a) { return -a; });
        return atom();
    }

    Values atom() {
        if (accept('(')) {
            Values inside = sum();
            require(accept(')'), "evaluate: missing ) in ", text_);
            return inside;
        }
        skip_spaces();
        const Size start = place_;
        if (place_ < text_.size() && is_digit(text_[place_])) return {number()};
        while (place_ < text_.size() && (is_letter(text_[place_]) || (place_ > start && is_digit(text_[place_])))) ++place_;
        const std::string_view word = text_.substr(start, place_ - start);
        const Function* function = function_named(word);
        if (function && accept('(')) {
            Values inside = sum();
            require(accept(')'), "evaluate: missing ) in ", text_);
            return function->of ? each(std::move(inside), function->of) : Values{reduce(word, inside)};
        }
        for (const Symbol& symbol : symbols_) {
            if (symbol.name == word) return symbol.values;
        }
        fail({"evaluate: unknown symbol \"", word, "\" in ", text_});
    }

    double number() {
        double digits = 0, divisor = 1;
        for (bool fraction = false; place_ < text_.size() && is_digit(text_[place_]); ++place_) {
            if (text_[place_] == '.') {
                fraction = true;
                continue;
            }
            digits = digits * 10 + (text_[place_] - '0');
            if (fraction) divisor *= 10;
        }
        return digits / divisor;
    }

    static double reduce(std::string_view function, const Values& x) {
        const char kind = function[1];  // sum, max, min
        double result = kind == 'u' ? 0 : kind == 'a' ? -kInfinity : kInfinity;
        for (double value : x)
            result = kind == 'u' ? result + value : kind == 'a' ? std::max(result, value) : std::min(result, value);
        return result;
    }

    static Values each(Values x, Scalar of) {
        for (double& value : x) value = of(value);
        return x;
    }

    Values combine(char operation, const Values& a, const Values& b) const {
        require(a.size() == b.size() || a.size() == 1 || b.size() == 1, "evaluate: vectors of ", a.size(), " and ", b.size(),
                " entries in ", text_);
        Values result(a.size() == 1 ? b.size() : a.size());
        for (Size i = 0; i < result.size(); ++i) {
            const double x = a[a.size() == 1 ? 0 : i], y = b[b.size() == 1 ? 0 : i];
            result[i] = operation == '+' ? x + y : operation == '-' ? x - y : operation == '*' ? x * y : x / y;
        }
        return result;
    }

    void skip_spaces() {
        while (place_ < text_.size() && text_[place_] == ' ') ++place_;
    }

    bool accept(char c) {
        skip_spaces();
        if (place_ >= text_.size() || text_[place_] != c) return false;
        ++place_;
        return true;
    }

    const std::string_view text_;
    const Symbols& symbols_;
    Size place_ = 0;
};

Values operand_values(const Operand& operand) {
    Values values;
    for (const Term& term : operand.terms) values.push_back(term.value);
    return values;
}

Symbols symbols_of(const Explanation& page) {
    Symbols symbols;
    for (const Operand& operand : page.operands) symbols.push_back({operand.symbol, operand_values(operand)});
    for (const Step& step : page.steps) symbols.push_back({step.symbol, step.values});
    return symbols;
}

std::string python_number(double value) {
    if (std::isnan(value)) return "np.nan";
    if (std::isinf(value)) return value < 0 ? "-np.inf" : "np.inf";
    return to_text(value);
}

/// The expression with NumPy's names for the functions.
std::string python_expression(const std::string& expression) {
    std::string result, word;
    for (Size i = 0; i <= expression.size(); ++i) {
        const char c = i < expression.size() ? expression[i] : ' ';
        if (is_letter(c) || (!word.empty() && is_digit(c))) {
            word += c;
            continue;
        }
        if (c == '(' && function_named(word)) result += "np.";
        result += word;
        word.clear();
        if (i < expression.size()) result += c;
    }
    return result;
}

Index index_at(Size offset, const Shape& shape) {
    Index index = shape;
    for (Size axis = shape.size(); axis-- > 0;) {
        index[axis] = offset % shape[axis];
        offset /= shape[axis];
    }
    return index;
}

/// The value that the reader has set there, if any.
const double* override_at(const Node& node, Size offset) {
    const double* found = nullptr;
    for (const auto& [place, value] : node.overrides) {
        if (place == offset) found = &value;
    }
    return found;
}

}  // namespace

Size offset_of(const char* name, const Shape& shape, const Index& index) {
    require(index.size() == shape.size(), "trace: ", name, " has shape ", shape, ", so its index needs ", shape.size(),
            " numbers, got ", index);
    Size offset = 0;
    for (Size axis = 0; axis < index.size(); ++axis) {
        require(index[axis] < shape[axis], "trace: index ", index, " lies outside ", name, " of shape ", shape);
        offset = offset * shape[axis] + index[axis];
    }
    return offset;
}

std::vector<double> evaluate(std::string_view expression, const Symbols& symbols) {
    return Evaluator(expression, symbols).run();
}

void Pen::rule(std::string_view words, std::string_view formula) {
    page_.rule = words;
    page_.formula = formula;
}

void Pen::input(std::string_view words) {
    page_.rule = words;
    page_.is_input = true;
}

void Pen::constant(std::string_view symbol, std::string_view name, double value) {
    page_.operands.push_back({std::string(symbol), std::string(name), "input", false, {Term{"", {}, value}}});
}

void Pen::scalar(std::string_view symbol, std::string_view tensor, const Index& index) {
    vector(symbol, tensor, 1, [&](Size) { return index; });
    page_.operands.back().vector = false;
}

void Pen::add_vector(std::string_view symbol, std::string_view tensor, Size count, const void* of,
                     Index (*index_of)(const void*, Size)) {
    const Label& label = trace_.node(tensor).label;
    Operand operand{std::string(symbol), label.title, label.role, true, {}};
    for (Size i = 0; i < count; ++i) {
        Index at = index_of(of, i);
        const double value = trace_.value(tensor, at);
        operand.terms.push_back({label.name, std::move(at), value});
    }
    page_.operands.push_back(std::move(operand));
}

void Pen::step(std::string_view symbol, std::string_view label, std::string_view expression) {
    Values values = evaluate(expression, symbols_of(page_));
    const bool is_vector = values.size() != 1;
    page_.steps.push_back({std::string(symbol), std::string(label), std::string(expression), is_vector, std::move(values)});
}

double Pen::value(std::string_view tensor, const Index& index) const { return trace_.value(tensor, index); }
const Shape& Pen::shape(std::string_view tensor) const { return trace_.node(tensor).shape; }

namespace {

/// One number may open into as many terms as a tensor has entries, and derive() opens every entry.
constexpr Size kMostEntries = 4194304, kMostDerived = 262144;

void check_traced(const char* name, const Shape& shape, Size most) {
    require(entries(shape) <= most, "trace: at most ", most, " entries of ", name, " can be recorded, got shape ", shape);
}

}  // namespace

void Trace::add(Node node) {
    const char* name = node.label.name;
    require(!has(name), "trace: there is already a tensor named ", name);
    check_traced(name, node.shape, kMostEntries);
    const Size count = entries(node.shape);
    require(node.values.empty() || node.values.size() == count, "trace: ", name, " of shape ", node.shape, " needs ", count,
            " values, got ", node.values.size());
    for (const auto& [offset, value] : node.overrides) {
        require(offset < count, "trace: an override lies outside ", name, " of shape ", node.shape);
        if (!node.values.empty()) node.values[offset] = value;
    }
    nodes_.push_back(std::move(node));
}

void Trace::derive(const Label& label, const Shape& shape, Rule rule) {
    check_traced(label.name, shape, kMostDerived);
    add({label, shape, std::move(rule)});
    nodes_.back().values = tensor(label.name).data;
}

const Node* Trace::find(std::string_view name) const {
    for (const Node& node : nodes_) {
        if (node.label.name == name) return &node;
    }
    return nullptr;
}

const Node& Trace::node(std::string_view name) const {
    const Node* found = find(name);
    if (found) return *found;
    std::string known;
    for (const Node& node : nodes_) known = join({known, known.empty() ? "" : ", ", node.label.name});
    fail({"trace: there is no tensor \"", name, "\"; there are ", known});
}

const char* Trace::own(std::string text) {
    texts_->push_back(std::move(text));
    return texts_->back().c_str();
}

double Trace::value(std::string_view name, const Index& index) const {
    const Node& from = node(name);
    const Size offset = offset_of(from.label.name, from.shape, index);
    if (!from.values.empty()) return from.values[offset];
    if (const double* set = override_at(from, offset)) return *set;
    return from.compute ? from.compute(index) : explain(name, index).value;
}

Array<double> Trace::tensor(std::string_view name, const Index& at) const {
    const Node& from = node(name);
    require(at.size() <= from.shape.size(), "trace: ", name, " of shape ", from.shape, " has no part at ", at);
    Index index = at;
    index.resize(from.shape.size());
    Array<double> part(Shape(from.shape.begin() + at.size(), from.shape.end()));
    if (part.empty()) return part;
    const Size first = offset_of(from.label.name, from.shape, index);
    for (Size i = 0; i < part.size(); ++i) {
        part.data[i] = from.values.empty() ? value(name, index_at(first + i, from.shape)) : from.values[first + i];
    }
    return part;
}

Explanation Trace::explain(std::string_view name, const Index& index) const {
    const Node& from = node(name);
    const Size offset = offset_of(from.label.name, from.shape, index);
    Explanation page;
    page.tensor = name;
    page.index = index;
    page.symbol = from.label.symbol;
    page.title = from.label.title;
    if (const double* set = override_at(from, offset)) {
        page.overridden = true;
        page.is_input = true;
        page.rule = "Set by you.";
        page.value = *set;
        return page;
    }
    Pen pen(*this, page);
    from.rule(index, pen);
    if (!from.values.empty()) page.value = from.values[offset];
    else if (from.compute) page.value = from.compute(index);
    else if (!page.steps.empty()) page.value = page.steps.back().values[0];
    require(page.is_input || !page.steps.empty(), "trace: the rule of ", name, " has no steps");
    return page;
}

std::string Trace::numpy(std::string_view name, const Index& index) const {
    const Explanation page = explain(name, index);
    std::string code = join({"import numpy as np\n\n# ", page.title, ": ", page.symbol, page.index, " (counted from 0)\n"});
    for (const Operand& operand : page.operands) {
        std::string values;
        for (const Term& term : operand.terms)
            values = join({values, values.empty() ? "" : ", ", python_number(term.value)});
        if (operand.vector) values = join({"np.array([", values, "])"});
        code = join({code, operand.symbol, " = ", values, "  # ", operand.name, "\n"});
    }
    for (const Step& step : page.steps) {
        code = join({code, step.symbol, " = ", python_expression(step.expression), "  # ", step.label, "\n"});
    }
    return join({code, "print(", page.steps.empty() ? python_number(page.value) : page.steps.back().symbol, ")\n"});
}

}  // namespace clearformer
