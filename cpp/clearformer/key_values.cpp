#include "clearformer/key_values.hpp"

#include "clearformer/check.hpp"

namespace clearformer {
namespace {

constexpr char kRecordEnd = '\x1e', kNext = '\x1f';
constexpr std::size_t kShown = 4;

/// The text up to the mark, which is taken off with it.
std::string_view take(std::string_view& text, char mark) {
    const std::size_t end = std::min(text.find(mark), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::size_t number_in(std::string_view digits) {
    std::size_t value = 0;
    require_kind(!digits.empty() && digits.size() < 10, "config: a list of numbers must say its length");
    for (const char c : digits) {
        require_kind(c >= '0' && c <= '9', "config: a list of numbers must say its length, got ", digits);
        value = value * 10 + static_cast<std::size_t>(c - '0');
    }
    return value;
}

}  // namespace

KeyValues::KeyValues(std::string_view packed, const std::vector<double>& numbers) {
    std::size_t used = 0;
    const auto take_numbers = [&](KeyValue& entry, std::size_t count) {
        require_kind(count <= numbers.size() - used, "config: ", entry.key, " needs ", count, " numbers, got ",
                     numbers.size() - used);
        const auto first = numbers.begin() + static_cast<std::ptrdiff_t>(used);
        entry.numbers.assign(first, first + static_cast<std::ptrdiff_t>(count));
        used += count;
    };
    while (!packed.empty()) {
        std::string_view record = take(packed, kRecordEnd);
        require_kind(!record.empty(), "config: a record must begin with its kind");
        const char kind = record[0];
        record.remove_prefix(1);
        KeyValue entry;
        const bool more = record.find(kNext) != std::string_view::npos;
        entry.key = take(record, kNext);
        switch (kind) {
            case '0': break;
            case 'n':
                entry.kind = KeyValue::kNumber;
                take_numbers(entry, 1);
                break;
            case '1':
            case '2':
                entry.kind = KeyValue::kBoolean;
                entry.numbers = {kind == '2' ? 1.0 : 0.0};
                break;
            case 't':
                entry.kind = KeyValue::kText;
                entry.texts = {std::string(record)};
                break;
            case 'N':
                entry.kind = KeyValue::kNumbers;
                take_numbers(entry, number_in(record));
                break;
            case 'T':
                entry.kind = KeyValue::kTexts;
                if (more) {
                    while (true) {
                        const bool last = record.find(kNext) == std::string_view::npos;
                        entry.texts.emplace_back(take(record, kNext));
                        if (last) break;
                    }
                }
                break;
            default: fail_kind({"config: unknown kind of value ", std::string_view(&kind, 1)});
        }
        add(std::move(entry));
    }
    require_kind(used == numbers.size(), "config: ", numbers.size() - used, " numbers belong to no key");
}

const KeyValue* KeyValues::find(std::string_view key) const {
    for (const KeyValue& entry : entries_) {
        if (entry.key == key) return &entry;
    }
    return nullptr;
}

std::string KeyValue::written() const {
    const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
    switch (kind) {
        case kNull: return "null";
        case kNumber: return to_text(numbers[0]);
        case kText: return quoted(texts[0]);
        case kBoolean: return numbers[0] != 0 ? "true" : "false";
        case kNumbers:
        case kTexts: break;
    }
    std::string list = "[";
    const std::size_t count = kind == kNumbers ? numbers.size() : texts.size();
    for (std::size_t i = 0; i < count && i < kShown; ++i) {
        list += (i > 0 ? ", " : "") + (kind == kNumbers ? to_text(numbers[i]) : quoted(texts[i]));
    }
    if (count > kShown) list += join({", ... ", count, " in all"});
    return list + "]";
}

}  // namespace clearformer
