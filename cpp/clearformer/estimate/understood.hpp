#pragma once

// What callers see of a configuration and of the quantities in its ledger.

#include "clearformer/estimate/model.hpp"
#include "clearformer/fields.hpp"

namespace clearformer::estimate {

/// What a configuration was understood as.
struct Understood {
    std::string model_type;
    bool known = true, generates = true, tied = false;
    std::vector<Note> notes;
    std::vector<std::string> used_keys, ignored_keys;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("model_type", model_type);
        field.required("known", known);
        field.required("generates", generates);
        field.required("tied", tied);
        field.required("notes", notes);
        field.required("used_keys", used_keys);
        field.required("ignored_keys", ignored_keys);
    }
};
Understood understood(const Model& model);

/// What a reader is shown first: the quantities named in one word. Those of single tensors and operations are found through their rows.
std::vector<QuantityTerm> headlines(const Model& model);

/// A tensor of the inventory.
struct TensorRow {
    std::string name, kind, quantity;
    std::vector<double> shape;
    double repeat = 0, params = 0, active = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("name", name);
        field.required("kind", kind);
        field.required("quantity", quantity);
        field.required("shape", shape);
        field.required("repeat", repeat);
        field.required("params", params);
        field.required("active", active);
    }
};
std::vector<TensorRow> tensor_rows(const Model& model);

/// A value that JavaScript's numbers hold exactly. Throws DomainError for whole ones beyond 2^53.
double exact(const char* what, Quantity quantity);

}  // namespace clearformer::estimate
