#include "clearformer/position/rules.hpp"

#include <cmath>

namespace clearformer {
namespace {

double frequency_of(double theta, Size pair, Size dim) {
    return std::pow(theta, -2.0 * static_cast<double>(pair) / static_cast<double>(dim));
}

}  // namespace

Rule rotation_rule(const char* x, Rotation rotation) {
    return [x, r = std::move(rotation)](const Index& at, Pen& pen) {
        const Size feature = at.back(), half = r.rotary_dim / 2;
        if (feature >= r.rotary_dim) {
            pen.rule(sentence("Only the first ", r.rotary_dim, " features turn; this one passes through."), "x");
            pen.scalar("x", x, at);
            pen.step("y", "passed through", "x");
            return;
        }
        const bool left_interleaved = r.out_interleaved.value_or(r.interleaved);
        const Size pair = left_interleaved ? feature / 2 : feature % half;
        const bool first = left_interleaved ? feature % 2 == 0 : feature < half;
        Index a = at, b = at;
        a.back() = r.interleaved ? 2 * pair : pair;
        b.back() = r.interleaved ? 2 * pair + 1 : pair + half;
        const double frequency = r.frequencies.empty() ? frequency_of(r.theta, pair, r.rotary_dim) : r.frequencies[pair];
        const double angle = r.positions[at[at.size() - 2]] * frequency;
        const bool scaled = r.attention_factor != 1;
        pen.rule(
            sentence("Pair ", pair + 1, ", features ", a.back() + 1, " and ", b.back() + 1, ", turned by ", angle,
                     " radians: position times the pair's frequency."),
            first ? "a \\cos(m\\,\\theta_i) - b \\sin(m\\,\\theta_i)" : "a \\sin(m\\,\\theta_i) + b \\cos(m\\,\\theta_i)");
        pen.scalar("a", x, a);
        pen.scalar("b", x, b);
        pen.constant("c", scaled ? "cosine of the angle, times the attention factor" : "cosine of the angle",
                     std::cos(angle) * r.attention_factor);
        pen.constant("s", scaled ? "sine of the angle, times the attention factor" : "sine of the angle",
                     std::sin(angle) * r.attention_factor);
        pen.step("y", "turned", first ? "a * c - b * s" : "a * s + b * c");
    };
}

Rule frequency_rule(double theta, Size dim, std::vector<Size> numbers) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(
            "How far the pair turns from one position to the next, in radians: every pair slower than the one before it.",
            "\\theta^{-2i/d}");
        pen.constant("t", "theta, the base", theta);
        pen.constant("i", "number of the pair", static_cast<double>(numbers[at[0]]));
        pen.constant("d", "number of features that turn", static_cast<double>(dim));
        pen.step("f", "frequency", "exp(-2 * i / d * log(t))");
    };
}

Rule sinusoid_rule(Size dim, bool concatenated) {
    return [=](const Index& at, Pen& pen) {
        const Size feature = at[1], half = dim / 2, pair = concatenated ? feature % half : feature / 2;
        const bool is_sine = concatenated ? feature < half : feature % 2 == 0;
        pen.rule(sentence(is_sine ? "The sine" : "The cosine", " of position times the frequency of pair ", pair + 1, "."),
                 is_sine ? "\\sin(p\\,10000^{-2i/d})" : "\\cos(p\\,10000^{-2i/d})");
        pen.constant("p", "position", static_cast<double>(at[0]));
        pen.constant("f", sentence("frequency of pair ", pair + 1), frequency_of(10000, pair, dim));
        pen.step("a", "angle", "p * f");
        pen.step("y", is_sine ? "sine" : "cosine", is_sine ? "sin(a)" : "cos(a)");
    };
}

}  // namespace clearformer
