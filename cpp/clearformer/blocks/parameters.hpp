#pragma once

// The parameters of a whole model, by their names.

#include "clearformer/fields.hpp"

namespace clearformer {

/// A weight by its name.
struct NamedTensor {
    std::string name;
    Array<double> tensor;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("name", name);
        field.required("tensor", tensor, "..");
    }
};

/// A list of parameters, each to be taken once. `function` starts every error.
class Parameters {
public:
    Parameters(const char* function, const std::vector<NamedTensor>& list)
        : function_(function), list_(list), taken_(list.size(), false) {}

    bool has(const std::string& name) const { return find(name) < list_.size(); }
    /// Throws KindError where it is missing or was taken before, DomainError for another number of axes.
    const Array<double>& take(const std::string& name, Size rank);
    /// Throws KindError for a parameter that nobody has taken.
    void check_all_taken() const;

private:
    Size find(const std::string& name) const;

    const char* function_;
    const std::vector<NamedTensor>& list_;
    std::vector<bool> taken_;
};

}  // namespace clearformer
