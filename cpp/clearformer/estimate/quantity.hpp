#pragma once

// A number that knows how it came about. Arithmetic on quantities records itself, so a formula that is shown is the formula that was
// computed, and every number opens down to configuration keys, inputs, citations and assumptions.
//
//     Ledger ledger;
//     const Quantity layers = ledger.leaf("num_hidden_layers", 32, Origin::kConfig);
//     const Quantity bytes = ledger.named(2 * layers * heads * width * element, "kv_bytes_per_token|KV cache per token|B");
//     ledger.explain("kv_bytes_per_token").formula;  // "2 × num_hidden_layers × ..."
//
// Counts and bytes are 64-bit integers, and what does not fit them is an error, never a wrap; FLOPs, seconds and shares are doubles. A
// sum, product, least or greatest of whole quantities is whole; whatever meets a double is a double.
//
// What a quantity is called is one text, "name|title|unit|source":
//     name    one word, unique in its ledger: kv_bytes_per_token. Those of single operations and tensors have more words.
//     title   for readers; the name where empty
//     unit    B, FLOP, MAC, s, FLOP/s, B/s, tokens/s, params, tokens, USD, W; empty: a plain number
//     source  a citation, a configuration key, a reason; may hold any sign
// Parts at the end may be left out. A "~" before the name marks an estimate. The ledger keeps a copy.

#include <concepts>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clearformer/check.hpp"

namespace clearformer::estimate {

/// Where a number comes from.
enum class Origin {
    kComputed,  // from others, by its formula
    kConfig,    // a key of the configuration
    kInput,     // the reader's choice
    kAssumed,   // nobody said; the value is ours and can be changed
    kCited,     // a published figure
    kMeasured,  // on this device, now
    kConstant   // a number of the formula itself
};
const char* origin_name(Origin origin);

/// The name in a title.
std::string_view name_in(const char* title);

class Ledger;

/// One number of a ledger: a pointer, cheap to copy. Lives as long as its ledger.
class Quantity {
public:
    Quantity() = default;  // no quantity: adding it changes nothing
    explicit operator bool() const { return node_ != nullptr; }
    bool whole() const;
    /// The value of a whole quantity. Throws DomainError for others.
    std::int64_t count() const;
    double value() const;
    Origin origin() const;
    /// Whether both are the same number of the same ledger, rather than two of equal value.
    bool is(Quantity other) const { return node_ == other.node_; }
    Ledger& ledger() const;

private:
    friend class Ledger;
    struct Node;
    explicit Quantity(const Node* node) : node_(node) {}
    const Node* node_ = nullptr;
};

/// What explain() says of one quantity.
struct QuantityTerm {
    std::string name, title, unit, origin, source, section;
    double value = 0;
    bool approximate = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("name", name);
        field.required("title", title);
        field.required("value", value);
        field.required("unit", unit);
        field.required("origin", origin);
        field.required("source", source);
        field.required("approximate", approximate);
        field.required("section", section);
    }
};
struct QuantityExplanation : QuantityTerm {
    std::string formula, substituted;
    std::vector<QuantityTerm> terms;
    template <class Visitor>
    void fields(Visitor& field) {
        QuantityTerm::fields(field);
        field.required("formula", formula);
        field.required("substituted", substituted);
        field.required("terms", terms);
    }
};

/// All the quantities of one plan.
class Ledger {
public:
    Ledger();
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    /// What is named from here on belongs to this part of the plan: "memory", "compute". Literals only.
    void section(const char* name) { section_ = name; }

    Quantity constant(std::int64_t value);
    Quantity constant(double value);
    /// A number that opens no further.
    Quantity leaf(const char* title, std::int64_t value, Origin origin);
    Quantity leaf(const char* title, double value, Origin origin);
    /// Gives what was computed a name, at which formulas stop. A name that is taken gets a number behind it: "window#2".
    Quantity named(Quantity quantity, const char* title, bool approximate = false);
    /// The same with titles in parts.
    Quantity leaf(std::initializer_list<Part> title, std::int64_t value, Origin origin);
    Quantity named(Quantity quantity, std::initializer_list<Part> title);

    /// A text that lives as long as the ledger.
    const char* text(std::initializer_list<Part> parts);

    /// What a quantity is called; empty where it has no name.
    std::string_view name(Quantity quantity) const;
    /// The quantity of that name; one that is none where there is none.
    Quantity find(std::string_view name) const;
    Quantity find(std::initializer_list<Part> name);
    /// Throws DomainError for an unknown name.
    QuantityExplanation explain(std::string_view name) const;
    QuantityTerm term(Quantity quantity) const;
    /// Every named quantity that was computed, in the order of naming.
    std::vector<Quantity> named_quantities() const;

    enum class Operation : std::uint8_t {
        kLeaf,
        kSame,
        kAdd,
        kSubtract,
        kMultiply,
        kDivide,
        kCeilDivide,
        kFloorDivide,
        kLeast,
        kGreatest,
        kPower
    };
    Quantity combine(Operation operation, Quantity a, Quantity b);

private:
    friend class Quantity;
    using Node = Quantity::Node;
    struct Title;
    Quantity push(const Node& node);
    Quantity entitle(const Node& node, const char* title);
    Title* keep(const char* written);
    const char* put_together(std::initializer_list<Part> parts);
    std::size_t slot(std::string_view name) const;
    static std::string number(const Node& node);
    static void write(const Node& node, bool values, int strength, bool top, std::string& text);
    static void collect(const Node& node, bool top, std::vector<const Node*>& found);

    const char* section_ = "";
    std::vector<std::unique_ptr<Node[]>> nodes_;  // in blocks: they stay where they are
    std::size_t last_ = 0;                        // nodes in the last block
    std::vector<Title*> titles_;                  // in the order of naming
    std::vector<std::unique_ptr<Title[]>> title_blocks_;
    std::string scratch_;  // where titles in parts are put together
    std::forward_list<std::string> texts_;
    std::vector<Title*> slots_;  // titles by the hash of their names, at most half full
};

Quantity operator+(Quantity a, Quantity b);
Quantity operator-(Quantity a, Quantity b);
Quantity operator*(Quantity a, Quantity b);
/// A double, also of two whole quantities. Throws DomainError for a divisor of 0.
Quantity operator/(Quantity a, Quantity b);
/// ⌈a / b⌉ and ⌊a / b⌋ of quantities that are not negative: whole, also of doubles. Throw DomainError for a divisor that is not above 0.
Quantity ceil_divide(Quantity a, Quantity b);
Quantity floor_divide(Quantity a, Quantity b);
Quantity least(Quantity a, Quantity b);
Quantity greatest(Quantity a, Quantity b);
/// a to the power of a whole b from 0, a double.
Quantity power(Quantity a, Quantity b);
/// The same of plain numbers. By squaring: exponents are numbers of tokens, and a base near 1 keeps its digits to about eps × exponent.
double whole_power(double base, double exponent);

template <class T>
concept PlainNumber = std::integral<T> || std::floating_point<T>;

/// A plain number, in the ledger of another.
Quantity constant_beside(Quantity other, std::int64_t value);
Quantity constant_beside(Quantity other, double value);
template <PlainNumber T>
Quantity beside(Quantity other, T value) {
    if constexpr (std::integral<T>) return constant_beside(other, static_cast<std::int64_t>(value));
    else return constant_beside(other, static_cast<double>(value));
}
#define CLEARFORMER_WITH_NUMBERS(function) \
    template <PlainNumber T>               \
    Quantity function(Quantity a, T b) {   \
        return function(a, beside(a, b));  \
    }                                      \
    template <PlainNumber T>               \
    Quantity function(T a, Quantity b) {   \
        return function(beside(b, a), b);  \
    }
CLEARFORMER_WITH_NUMBERS(operator+)
CLEARFORMER_WITH_NUMBERS(operator-)
CLEARFORMER_WITH_NUMBERS(operator*)
CLEARFORMER_WITH_NUMBERS(operator/)
CLEARFORMER_WITH_NUMBERS(ceil_divide)
CLEARFORMER_WITH_NUMBERS(floor_divide)
CLEARFORMER_WITH_NUMBERS(least)
CLEARFORMER_WITH_NUMBERS(greatest)
#undef CLEARFORMER_WITH_NUMBERS

inline Quantity& operator+=(Quantity& a, Quantity b) { return a = a + b; }

}  // namespace clearformer::estimate
