#include "clearformer/estimate/quantity.hpp"

#include <algorithm>
#include <cmath>

namespace clearformer::estimate {
namespace {

using Operation = Ledger::Operation;

/// How an operation is written, and how strongly it binds.
struct Sign {
    const char* text;
    int strength;
};
Sign sign_of(Operation operation) {
    switch (operation) {
        case Operation::kAdd: return {" + ", 1};
        case Operation::kSubtract: return {" - ", 1};
        case Operation::kMultiply: return {" × ", 2};
        case Operation::kDivide: return {" / ", 2};
        case Operation::kPower: return {" ^ ", 3};
        default: return {", ", 0};
    }
}

/// What stands before and after an operation that is written as a function.
struct Brackets {
    const char *open, *middle, *close;
};
const Brackets* brackets_of(Operation operation) {
    static constexpr Brackets ceil{"⌈", " / ", "⌉"}, floor{"⌊", " / ", "⌋"}, least{"min(", ", ", ")"},
        greatest{"max(", ", ", ")"};
    switch (operation) {
        case Operation::kCeilDivide: return &ceil;
        case Operation::kFloorDivide: return &floor;
        case Operation::kLeast: return &least;
        case Operation::kGreatest: return &greatest;
        default: return nullptr;
    }
}

/// The whole result, or nothing where it has none that fits.
bool combine_whole(Operation operation, std::int64_t a, std::int64_t b, std::int64_t& result) {
    switch (operation) {
        case Operation::kAdd: return !__builtin_add_overflow(a, b, &result);
        case Operation::kSubtract: return !__builtin_sub_overflow(a, b, &result);
        case Operation::kMultiply: return !__builtin_mul_overflow(a, b, &result);
        case Operation::kCeilDivide: result = a / b + (a % b != 0); return true;
        case Operation::kFloorDivide: result = a / b; return true;
        case Operation::kLeast: result = std::min(a, b); return true;
        case Operation::kGreatest: result = std::max(a, b); return true;
        default: return false;
    }
}

/// Fowler, Noll and Vo's hash (FNV-1a): names are looked up by the hundred.
std::uint32_t hash_of(std::string_view name) {
    std::uint32_t hash = 2166136261u;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

double combine_real(Operation operation, double a, double b) {
    switch (operation) {
        case Operation::kAdd: return a + b;
        case Operation::kSubtract: return a - b;
        case Operation::kMultiply: return a * b;
        case Operation::kDivide: return a / b;
        case Operation::kLeast: return std::min(a, b);
        case Operation::kGreatest: return std::max(a, b);
        case Operation::kPower: return std::pow(a, b);
        default: return 0;
    }
}

}  // namespace

const char* origin_name(Origin origin) {
    switch (origin) {
        case Origin::kComputed: return "computed";
        case Origin::kConfig: return "config";
        case Origin::kInput: return "input";
        case Origin::kAssumed: return "assumed";
        case Origin::kCited: return "cited";
        case Origin::kConstant: break;
    }
    return "constant";
}

bool Quantity::whole() const { return ledger_->nodes_[id_].whole; }
std::int64_t Quantity::count() const {
    if (!whole()) fail({"estimate: ", ledger_->number(id_), " is not a whole number"});
    return ledger_->nodes_[id_].count;
}
double Quantity::value() const {
    const Ledger::Node& node = ledger_->nodes_[id_];
    return node.whole ? static_cast<double>(node.count) : node.real;
}

Quantity Ledger::push(Node node) {
    nodes_.push_back(node);
    return {this, static_cast<std::uint32_t>(nodes_.size() - 1)};
}

std::int32_t Ledger::keep(const Title& title) {
    std::string name(title.name);
    for (int number = 2; find(name); ++number) name = join({title.name, "#", number});
    owners_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    hashes_.push_back(hash_of(name));
    std::string shown(title.title.empty() ? std::string_view(name) : title.title);
    titles_.push_back({std::move(name), std::move(shown), std::string(title.unit), std::string(title.source), section_,
                       title.approximate});
    return static_cast<std::int32_t>(titles_.size() - 1);
}

Quantity Ledger::constant(std::int64_t value) {
    return push({Operation::kLeaf, Origin::kConstant, true, -1, 0, 0, value, 0});
}
Quantity Ledger::constant(double value) { return push({Operation::kLeaf, Origin::kConstant, false, -1, 0, 0, 0, value}); }
Quantity Ledger::leaf(const Title& title, std::int64_t value, Origin origin) {
    const std::int32_t kept = keep(title);
    return push({Operation::kLeaf, origin, true, kept, 0, 0, value, 0});
}
Quantity Ledger::leaf(const Title& title, double value, Origin origin) {
    const std::int32_t kept = keep(title);
    return push({Operation::kLeaf, origin, false, kept, 0, 0, 0, value});
}

Quantity Ledger::named(Quantity quantity, const Title& title) {
    if (!quantity) quantity = constant(std::int64_t{0});
    const Node& node = nodes_[quantity.id()];
    const std::int32_t kept = keep(title);
    return push({Operation::kSame, Origin::kComputed, node.whole, kept, quantity.id(), 0, node.count, node.real});
}

Quantity Ledger::find(std::string_view name) const {
    const std::uint32_t hash = hash_of(name);
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
        if (hashes_[i] == hash && titles_[i].name == name) return {const_cast<Ledger*>(this), owners_[i]};
    }
    return {};
}

std::vector<Quantity> Ledger::named_quantities() const {
    std::vector<Quantity> found;
    for (const std::uint32_t id : owners_) {
        if (nodes_[id].origin == Origin::kComputed) found.push_back({const_cast<Ledger*>(this), id});
    }
    return found;
}

Quantity Ledger::combine(Operation operation, Quantity a, Quantity b) {
    const Node x = nodes_[a.id()], y = nodes_[b.id()];
    const auto is = [](const Node& node, int value) {
        return node.operation == Operation::kLeaf && node.origin == Origin::kConstant && node.whole && node.count == value;
    };
    if (operation == Operation::kMultiply && is(x, 1)) return b;
    if (operation == Operation::kMultiply && is(y, 1)) return a;
    if (operation == Operation::kAdd && is(x, 0)) return b;
    if ((operation == Operation::kAdd || operation == Operation::kSubtract) && is(y, 0)) return a;
    const bool divides = operation == Operation::kCeilDivide || operation == Operation::kFloorDivide;
    if (divides || operation == Operation::kDivide) {
        // The sentence is written only when it is needed: numbers take long to write.
        if (divides ? b.value() <= 0 : b.value() == 0) fail({"estimate: a divisor must be above 0, got ", number(b.id())});
    }
    const bool both_whole = x.whole && y.whole;
    Node node{operation,
              Origin::kComputed,
              divides || (both_whole && operation != Operation::kDivide && operation != Operation::kPower),
              -1,
              a.id(),
              b.id(),
              0,
              0};
    if (divides && !both_whole) {
        const double parts = a.value() / b.value();
        if (!(parts >= 0 && parts < 9.0e18)) {
            fail({"estimate: ", number(a.id()), " has no whole number of parts of ", number(b.id())});
        }
        node.count = static_cast<std::int64_t>(operation == Operation::kCeilDivide ? std::ceil(parts) : std::floor(parts));
    } else if (node.whole) {
        require(combine_whole(operation, x.count, y.count, node.count), "estimate: ", x.count, sign_of(operation).text,
                y.count, " is beyond 64-bit whole numbers (9223372036854775807)");
    } else {
        node.real = combine_real(operation, a.value(), b.value());
    }
    return push(node);
}

std::string Ledger::number(std::uint32_t id) const {
    const Node& node = nodes_[id];
    return node.whole ? std::to_string(node.count) : to_text(node.real);
}

/// Appends what a node is made of: names (or values) of named nodes, signs between them.
void Ledger::write(std::uint32_t id, bool values, int strength, bool top, std::string& text) const {
    const Node& node = nodes_[id];
    if (node.title >= 0 && !top) {
        text += values ? number(id) : titles_[static_cast<std::size_t>(node.title)].name;
        return;
    }
    if (node.operation == Operation::kLeaf) {
        text += number(id);
        return;
    }
    if (node.operation == Operation::kSame) return write(node.a, values, strength, false, text);
    if (const Brackets* brackets = brackets_of(node.operation)) {
        text += brackets->open;
        const bool fraction = node.operation == Operation::kCeilDivide || node.operation == Operation::kFloorDivide;
        write(node.a, values, fraction ? 2 : 0, false, text);
        text += brackets->middle;
        write(node.b, values, fraction ? 3 : 0, false, text);
        text += brackets->close;
        return;
    }
    const Sign sign = sign_of(node.operation);
    const bool bracket = sign.strength < strength;
    // What stands behind a minus or a fraction stroke keeps its brackets.
    const bool strict = node.operation == Operation::kSubtract || node.operation == Operation::kDivide ||
                        node.operation == Operation::kPower;
    if (bracket) text += "(";
    write(node.a, values, sign.strength + (node.operation == Operation::kPower ? 1 : 0), false, text);
    text += sign.text;
    write(node.b, values, sign.strength + (strict ? 1 : 0), false, text);
    if (bracket) text += ")";
}

/// The named nodes that a formula shows, each once, in the order of the formula.
void Ledger::collect(std::uint32_t id, bool top, std::vector<std::uint32_t>& found) const {
    const Node& node = nodes_[id];
    if (node.title >= 0 && !top) {
        if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
        return;
    }
    if (node.operation == Operation::kLeaf) return;
    collect(node.a, false, found);
    if (node.operation != Operation::kSame) collect(node.b, false, found);
}

QuantityTerm Ledger::term(Quantity quantity) const {
    const Node& node = nodes_[quantity.id()];
    QuantityTerm term;
    if (node.title >= 0) {
        const Kept& title = titles_[static_cast<std::size_t>(node.title)];
        term.name = title.name;
        term.title = title.title;
        term.unit = title.unit;
        term.source = title.source;
        term.approximate = title.approximate;
        term.section = title.section;
    }
    term.origin = origin_name(node.origin);
    term.value = quantity.value();
    return term;
}

QuantityExplanation Ledger::explain(std::string_view name) const {
    const Quantity quantity = find(name);
    require(static_cast<bool>(quantity), "plan: there is no quantity ", name);
    QuantityExplanation explanation;
    static_cast<QuantityTerm&>(explanation) = term(quantity);
    write(quantity.id(), false, 0, true, explanation.formula);
    write(quantity.id(), true, 0, true, explanation.substituted);
    std::vector<std::uint32_t> ids;
    collect(quantity.id(), true, ids);
    for (const std::uint32_t id : ids) explanation.terms.push_back(term({const_cast<Ledger*>(this), id}));
    return explanation;
}

namespace {
Quantity join_two(Operation operation, Quantity a, Quantity b) { return a.ledger()->combine(operation, a, b); }
}  // namespace

Quantity operator+(Quantity a, Quantity b) {
    if (!a) return b;
    return b ? join_two(Operation::kAdd, a, b) : a;
}
Quantity operator-(Quantity a, Quantity b) { return b ? join_two(Operation::kSubtract, a, b) : a; }
Quantity operator*(Quantity a, Quantity b) { return join_two(Operation::kMultiply, a, b); }
Quantity operator/(Quantity a, Quantity b) { return join_two(Operation::kDivide, a, b); }
Quantity ceil_divide(Quantity a, Quantity b) { return join_two(Operation::kCeilDivide, a, b); }
Quantity floor_divide(Quantity a, Quantity b) { return join_two(Operation::kFloorDivide, a, b); }
Quantity least(Quantity a, Quantity b) { return join_two(Operation::kLeast, a, b); }
Quantity greatest(Quantity a, Quantity b) { return join_two(Operation::kGreatest, a, b); }
Quantity power(Quantity a, Quantity b) { return join_two(Operation::kPower, a, b); }

}  // namespace clearformer::estimate
