#pragma once

// How a layout reads a configuration: every key that is asked for is remembered as used, every default that is taken as an assumption
// with its reason, and a wrong value is a sentence that names the key.

#include "clearformer/estimate/quantity.hpp"
#include "clearformer/key_values.hpp"

#include <optional>

namespace clearformer::estimate {

/// Something the reader of a plan should know about the configuration.
struct Note {
    std::string
        kind;  // "assumed": a key is absent, and this value stands in for it; "contradiction": keys that do not fit each other
    std::string key, value, why;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("kind", kind);
        field.required("key", key);
        field.required("value", value);
        field.required("why", why);
    }
};

/// Names of one key in different files, the first that is there counts: "num_key_value_heads|num_kv_heads". Also other lists of names.
using Names = const char*;
/// The next of the names, and moves on past it; false where there is none.
bool next_name(Names& names, std::string_view& name);
std::string first_name(Names names);

/// A configuration, or a part of it under a prefix such as "text_config.".
class Reader {
public:
    Reader(const KeyValues& config, Ledger& ledger, std::vector<Note>& notes, std::vector<bool>& used,
           std::string prefix = "")
        : config_(config), ledger_(ledger), notes_(notes), used_(used), prefix_(std::move(prefix)) {}

    /// The keys under name + ".".
    Reader within(const std::string& name) const { return {config_, ledger_, notes_, used_, prefix_ + name + "."}; }
    bool has(Names names) const;                     // one of them, and it is not null
    bool has_object(const std::string& name) const;  // keys under name + "."

    /// A whole number of at least `least`. Throws DomainError when it is absent, KindError when it is a text.
    Quantity count(Names names, std::int64_t least = 1) const;
    /// As count, or none where the key is absent or null.
    Quantity optional_count(Names names, std::int64_t least = 1) const;
    /// As count; where the key is absent the value given, noted as an assumption with its reason.
    Quantity count_or(Names names, std::int64_t otherwise, const char* why, std::int64_t least = 1) const;
    /// Where the key is absent, a quantity made from others: hidden_size / heads.
    Quantity count_or(Names names, Quantity otherwise, std::int64_t least = 1) const;
    double number_or(Names names, double otherwise) const;
    bool flag_or(Names names, bool otherwise) const;
    /// As flag_or; an absent key is noted.
    bool flag_assumed(const char* name, bool otherwise, const char* why) const;
    std::string text_or(Names names, const std::string& otherwise) const;
    std::vector<std::string> texts(const char* name) const;
    std::vector<double> numbers(const char* name) const;
    /// One entry of a list of whole numbers, as depths[2].
    Quantity entry(const char* name, std::size_t index) const;
    std::size_t length(const char* name) const;

    /// A value that the family has by definition and no file says.
    Quantity given(const char* name, std::int64_t value, const char* why) const;
    void assume(const std::string& key, const std::string& value, const std::string& why) const;
    void contradiction(const std::string& key, const std::string& value, const std::string& why) const;
    /// Marks keys as read that say nothing about sizes.
    void skip(Names names) const;
    Ledger& ledger() const { return ledger_; }
    std::string path(const std::string& name) const { return prefix_ + name; }

private:
    const KeyValue* find(Names names) const;
    Quantity whole(const KeyValue& entry, std::int64_t least) const;

    const KeyValues& config_;
    Ledger& ledger_;
    std::vector<Note>& notes_;
    std::vector<bool>& used_;
    std::string prefix_;
};

}  // namespace clearformer::estimate
