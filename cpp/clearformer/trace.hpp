#pragma once

// The trace: how any number opens.
//
// A computation is recorded as named, shaped tensors, each with a rule: the function that, for one index, says which numbers went
// in and by what arithmetic the value came out. Every operation writes its rule beside its kernel; figures draw what explain()
// returns. A tensor's values may be kept, or recomputed from the rule when asked for.

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "clearformer/tensor.hpp"

namespace clearformer {

/// One number that went in: an entry of another tensor of the trace, itself open to explain().
/// A constant of the rule (a temperature, sqrt(d_k)) has an empty tensor name.
struct Term {
    std::string tensor;
    Index index;
    double value = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tensor", tensor);
        field.required("index", index);
        field.required("value", value);
    }
};

/// A symbol of the arithmetic and the terms it stands for: one, or a vector of them.
struct Operand {
    std::string symbol;
    std::string name;
    std::string role;
    bool vector = false;
    std::vector<Term> terms;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("symbol", symbol);
        field.required("name", name);
        field.required("role", role);
        field.required("vector", vector);
        field.required("terms", terms);
    }
};

/// One line of the arithmetic: symbol = expression, with its values (one, or one for each entry of the vectors in it).
struct Step {
    std::string symbol;
    std::string label;
    std::string expression;
    bool vector = false;
    std::vector<double> values;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("symbol", symbol);
        field.required("label", label);
        field.required("expression", expression);
        field.required("vector", vector);
        field.required("values", values);
    }
};

/// How one number came about. The steps are a straight-line program over the operands; the last one gives the value.
struct Explanation {
    std::string tensor;
    Index index;
    double value = 0;
    std::string symbol;
    std::string title;
    std::string rule;
    std::string formula;
    bool is_input = false;
    bool overridden = false;
    std::vector<Operand> operands;
    std::vector<Step> steps;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tensor", tensor);
        field.required("index", index);
        field.required("value", value);
        field.required("symbol", symbol);
        field.required("title", title);
        field.required("rule", rule);
        field.required("formula", formula);
        field.required("is_input", is_input);
        field.required("overridden", overridden);
        field.required("operands", operands);
        field.required("steps", steps);
    }
};

class Trace;

/// What a rule writes with. Operands first, then steps; a step may use every symbol before it. Expressions know + - * / ( ),
/// numbers, and sum max min exp log sqrt tanh sin cos abs floor; vectors combine entry by entry, scalars with every entry.
class Pen {
public:
    Pen(const Trace& trace, Explanation& page) : trace_(trace), page_(page) {}

    /// One sentence in words, and the same in LaTeX.
    void rule(std::string_view words, std::string_view formula);
    /// The number is an input: nothing went into it. `words` says where it comes from.
    void input(std::string_view words);
    void constant(std::string_view symbol, std::string_view name, double value);
    void scalar(std::string_view symbol, std::string_view tensor, const Index& index);
    /// A vector operand: entry i is `tensor` at `index(i)`.
    template <class IndexOf>
    void vector(std::string_view symbol, std::string_view tensor, Size count, const IndexOf& index) {
        add_vector(symbol, tensor, count, &index,
                   [](const void* of, Size i) { return Index((*static_cast<const IndexOf*>(of))(i)); });
    }
    void step(std::string_view symbol, std::string_view label, std::string_view expression);
    /// A value of the trace, for a rule that depends on it (a masked key, an empty row).
    double value(std::string_view tensor, const Index& index) const;
    /// The shape of a tensor of the trace.
    const Shape& shape(std::string_view tensor) const;

private:
    void add_vector(std::string_view symbol, std::string_view tensor, Size count, const void* of,
                    Index (*index)(const void*, Size));

    const Trace& trace_;
    Explanation& page_;
};

/// Writes the explanation of one entry: made from any function of an index and a pen. What std::function does, in a fraction of its code;
/// there are hundreds of rules. Copies share the function.
class Rule {
public:
    Rule() = default;
    template <class Write>
    requires(!std::is_same_v<Write, Rule>) Rule(Write write)
        : held_(static_cast<const Held*>(new Holder<Write>(std::move(write)))) {}
    void operator()(const Index& at, Pen& pen) const { held_->write(at, pen); }

private:
    struct Held {
        virtual ~Held() = default;
        virtual void write(const Index& at, Pen& pen) const = 0;
    };
    template <class Write>
    struct Holder final : Held {
        explicit Holder(Write w) : function(std::move(w)) {}
        void write(const Index& at, Pen& pen) const override { function(at, pen); }
        Write function;
    };
    std::shared_ptr<const Held> held_;
};

/// What a tensor of the trace is called. The texts outlive the trace: literals, or texts that it owns.
struct Label {
    const char* name;     // how it is asked for: "weights"
    const char* symbol;   // how it is written: "A"
    const char* title;    // in plain words, of one entry: "attention weight"
    const char* role;     // a colour role of the figures: q k v scores weights residual position mlp input
    const char* letters;  // "H T S"
};

/// A tensor of the trace.
struct Node {
    Label label;
    Shape shape;
    Rule rule;
    std::vector<double> values = {};                      // row-major; empty: recomputed when asked for,
    std::function<double(const Index&)> compute = {};     // by this shortcut where there is one, else from the rule
    std::vector<std::pair<Size, double>> overrides = {};  // entries that the reader has set: offset, value
};

/// The recorded computation, in order.
class Trace {
public:
    /// Adds a tensor. Its rule may only use tensors already there. Entries in `overrides` replace the values.
    /// Throws DomainError for a name already in use or values that do not fill the shape.
    void add(Node node);
    /// Adds a tensor whose values are what its rule gives, and keeps them.
    void derive(const Label& label, const Shape& shape, Rule rule);

    bool has(std::string_view name) const { return find(name) != nullptr; }
    /// A text for labels and rules that lives as long as the trace and its copies.
    const char* own(std::string text);
    /// Throws DomainError naming the tensors there are.
    const Node& node(std::string_view name) const;
    const std::vector<Node>& nodes() const { return nodes_; }

    /// One entry, kept or recomputed. Throws DomainError for an index outside the shape.
    double value(std::string_view name, const Index& index) const;
    /// All entries, or those under the first indices given: of weights [H, T, S], tensor("weights", {2}) is head 2, [T, S].
    Array<double> tensor(std::string_view name, const Index& at = {}) const;
    Explanation explain(std::string_view name, const Index& index) const;
    /// A NumPy program that prints the value from its operands.
    std::string numpy(std::string_view name, const Index& index) const;

private:
    const Node* find(std::string_view name) const;

    std::vector<Node> nodes_;
    std::shared_ptr<std::list<std::string>> texts_ = std::make_shared<std::list<std::string>>();
};

/// Where an index lies in the row-major values of a tensor. Throws DomainError, naming the tensor, when it lies outside the shape.
Size offset_of(const char* name, const Shape& shape, const Index& index);

/// Values that an expression may use; a vector of one entry is a scalar.
struct Symbol {
    std::string_view name;
    std::vector<double> values;
};

/// The value of an expression. Throws DomainError for an unknown symbol, a syntax error or vectors of different length.
std::vector<double> evaluate(std::string_view expression, const std::vector<Symbol>& symbols);

}  // namespace clearformer
