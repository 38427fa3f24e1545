#pragma once

#include <concepts>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace clearformer {

class Extents;

/// A value outside a function's domain; reaches JavaScript as a RangeError.
struct DomainError : std::domain_error {
    using std::domain_error::domain_error;
};

/// A value of the wrong kind (a missing option, a string for a number); reaches JavaScript as a TypeError.
struct KindError : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

/// A piece of a sentence: text, a number, or a list of whole numbers. Refers to what it was made from; lives as long as the call.
/// Two words to write, because every check in the core writes some.
class Part {
public:
    Part(const char* text) : Part(std::string_view(text)) {}
    Part(std::string_view text) : kind_(static_cast<int>(text.size())), text_(text.data()) {}
    Part(const std::string& text) : Part(std::string_view(text)) {}
    Part(bool value) : Part(value ? "true" : "false") {}
    Part(double value) : kind_(kDouble), real_(value) {}
    Part(float value) : kind_(kFloat), real_(value) {}
    template <std::integral T>
    Part(T value) : kind_(kWhole), whole_(static_cast<long long>(value)) {}
    Part(const Extents& list) : kind_(kSizes), sizes_(&list) {}
    Part(const std::vector<int>& list) : kind_(kIntegers), integers_(&list) {}

    void append_to(std::string& sentence) const;

private:
    enum Kind : int { kDouble = -1, kFloat = -2, kWhole = -3, kSizes = -4, kIntegers = -5 };
    int kind_;  // one of Kind; from 0: the length of a text
    union {
        const char* text_;
        double real_;
        long long whole_;
        const Extents* sizes_;
        const std::vector<int>* integers_;
    };
};

std::string join(std::initializer_list<Part> parts);
[[noreturn]] void fail(std::initializer_list<Part> parts);
[[noreturn]] void fail_kind(std::initializer_list<Part> parts);

/// One sentence from its parts: sentence("softmax: axis must be below ", 2, ", got ", 5).
template <class... Parts>
std::string sentence(const Parts&... parts) {
    return join({Part(parts)...});
}

/// A number in so few digits that they read back the same: natively 15 or 17 (float: 6 or 9), in WebAssembly as JavaScript writes it;
/// "inf", "-inf", "nan".
std::string to_text(double value);
std::string to_text(float value);
/// A list: "[6, 16]".
std::string to_text(const Extents& values);

/// Throws DomainError with the sentence when the condition does not hold. Write "function: what must hold, got what".
template <class... Parts>
inline void require(bool condition, const Parts&... parts) {
    if (!condition) [[unlikely]]
        fail({Part(parts)...});
}

/// As require, for a value of the wrong kind.
template <class... Parts>
inline void require_kind(bool condition, const Parts&... parts) {
    if (!condition) [[unlikely]]
        fail_kind({Part(parts)...});
}

}  // namespace clearformer
