#pragma once

// Recomputes a formula as explain() writes it: numbers, + - × / ^, ⌈a / b⌉, ⌊a / b⌋, min(a, b), max(a, b), brackets.

#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "clearformer/check.hpp"

namespace clearformer::testing {

class Formula {
public:
    explicit Formula(std::string text) : text_(std::move(text)) {}
    double value() {
        const double result = sum();
        if (at_ != text_.size()) fail({"formula: cannot read ", text_, " from ", at_});
        return result;
    }

private:
    bool take(std::string_view sign) {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        if (text_.compare(at_, sign.size(), sign) != 0) return false;
        at_ += sign.size();
        return true;
    }
    void expect(std::string_view sign) {
        if (!take(sign)) fail({"formula: ", sign, " is missing in ", text_, " at ", at_});
    }
    double sum() {
        double result = product();
        while (true) {
            if (take("+")) result += product();
            else if (take("- ")) result -= product();
            else return result;
        }
    }
    double product() {
        double result = raised();
        while (true) {
            if (take("×")) result *= raised();
            else if (take("/")) result /= raised();
            else return result;
        }
    }
    double raised() {
        const double base = one();
        return take("^") ? std::pow(base, one()) : base;
    }
    double inside(std::string_view close) {
        const double result = sum();
        expect(close);
        return result;
    }
    double one() {
        if (take("(")) return inside(")");
        if (take("⌈")) return std::ceil(inside("⌉"));
        if (take("⌊")) return std::floor(inside("⌋"));
        if (take("min(")) {
            const double first = inside(",");
            return std::fmin(first, inside(")"));
        }
        if (take("max(")) {
            const double first = inside(",");
            return std::fmax(first, inside(")"));
        }
        char* end = nullptr;
        const double number = std::strtod(text_.c_str() + at_, &end);
        if (end == text_.c_str() + at_) fail({"formula: no number in ", text_, " at ", at_});
        at_ = static_cast<std::size_t>(end - text_.c_str());
        return number;
    }

    std::string text_;
    std::size_t at_ = 0;
};

}  // namespace clearformer::testing
