#pragma once

// What the tests of the estimator share: configurations, and a reader of the formulas that quantities write.

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "clearformer/estimate/model.hpp"

namespace clearformer::testing {

using OrderedJson = nlohmann::ordered_json;

/// A JSON object as keys and values; keys of nested objects are joined by dots, lists of lists are left out.
inline void add_key_values(const OrderedJson& object, const std::string& prefix, KeyValues& found) {
    for (const auto& [key, value] : object.items()) {
        KeyValue entry;
        entry.key = prefix + key;
        if (value.is_object()) {
            add_key_values(value, entry.key + ".", found);
            continue;
        }
        if (value.is_boolean()) {
            entry.kind = KeyValue::kBoolean;
            entry.numbers = {value.get<bool>() ? 1.0 : 0.0};
        } else if (value.is_number()) {
            entry.kind = KeyValue::kNumber;
            entry.numbers = {value.get<double>()};
        } else if (value.is_string()) {
            entry.kind = KeyValue::kText;
            entry.texts = {value.get<std::string>()};
        } else if (value.is_array() && (value.empty() || value[0].is_string())) {
            entry.kind = KeyValue::kTexts;
            entry.texts = value.get<std::vector<std::string>>();
        } else if (value.is_array() && value[0].is_number()) {
            entry.kind = KeyValue::kNumbers;
            entry.numbers = value.get<std::vector<double>>();
        } else if (!value.is_null()) {
            continue;
        }
        found.add(std::move(entry));
    }
}

inline std::unique_ptr<estimate::Model> model_of(const OrderedJson& config) {
    KeyValues keys;
    add_key_values(config, "", keys);
    return estimate::read_model(keys);
}

/// A configuration of the Llama kind.
inline OrderedJson llama(int width, int layers, int heads, int kv_heads, int feed_forward, int vocabulary) {
    return {{"model_type", "llama"},           {"hidden_size", width},
            {"num_hidden_layers", layers},     {"num_attention_heads", heads},
            {"num_key_value_heads", kv_heads}, {"intermediate_size", feed_forward},
            {"vocab_size", vocabulary},        {"tie_word_embeddings", false},
            {"max_position_embeddings", 8192}};
}

/// Calls f with the name and configuration of every model of the conformance cases.
template <class Function>
void for_each_model(Function f) {
    const std::string path = std::string(CLEARFORMER_ROOT) + "/tests/conformance/cases/models.json";
    std::ifstream file(path);
    REQUIRE_MESSAGE(file.good(), "cannot read ", path);
    int count = 0;
    const OrderedJson cases = OrderedJson::parse(file);
    for (const OrderedJson& one : cases.at("cases")) {
        if (!one.at("inputs").contains("config")) continue;
        const std::string name = one.at("name").get<std::string>();
        CAPTURE(name);
        f(name, one.at("inputs").at("config"));
        ++count;
    }
    CHECK(count > 50);
}

/// The value of a formula as explain() writes it with numbers: + - × / ^, ⌈a / b⌉, ⌊a / b⌋, min(a, b), max(a, b), brackets.
class FormulaReader {
public:
    explicit FormulaReader(const std::string& text) : rest_(text) {}
    double value() {
        const double result = sum();
        REQUIRE_MESSAGE(rest_.empty(), "not read: ", std::string(rest_));
        return result;
    }

private:
    bool take(std::string_view text) {
        if (rest_.substr(0, text.size()) != text) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    double sum() {
        double value = product();
        for (;;) {
            if (take(" + ")) value += product();
            else if (take(" - ")) value -= product();
            else return value;
        }
    }
    double product() {
        double value = factor();
        for (;;) {
            if (take(" × ")) value *= factor();
            else if (take(" / ")) value /= factor();
            else return value;
        }
    }
    double factor() {
        const double base = atom();
        return take(" ^ ") ? std::pow(base, atom()) : base;
    }
    double closed(const char* end) {
        const double value = sum();
        REQUIRE_MESSAGE(take(end), "no ", end, " before: ", std::string(rest_));
        return value;
    }
    double pair(bool greatest) {
        const double a = closed(", "), b = closed(")");
        return greatest ? std::max(a, b) : std::min(a, b);
    }
    double atom() {
        if (take("(")) return closed(")");
        if (take("⌈")) return std::ceil(closed("⌉"));
        if (take("⌊")) return std::floor(closed("⌋"));
        if (take("min(")) return pair(false);
        if (take("max(")) return pair(true);
        std::size_t read = 0;
        const double value = std::stod(std::string(rest_), &read);
        rest_.remove_prefix(read);
        return value;
    }

    std::string_view rest_;
};

/// Every named quantity of a ledger is what its formula gives.
inline void check_formulas(const estimate::Ledger& ledger) {
    int wrong = 0;
    for (const estimate::Quantity quantity : ledger.named_quantities()) {
        const std::string name = ledger.term(quantity).name;
        const estimate::QuantityExplanation explanation = ledger.explain(name);
        const double value = FormulaReader(explanation.substituted).value();
        if (std::fabs(value - quantity.value()) <= 1e-12 * std::fabs(quantity.value())) continue;
        ++wrong;
        CHECK_MESSAGE(false, name, " = ", explanation.substituted, " is ", value, ", not ", quantity.value());
    }
    CHECK(wrong == 0);
    CHECK(!ledger.named_quantities().empty());
}

}  // namespace clearformer::testing
