#include "clearformer/estimate/reader.hpp"

#include <cmath>
#include <cstring>

namespace clearformer::estimate {
namespace {

/// Doubles hold every whole number up to here, and no model is larger.
constexpr double kLargest = 9007199254740992.0;

}  // namespace

bool next_name(Names& names, std::string_view& name) {
    if (*names == 0) return false;
    const std::size_t length = std::strcspn(names, "|");
    name = {names, length};
    names += length + (names[length] != 0);
    return true;
}

std::string first_name(Names names) {
    std::string_view name;
    next_name(names, name);
    return std::string(name);
}

const KeyValue* Reader::find(Names names) const {
    std::string_view name;
    while (next_name(names, name)) {
        const std::string key = join({prefix_, name});
        for (std::size_t i = 0; i < config_.entries().size(); ++i) {
            const KeyValue& entry = config_.entries()[i];
            if (entry.key != key) continue;
            used_[i] = true;
            if (entry.kind != KeyValue::kNull) return &entry;
        }
    }
    return nullptr;
}

bool Reader::has(Names names) const {
    std::string_view name;
    while (next_name(names, name)) {
        const KeyValue* entry = config_.find(join({prefix_, name}));
        if (entry && entry->kind != KeyValue::kNull) return true;
    }
    return false;
}

bool Reader::has_object(const std::string& name) const {
    const std::string prefix = prefix_ + name + ".";
    for (const KeyValue& entry : config_.entries()) {
        if (entry.key.compare(0, prefix.size(), prefix) == 0) return true;
    }
    return false;
}

Quantity Reader::whole(const KeyValue& entry, std::int64_t least) const {
    require_kind(entry.kind == KeyValue::kNumber, "config: ", entry.key, " must be a whole number, got ", entry.written());
    const double value = entry.numbers[0];
    require(value == std::floor(value) && value >= static_cast<double>(least) && value <= kLargest, "config: ", entry.key,
            " must be a whole number from ", least, " to 2^53, got ", value);
    const Quantity known = ledger_.find(entry.key);
    if (known && known.whole() && known.count() == static_cast<std::int64_t>(value)) return known;
    return ledger_.leaf(entry.key.c_str(), static_cast<std::int64_t>(value), Origin::kConfig);
}

Quantity Reader::count(Names names, std::int64_t least) const {
    const KeyValue* entry = find(names);
    if (!entry) {
        std::string all;
        std::string_view name;
        while (next_name(names, name)) all += join({all.empty() ? "" : " or ", prefix_, name});
        fail({"config: ", all, " is missing"});
    }
    return whole(*entry, least);
}

Quantity Reader::optional_count(Names names, std::int64_t least) const {
    const KeyValue* entry = find(names);
    return entry ? whole(*entry, least) : Quantity();
}

Quantity Reader::count_or(Names names, std::int64_t otherwise, const char* why, std::int64_t least) const {
    if (const Quantity known = optional_count(names, least)) return known;
    const std::string key = prefix_ + first_name(names);
    if (const Quantity known = ledger_.find(key)) return known;
    assume(key, to_text(static_cast<double>(otherwise)), why);
    return ledger_.leaf({key, "|||", why}, otherwise, Origin::kAssumed);
}

Quantity Reader::count_or(Names names, Quantity otherwise, std::int64_t least) const {
    const Quantity known = optional_count(names, least);
    return known ? known : otherwise;
}

double Reader::number_or(Names names, double otherwise) const {
    const KeyValue* entry = find(names);
    if (!entry) return otherwise;
    require_kind(entry->kind == KeyValue::kNumber, "config: ", entry->key, " must be a number, got ", entry->written());
    require(std::isfinite(entry->numbers[0]), "config: ", entry->key, " must be a finite number, got ", entry->numbers[0]);
    return entry->numbers[0];
}

bool Reader::flag_or(Names names, bool otherwise) const {
    const KeyValue* entry = find(names);
    if (!entry) return otherwise;
    require_kind(entry->kind == KeyValue::kBoolean, "config: ", entry->key, " must be true or false, got ",
                 entry->written());
    return entry->numbers[0] != 0;
}

bool Reader::flag_assumed(const char* name, bool otherwise, const char* why) const {
    if (!has(name)) assume(prefix_ + name, otherwise ? "true" : "false", why);
    return flag_or(name, otherwise);
}

std::string Reader::text_or(Names names, const std::string& otherwise) const {
    const KeyValue* entry = find(names);
    if (!entry) return otherwise;
    require_kind(entry->kind == KeyValue::kText, "config: ", entry->key, " must be a text, got ", entry->written());
    return entry->texts[0];
}

std::vector<std::string> Reader::texts(const char* name) const {
    const KeyValue* entry = find(name);
    if (!entry) return {};
    require_kind(entry->kind == KeyValue::kTexts || (entry->kind == KeyValue::kNumbers && entry->numbers.empty()),
                 "config: ", entry->key, " must be a list of texts, got ", entry->written());
    return entry->texts;
}

std::vector<double> Reader::numbers(const char* name) const {
    const KeyValue* entry = find(name);
    if (!entry) return {};
    require_kind(entry->kind == KeyValue::kNumbers || (entry->kind == KeyValue::kTexts && entry->texts.empty()),
                 "config: ", entry->key, " must be a list of numbers, got ", entry->written());
    return entry->numbers;
}

std::size_t Reader::length(const char* name) const {
    const std::vector<double> list = numbers(name);
    require(!list.empty(), "config: ", prefix_, name, " must be a list of at least one number");
    return list.size();
}

Quantity Reader::entry(const char* name, std::size_t index) const {
    const std::vector<double> list = numbers(name);
    require(index < list.size(), "config: ", prefix_, name, " must have at least ", index + 1, " entries, got ",
            list.size());
    KeyValue one;
    one.key = join({prefix_, name, "[", index, "]"});
    one.kind = KeyValue::kNumber;
    one.numbers = {list[index]};
    return whole(one, 1);
}

Quantity Reader::given(const char* name, std::int64_t value, const char* why) const {
    if (const Quantity known = ledger_.find(prefix_ + name); known && known.whole() && known.count() == value) return known;
    return ledger_.leaf({prefix_, name, "|||", why}, value, Origin::kCited);
}

void Reader::assume(const std::string& key, const std::string& value, const std::string& why) const {
    for (const Note& note : notes_) {
        if (note.key == key && note.kind == "assumed") return;
    }
    notes_.push_back({"assumed", key, value, why});
}

void Reader::contradiction(const std::string& key, const std::string& value, const std::string& why) const {
    notes_.push_back({"contradiction", key, value, why});
}

void Reader::skip(Names names) const {
    std::string_view name;
    while (next_name(names, name)) find(std::string(name).c_str());
}

}  // namespace clearformer::estimate
