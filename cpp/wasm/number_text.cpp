// Numbers as text, by the host: what clearformer/number_text.cpp does natively. Linked into every module in its place.

#include <emscripten/val.h>

#include <cmath>

#include "clearformer/check.hpp"

namespace clearformer {
namespace {

using emscripten::val;

std::string written(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    return val(value).call<std::string>("toString");
}

}  // namespace

std::string to_text(double value) { return written(value); }

/// The shortest of 6 to 9 digits that read back the same.
std::string to_text(float value) {
    double shown = static_cast<double>(value);
    if (std::isfinite(value)) {
        const val number = val::global("Number");
        for (int digits = 6; digits <= 9; ++digits) {
            shown = number(val(static_cast<double>(value)).call<val>("toPrecision", digits)).as<double>();
            if (static_cast<float>(shown) == value) break;
        }
    }
    return written(shown);
}

}  // namespace clearformer
