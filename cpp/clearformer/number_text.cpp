// Numbers as text, for native programs. In WebAssembly modules the host writes them (cpp/wasm/number_text.cpp), which is smaller.

#include <cmath>
#include <cstdio>

#include "clearformer/check.hpp"

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

}  // namespace

std::string to_text(double value) { return shortest(value, 15, 17); }
std::string to_text(float value) { return shortest(value, 6, 9); }

}  // namespace clearformer
