#include "clearformer/fields.hpp"

namespace clearformer {
namespace {

/// The words of "B? H T D".
std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    while (!text.empty()) {
        const Size end = std::min(text.find(' '), text.size());
        if (end > 0) found.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

/// The extent that a word such as "3" fixes; 0 for a letter.
Size fixed_extent(std::string_view word) {
    Size value = 0;
    for (char c : word) {
        if (c < '0' || c > '9') return 0;
        value = value * 10 + static_cast<Size>(c - '0');
    }
    return value;
}

}  // namespace

void FieldList::push(const Field& field) { fields_.push_back(field); }

const Letters::Extent* Letters::find(std::string_view letter) const {
    for (const Extent& extent : extents_) {
        if (extent.letter == letter) return &extent;
    }
    return nullptr;
}

Size Letters::operator[](std::string_view letter) const {
    const Extent* extent = find(letter);
    require(extent != nullptr, "letters: ", letter, " has no extent in this call");
    return extent->value;
}

void Letters::match(const char* function, const char* field, std::string_view letters, const Shape& shape) {
    std::vector<std::string_view> expected = words(letters);
    Size first = 0;  // the axis that expected[0] names
    if (!expected.empty() && expected[0] == "..") {
        expected.erase(expected.begin());
        first = shape.size() < expected.size() ? 0 : shape.size() - expected.size();
    } else if (!expected.empty() && expected[0].back() == '?') {
        if (shape.size() + 1 == expected.size()) expected.erase(expected.begin());
        else expected[0].remove_suffix(1);
    }
    require(shape.size() == first + expected.size(), function, ": ", field, " must have shape [", letters, "], got ", shape);
    for (Size i = 0; i < expected.size(); ++i) {
        const Size extent = shape[first + i], fixed = fixed_extent(expected[i]);
        require(fixed == 0 || extent == fixed, function, ": ", field, " must have shape [", letters, "], got ", shape);
        if (fixed != 0) continue;
        const Extent* known = find(expected[i]);
        require(!known || known->value == extent, function, ": ", field, " must have ", expected[i], " = ",
                known ? known->value : 0, " as ", known ? known->field : "", " has, got shape ", shape);
        if (!known) extents_.push_back({expected[i], extent, field});
    }
}

Letters check_shapes(const char* function, const FieldList& list) {
    Letters letters;
    for (const Field& field : list) {
        if (field.letters[0] == 0 || !field.has()) continue;
        if (field.type == FieldType::kTensor)
            letters.match(function, field.name, field.letters, field.as<Array<double>>().shape);
        else if (field.type == FieldType::kTensor32)
            letters.match(function, field.name, field.letters, field.as<Array<float>>().shape);
        else if (field.type == FieldType::kIntegers)
            letters.match(function, field.name, field.letters, {field.as<std::vector<int>>().size()});
        else if (field.type == FieldType::kNumbers)
            letters.match(function, field.name, field.letters, {field.as<std::vector<double>>().size()});
    }
    return letters;
}

}  // namespace clearformer
