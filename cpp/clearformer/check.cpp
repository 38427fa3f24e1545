#include "clearformer/check.hpp"

#include <cmath>
#include <cstdio>

#include "clearformer/extents.hpp"

namespace clearformer {
namespace {

/// The value of a decimal of at most 15 digits and a small exponent, exactly rounded (Clinger 1990, the fast path); NaN otherwise.
double read_back(const char* text) {
    const bool negative = *text == '-';
    double digits = 0, power = 1;
    int exponent = 0;
    bool fraction = false;
    for (text += negative; *text != 0 && *text != 'e'; ++text) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        digits = digits * 10 + (*text - '0');
        exponent -= fraction;
    }
    if (*text == 'e') {
        const bool down = *++text == '-';
        int given = 0;
        for (++text; *text != 0; ++text) given = given * 10 + (*text - '0');
        exponent += down ? -given : given;
    }
    if (exponent < -22 || exponent > 22) return NAN;
    for (int i = std::abs(exponent); i > 0; --i) power *= 10;
    const double value = exponent < 0 ? digits / power : digits * power;
    return negative ? -value : value;
}

template <class Real>
std::string shortest(Real value, int least_digits, int most_digits) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    char text[40];
    std::snprintf(text, sizeof text, "%.*g", least_digits, static_cast<double>(value));
    if (static_cast<Real>(read_back(text)) != value) {
        std::snprintf(text, sizeof text, "%.*g", most_digits, static_cast<double>(value));
    }
    return text;
}

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
        case kText: sentence += text_; break;
        case kDouble: sentence += to_text(real_); break;
        case kFloat: sentence += to_text(static_cast<float>(real_)); break;
        case kWhole: sentence += std::to_string(whole_); break;
        case kSizes: sentence += list(*sizes_); break;
        case kIntegers: sentence += list(*integers_); break;
    }
}

std::string join(std::initializer_list<Part> parts) {
    std::string text;
    for (const Part& part : parts) part.append_to(text);
    return text;
}

void fail(std::initializer_list<Part> parts) { throw DomainError(join(parts)); }
void fail_kind(std::initializer_list<Part> parts) { throw KindError(join(parts)); }

std::string to_text(double value) { return shortest(value, 15, 17); }
std::string to_text(float value) { return shortest(value, 6, 9); }
std::string to_text(const Extents& values) { return list(values); }

}  // namespace clearformer
