#pragma once

// What tests of plans share: models in the order of their files, and a check of every formula of a ledger.

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "estimate/configs.hpp"
#include "estimate/formula.hpp"

namespace clearformer::testing {

using OrderedJson = nlohmann::ordered_json;

inline std::unique_ptr<estimate::Model> model_of(const OrderedJson& config) {
    return estimate::read_model(config_of(config));
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

/// Every named quantity of a ledger is what its formula gives.
inline void check_formulas(const estimate::Ledger& ledger) {
    int wrong = 0;
    for (const estimate::Quantity quantity : ledger.named_quantities()) {
        const std::string name = ledger.term(quantity).name;
        const estimate::QuantityExplanation explanation = ledger.explain(name);
        const double value = Formula(explanation.substituted).value();
        if (std::fabs(value - quantity.value()) <= 1e-12 * std::fabs(quantity.value())) continue;
        ++wrong;
        CHECK_MESSAGE(false, name, " = ", explanation.substituted, " is ", value, ", not ", quantity.value());
    }
    CHECK(wrong == 0);
    CHECK(!ledger.named_quantities().empty());
}

}  // namespace clearformer::testing
