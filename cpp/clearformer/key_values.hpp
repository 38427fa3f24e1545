#pragma once

// A JSON object as keys and values. The host parses JSON (JSON.parse in browsers and Node, a library in native tools); what crosses into
// C++ is one text of keys and one list of numbers, and this file reads them. Nested objects arrive with dotted keys:
// {"text_config": {"hidden_size": 64}} is the key text_config.hidden_size.

#include <string>
#include <string_view>
#include <vector>

namespace clearformer {

/// What one key holds.
struct KeyValue {
    enum Kind { kNull, kNumber, kText, kBoolean, kNumbers, kTexts };
    std::string key;
    Kind kind = kNull;
    std::vector<double> numbers;     // of a number, of a list of numbers; 0 or 1 of a boolean
    std::vector<std::string> texts;  // of a text, of a list of texts

    /// The value as JSON would write it, long lists shortened: for sentences.
    std::string written() const;
};

/// Keys in the order of the file.
///
/// Packed form: records that end with the character U+001E, each a kind letter, the key, and for texts the value after U+001F; a list of
/// texts is several such values. Numbers come from `numbers` in order; a list of numbers says how many after U+001F.
///   0key             null               nkey             a number
///   tkey␟text        a text             1key / 2key      false / true
///   Nkey␟count       a list of numbers  Tkey␟a␟b         a list of texts
class KeyValues {
public:
    KeyValues() = default;
    /// Throws KindError where the text is not of the packed form or the numbers do not fit it.
    KeyValues(std::string_view packed, const std::vector<double>& numbers);

    void add(KeyValue entry) { entries_.push_back(std::move(entry)); }
    const KeyValue* find(std::string_view key) const;
    const std::vector<KeyValue>& entries() const { return entries_; }

private:
    std::vector<KeyValue> entries_;
};

}  // namespace clearformer
