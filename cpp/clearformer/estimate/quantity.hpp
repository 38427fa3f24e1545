#pragma once

// A number that knows how it came about. Arithmetic on quantities records itself, so a formula that is shown is the formula that was
// computed, and every number opens down to configuration keys, inputs, citations and assumptions.
//
//     Ledger ledger;
//     const Quantity layers = ledger.leaf({"num_hidden_layers"}, 32, Origin::kConfig);
//     const Quantity bytes = ledger.named(2 * layers * heads * width * element, {"kv_bytes_per_token", "KV cache per token", "B"});
//     ledger.explain("kv_bytes_per_token").formula;  // "2 × num_hidden_layers × ..."
//
// Counts and bytes are 64-bit integers, and what does not fit them is an error, never a wrap; FLOPs, seconds and shares are doubles. A
// sum, product, least or greatest of whole quantities is whole; whatever meets a double is a double.

#include <concepts>
#include <cstdint>
#include <deque>
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
    kConstant   // a number of the formula itself
};
const char* origin_name(Origin origin);

/// What a quantity is called. Refers to texts that live as long as the call; the ledger keeps copies.
struct Title {
    std::string_view name;   // one word, unique in its ledger: "kv_bytes_per_token"
    std::string_view title;  // for readers: "KV cache per token"; the name where empty
    std::string_view
        unit;  // "B", "FLOP", "MAC", "s", "FLOP/s", "B/s", "tokens/s", "params", "tokens", "USD", "W"; empty: plain
    std::string_view source = {};  // a citation, a configuration key, a reason
    bool approximate = false;      // an estimate: shown with "~"
};

class Ledger;

/// One number of a ledger: an index, cheap to copy. Lives as long as its ledger.
class Quantity {
public:
    Quantity() = default;  // no quantity: adding it changes nothing
    Quantity(Ledger* ledger, std::uint32_t id) : ledger_(ledger), id_(id) {}
    explicit operator bool() const { return ledger_ != nullptr; }
    bool whole() const;
    /// The value of a whole quantity. Throws DomainError for others.
    std::int64_t count() const;
    double value() const;
    Ledger* ledger() const { return ledger_; }
    std::uint32_t id() const { return id_; }

private:
    Ledger* ledger_ = nullptr;
    std::uint32_t id_ = 0;
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
    Ledger() = default;
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    /// What is named from here on belongs to this part of the plan: "memory", "compute".
    void section(std::string name) { section_ = std::move(name); }

    Quantity constant(std::int64_t value);
    Quantity constant(double value);
    /// A number that opens no further.
    Quantity leaf(const Title& title, std::int64_t value, Origin origin);
    Quantity leaf(const Title& title, double value, Origin origin);
    /// Gives what was computed a name, at which formulas stop. A name that is taken gets a number behind it: "window#2".
    Quantity named(Quantity quantity, const Title& title);

    /// The quantity of that name; one that is none where there is none.
    Quantity find(std::string_view name) const;
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
    struct Node {
        Operation operation;
        Origin origin;
        bool whole;
        std::int32_t title;  // -1: none
        std::uint32_t a, b;
        std::int64_t count;
        double real;
    };
    Quantity push(Node node);
    /// A title with its own texts.
    struct Kept {
        std::string name, title, unit, source, section;
        bool approximate;
    };
    std::int32_t keep(const Title& title);
    std::string number(std::uint32_t id) const;
    void write(std::uint32_t id, bool values, int strength, bool top, std::string& text) const;
    void collect(std::uint32_t id, bool top, std::vector<std::uint32_t>& found) const;

    std::string section_;
    std::vector<Node> nodes_;
    std::deque<Kept> titles_;
    std::vector<std::uint32_t> owners_;  // the node of each title
    std::vector<std::uint32_t> hashes_;  // of each title's name
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
/// a to the power b, a double.
Quantity power(Quantity a, Quantity b);

template <class T>
concept PlainNumber = std::integral<T> || std::floating_point<T>;

template <PlainNumber T>
Quantity as_quantity(Ledger* ledger, T value) {
    if constexpr (std::integral<T>) return ledger->constant(static_cast<std::int64_t>(value));
    else return ledger->constant(static_cast<double>(value));
}
#define CLEARFORMER_WITH_NUMBERS(function)              \
    template <PlainNumber T>                            \
    Quantity function(Quantity a, T b) {                \
        return function(a, as_quantity(a.ledger(), b)); \
    }                                                   \
    template <PlainNumber T>                            \
    Quantity function(T a, Quantity b) {                \
        return function(as_quantity(b.ledger(), a), b); \
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
