#include "clearformer/check.hpp"

#include "clearformer/extents.hpp"

namespace clearformer {
namespace {

template <class List>
std::string list(const List& values) {
    std::string text = "[";
    for (const auto value : values) {
        if (text.size() > 1) text += ", ";
        text += std::to_string(value);
    }
    return text + "]";
}

}  // namespace

void Part::append_to(std::string& sentence) const {
    switch (kind_) {
        case kDouble: sentence += to_text(real_); break;
        case kFloat: sentence += to_text(static_cast<float>(real_)); break;
        case kWhole: sentence += std::to_string(whole_); break;
        case kSizes: sentence += list(*sizes_); break;
        case kIntegers: sentence += list(*integers_); break;
        default: sentence.append(text_, static_cast<std::size_t>(kind_));
    }
}

std::string join(std::initializer_list<Part> parts) {
    std::string text;
    for (const Part& part : parts) part.append_to(text);
    return text;
}

void fail(std::initializer_list<Part> parts) { throw DomainError(join(parts)); }
void fail_kind(std::initializer_list<Part> parts) { throw KindError(join(parts)); }

std::string to_text(const Extents& values) { return list(values); }

}  // namespace clearformer
