#include "clearformer/estimate/quantity.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

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
        case Operation::kPower: return whole_power(a, b);
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
        case Origin::kMeasured: return "measured";
        case Origin::kConstant: break;
    }
    return "constant";
}

struct Ledger::Title {
    std::string text;                   // name, title, unit and source, one after the other
    std::uint32_t title, unit, source;  // where they start
    const char* section;
    const Node* node;
    bool approximate;
    std::string_view part(std::size_t from, std::size_t to) const { return std::string_view(text).substr(from, to - from); }
    std::string_view name() const { return part(0, title); }
};

struct Quantity::Node {
    Ledger* ledger;
    const Ledger::Title* title;  // null: none
    const Node *a, *b;
    union {
        std::int64_t count;
        double real;
    };
    Operation operation;
    Origin origin;
    bool whole;
    double value() const { return whole ? static_cast<double>(count) : real; }
};

namespace {

constexpr std::size_t kBlock = 256, kTitleBlock = 32;

}  // namespace

double whole_power(double base, double exponent) {
    double result = 1;
    for (auto left = static_cast<std::uint64_t>(exponent); left != 0; left >>= 1) {
        if (left & 1) result *= base;
        base *= base;
    }
    return result;
}

std::string_view name_in(const char* title) {
    title += *title == '~';
    return {title, std::strcspn(title, "|")};
}

bool Quantity::whole() const { return node_->whole; }
std::int64_t Quantity::count() const {
    if (!whole()) fail({"estimate: ", node_->real, " is not a whole number"});
    return node_->count;
}
double Quantity::value() const { return node_->value(); }
Origin Quantity::origin() const { return node_->origin; }
Ledger& Quantity::ledger() const { return *node_->ledger; }

Ledger::Ledger() : last_(kBlock), slots_(64) {}
Ledger::~Ledger() = default;

Quantity Ledger::push(const Node& node) {
    if (last_ == kBlock) {
        nodes_.push_back(std::make_unique_for_overwrite<Node[]>(kBlock));
        last_ = 0;
    }
    Node* own = &nodes_.back()[last_++];
    *own = node;
    own->ledger = this;
    return Quantity(own);
}

/// The place of the title of that name, or the empty one where it belongs.
std::size_t Ledger::slot(std::string_view name) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = hash_of(name) & mask;
    while (slots_[place] && slots_[place]->name() != name) place = (place + 1) & mask;
    return place;
}

Ledger::Title* Ledger::keep(const char* written) {
    if (titles_.size() % kTitleBlock == 0) title_blocks_.push_back(std::make_unique<Title[]>(kTitleBlock));
    Title* title = &title_blocks_.back()[titles_.size() % kTitleBlock];
    title->approximate = *written == '~';
    const std::string_view name = name_in(written);
    title->text = name;
    for (int number = 2; slots_[slot(title->text)]; ++number) title->text = join({name, "#", number});
    // The title and the unit, as far as they are there; what follows is the source.
    const char* rest = name.data() + name.size();
    const auto next = [&] {
        const auto start = static_cast<std::uint32_t>(title->text.size());
        if (*rest != 0) {
            const std::size_t length = std::strcspn(++rest, "|");
            title->text.append(rest, length);
            rest += length;
        }
        return start;
    };
    title->title = next();
    title->unit = next();
    title->source = static_cast<std::uint32_t>(title->text.size());
    if (*rest != 0) title->text += rest + 1;
    title->section = section_;
    if (2 * titles_.size() >= slots_.size()) {
        slots_.assign(2 * slots_.size(), nullptr);
        for (Title* one : titles_) slots_[slot(one->name())] = one;
    }
    slots_[slot(title->name())] = title;
    titles_.push_back(title);
    return title;
}

Quantity Ledger::constant(std::int64_t value) {
    return push({nullptr, nullptr, nullptr, nullptr, {.count = value}, Operation::kLeaf, Origin::kConstant, true});
}
Quantity Ledger::constant(double value) {
    return push({nullptr, nullptr, nullptr, nullptr, {.real = value}, Operation::kLeaf, Origin::kConstant, false});
}

Quantity Ledger::entitle(const Node& node, const char* written) {
    Title* title = keep(written);
    const Quantity quantity = push(node);
    Node* own = const_cast<Node*>(quantity.node_);
    own->title = title;
    title->node = own;
    return quantity;
}
Quantity Ledger::leaf(const char* title, std::int64_t value, Origin origin) {
    return entitle({nullptr, nullptr, nullptr, nullptr, {.count = value}, Operation::kLeaf, origin, true}, title);
}
Quantity Ledger::leaf(const char* title, double value, Origin origin) {
    return entitle({nullptr, nullptr, nullptr, nullptr, {.real = value}, Operation::kLeaf, origin, false}, title);
}

Quantity Ledger::named(Quantity quantity, const char* title, bool approximate) {
    if (!quantity) quantity = constant(std::int64_t{0});
    Node node = *quantity.node_;
    node.operation = Operation::kSame;
    node.origin = Origin::kComputed;
    node.a = quantity.node_;
    node.b = nullptr;
    quantity = entitle(node, title);
    if (approximate) titles_.back()->approximate = true;
    return quantity;
}

const char* Ledger::put_together(std::initializer_list<Part> parts) {
    scratch_.clear();
    for (const Part& part : parts) part.append_to(scratch_);
    return scratch_.c_str();
}
Quantity Ledger::leaf(std::initializer_list<Part> title, std::int64_t value, Origin origin) {
    return leaf(put_together(title), value, origin);
}
Quantity Ledger::named(Quantity quantity, std::initializer_list<Part> title) { return named(quantity, join(title).c_str()); }

const char* Ledger::text(std::initializer_list<Part> parts) {
    texts_.push_front(join(parts));
    return texts_.front().c_str();
}

Quantity Ledger::find(std::string_view name) const {
    const Title* title = slots_[slot(name)];
    return title ? Quantity(title->node) : Quantity();
}

Quantity Ledger::find(std::initializer_list<Part> name) { return find(std::string_view(put_together(name))); }
std::string_view Ledger::name(Quantity quantity) const {
    const Title* title = quantity.node_->title;
    return title ? title->name() : std::string_view();
}

std::vector<Quantity> Ledger::named_quantities() const {
    std::vector<Quantity> found;
    for (const Title* title : titles_) {
        if (title->node->origin == Origin::kComputed) found.push_back(Quantity(title->node));
    }
    return found;
}

Quantity Ledger::combine(Operation operation, Quantity left, Quantity right) {
    const Node &a = *left.node_, &b = *right.node_;
    const auto is = [](const Node& node, int value) {
        return node.operation == Operation::kLeaf && node.origin == Origin::kConstant && node.whole && node.count == value;
    };
    if (operation == Operation::kMultiply && is(a, 1)) return right;
    if (operation == Operation::kMultiply && is(b, 1)) return left;
    if (operation == Operation::kAdd && is(a, 0)) return right;
    if ((operation == Operation::kAdd || operation == Operation::kSubtract) && is(b, 0)) return left;
    const bool divides = operation == Operation::kCeilDivide || operation == Operation::kFloorDivide;
    if (divides || operation == Operation::kDivide) {
        // The sentence is written only when it is needed: numbers take long to write.
        if (divides ? b.value() <= 0 : b.value() == 0) fail({"estimate: a divisor must be above 0, got ", b.value()});
    }
    const bool both_whole = a.whole && b.whole;
    Node node{nullptr,
              nullptr,
              &a,
              &b,
              {.count = 0},
              operation,
              Origin::kComputed,
              divides || (both_whole && operation != Operation::kDivide && operation != Operation::kPower)};
    if (divides && !both_whole) {
        const double parts = a.value() / b.value();
        if (!(parts >= 0 && parts < 9.0e18)) {
            fail({"estimate: ", a.value(), " has no whole number of parts of ", b.value()});
        }
        node.count = static_cast<std::int64_t>(operation == Operation::kCeilDivide ? std::ceil(parts) : std::floor(parts));
    } else if (node.whole) {
        if (!combine_whole(operation, a.count, b.count, node.count)) {
            std::string formula;
            write(node, false, 0, true, formula);
            fail({"estimate: ", a.count, sign_of(operation).text, b.count,
                  " is beyond 64-bit whole numbers (9223372036854775807): ", formula});
        }
    } else {
        node.real = combine_real(operation, a.value(), b.value());
    }
    return push(node);
}

std::string Ledger::number(const Node& node) { return node.whole ? std::to_string(node.count) : to_text(node.real); }

/// Appends what a node is made of: names (or values) of named nodes, signs between them.
void Ledger::write(const Node& node, bool values, int strength, bool top, std::string& text) {
    if (node.title && !top) {
        text += values ? number(node) : node.title->name();
        return;
    }
    if (node.operation == Operation::kLeaf) {
        text += number(node);
        return;
    }
    if (node.operation == Operation::kSame) return write(*node.a, values, strength, false, text);
    if (const Brackets* brackets = brackets_of(node.operation)) {
        text += brackets->open;
        const bool fraction = node.operation == Operation::kCeilDivide || node.operation == Operation::kFloorDivide;
        write(*node.a, values, fraction ? 2 : 0, false, text);
        text += brackets->middle;
        write(*node.b, values, fraction ? 3 : 0, false, text);
        text += brackets->close;
        return;
    }
    const Sign sign = sign_of(node.operation);
    const bool bracket = sign.strength < strength;
    // What stands behind a minus or a fraction stroke keeps its brackets.
    const bool strict = node.operation == Operation::kSubtract || node.operation == Operation::kDivide ||
                        node.operation == Operation::kPower;
    if (bracket) text += "(";
    write(*node.a, values, sign.strength + (node.operation == Operation::kPower ? 1 : 0), false, text);
    text += sign.text;
    write(*node.b, values, sign.strength + (strict ? 1 : 0), false, text);
    if (bracket) text += ")";
}

/// The named nodes that a formula shows, each once, in the order of the formula.
void Ledger::collect(const Node& node, bool top, std::vector<const Node*>& found) {
    if (node.title && !top) {
        if (std::find(found.begin(), found.end(), &node) == found.end()) found.push_back(&node);
        return;
    }
    if (node.a) collect(*node.a, false, found);
    if (node.b) collect(*node.b, false, found);
}

QuantityTerm Ledger::term(Quantity quantity) const {
    const Node& node = *quantity.node_;
    QuantityTerm term;
    if (const Title* title = node.title) {
        term.name = title->name();
        term.title = title->unit == title->title ? title->name() : title->part(title->title, title->unit);
        term.unit = title->part(title->unit, title->source);
        term.source = title->part(title->source, title->text.size());
        term.approximate = title->approximate;
        term.section = title->section;
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
    write(*quantity.node_, false, 0, true, explanation.formula);
    write(*quantity.node_, true, 0, true, explanation.substituted);
    std::vector<const Node*> nodes;
    collect(*quantity.node_, true, nodes);
    for (const Node* node : nodes) explanation.terms.push_back(term(Quantity(node)));
    return explanation;
}

namespace {
Quantity join_two(Operation operation, Quantity a, Quantity b) { return a.ledger().combine(operation, a, b); }
}  // namespace

Quantity constant_beside(Quantity other, std::int64_t value) { return other.ledger().constant(value); }
Quantity constant_beside(Quantity other, double value) { return other.ledger().constant(value); }

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
