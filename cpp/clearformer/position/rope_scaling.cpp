#include "clearformer/position/rope_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "clearformer/ops/traces.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/position/rules.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = "rope_frequencies";

double positive(const char* what, const std::optional<double>& value, const std::string& type) {
    require_kind(value.has_value(), kName, ": scaling type ", type, " needs ", what);
    require(std::isfinite(*value) && *value > 0, kName, ": ", what, " must be above 0, got ", *value);
    return *value;
}

double original_length(const RopeScaling& s) {
    return positive("original_max_position_embeddings or max_position_embeddings",
                    s.original_max_position_embeddings ? s.original_max_position_embeddings : s.max_position_embeddings,
                    s.type);
}

double given_attention_factor(const RopeScaling& s, double otherwise) {
    return s.attention_factor ? positive("attention_factor", s.attention_factor, s.type) : otherwise;
}

/// The frequencies of another theta.
void change_theta(RopeFrequenciesResult& r, double theta, double stretch, Size dim) {
    require(dim >= 4, kName, ": NTK scaling needs a dim of at least 4, got ", dim);
    const double d = static_cast<double>(dim);
    r.theta_scaled = theta * std::pow(stretch, d / (d - 2));
    require(std::isfinite(*r.theta_scaled), kName, ": the scaled theta is not finite");
    r.inverse_frequencies.data = inverse_frequencies(*r.theta_scaled, dim);
}

void scale_dynamic(RopeFrequenciesResult& r, const RopeScaling& s, double theta, Size dim) {
    const double factor = positive("factor", s.factor, s.type);
    const double length = positive("max_position_embeddings", s.max_position_embeddings, s.type);
    const double n = std::max(s.sequence_length.value_or(length), length);
    require(factor >= 1, kName, ": factor must be at least 1 for dynamic, got ", factor);
    change_theta(r, theta, factor * n / length - (factor - 1), dim);
}

void scale_yarn(RopeFrequenciesResult& r, const RopeScaling& s, double theta, Size dim) {
    const double factor = positive("factor", s.factor, s.type), original = original_length(s);
    require(theta > 1, kName, ": theta must be above 1 for yarn, got ", theta);
    require(s.beta_fast > 0 && s.beta_slow > 0, kName, ": beta_fast and beta_slow must be above 0, got ", s.beta_fast,
            " and ", s.beta_slow);
    const double d = static_cast<double>(dim);
    // 1. The pair, as a real number, that turns so many times over the original length.
    const auto pair_of = [&](double turns) {
        return d * std::log(original / (turns * 2 * std::numbers::pi)) / (2 * std::log(theta));
    };
    double low = pair_of(s.beta_fast), high = pair_of(s.beta_slow);
    if (s.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, d - 1);
    r.correction_low = low;
    r.correction_high = high;
    // 2. A ramp between them from keeping to dividing.
    const double width = high == low ? 0.001 : high - low;
    for (Size i = 0; i < dim / 2; ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / width, 0.0, 1.0);
        double& f = r.inverse_frequencies.data[i];
        f = f / factor * ramp + f * (1 - ramp);
    }
    // 3. What keeps the entropy of attention (equation 22).
    const bool both = s.mscale && s.mscale_all_dim && *s.mscale != 0 && *s.mscale_all_dim != 0;
    r.attention_factor = given_attention_factor(
        s, both ? yarn_mscale(factor, *s.mscale) / yarn_mscale(factor, *s.mscale_all_dim) : yarn_mscale(factor, 1));
}

void scale_llama3(RopeFrequenciesResult& r, const RopeScaling& s) {
    const double factor = positive("factor", s.factor, s.type), original = original_length(s);
    require(s.low_freq_factor > 0 && s.high_freq_factor > s.low_freq_factor, kName,
            ": high_freq_factor must be above low_freq_factor and both above 0, got ", s.high_freq_factor, " and ",
            s.low_freq_factor);
    for (double& f : r.inverse_frequencies.data) {
        const double turns = original * f / (2 * std::numbers::pi);
        const double keep = std::clamp((turns - s.low_freq_factor) / (s.high_freq_factor - s.low_freq_factor), 0.0, 1.0);
        f = (1 - keep) * f / factor + keep * f;
    }
}

void scale_longrope(RopeFrequenciesResult& r, const RopeScaling& s) {
    const double original = original_length(s);
    const bool is_long = s.sequence_length.value_or(0) > original;
    const std::vector<double>& factors = is_long ? s.long_factor : s.short_factor;
    require(factors.size() == r.inverse_frequencies.size(), kName, ": ", is_long ? "long_factor" : "short_factor",
            " needs one entry for each of the ", r.inverse_frequencies.size(), " pairs, got ", factors.size());
    for (Size i = 0; i < factors.size(); ++i) {
        require(factors[i] > 0, kName, ": the entries of short_factor and long_factor must be above 0, got ", factors[i]);
        r.inverse_frequencies.data[i] /= factors[i];
    }
    const double stretch = s.original_max_position_embeddings && s.max_position_embeddings
                               ? *s.max_position_embeddings / *s.original_max_position_embeddings
                               : s.factor.value_or(1);
    if (!s.attention_factor && stretch > 1) {
        require(original > 1, kName, ": original_max_position_embeddings must be above 1 for longrope, got ", original);
    }
    r.attention_factor =
        given_attention_factor(s, stretch > 1 ? std::sqrt(1 + std::log(stretch) / std::log(original)) : 1.0);
}

void scale(RopeFrequenciesResult& r, const RopeScaling& s, double theta, Size dim) {
    if (s.type == "linear") {
        const double factor = positive("factor", s.factor, s.type);
        for (double& f : r.inverse_frequencies.data) f /= factor;
    } else if (s.type == "ntk") {
        change_theta(r, theta, positive("factor", s.factor, s.type), dim);
    } else if (s.type == "dynamic") {
        scale_dynamic(r, s, theta, dim);
    } else if (s.type == "yarn") {
        scale_yarn(r, s, theta, dim);
    } else if (s.type == "llama3") {
        scale_llama3(r, s);
    } else if (s.type == "longrope") {
        scale_longrope(r, s);
    } else {
        require(s.type == "default", kName,
                ": scaling type must be default, linear, ntk, dynamic, yarn, llama3 or longrope, got \"", s.type, "\"");
    }
}

/// Where x lies between low and high: 0 below, 1 above.
void write_share(Pen& pen, double x, double low, double width, const char* between) {
    pen.step("k", "share between the two, from 0 to 1", x <= low ? "0" : x >= low + width ? "1" : between);
}

/// From the plain frequency f to the scaled one.
Rule scaled_rule(const RopeFrequenciesResult& r, const RopeScaling& s) {
    const double low = r.correction_low.value_or(0), high = r.correction_high.value_or(0);
    return [=](const Index& at, Pen& pen) {
        const double f = pen.value("plain", at), number = static_cast<double>(at[0]);
        pen.scalar("f", "plain", at);
        if (s.type == "longrope") {
            const bool is_long = s.sequence_length.value_or(0) > original_length(s);
            pen.rule("The frequency divided by the pair's own factor.", "f_i / c_i");
            pen.constant("c", "the pair's factor", (is_long ? s.long_factor : s.short_factor)[at[0]]);
            pen.step("y", "scaled", "f / c");
            return;
        }
        if (s.type == "default") {
            pen.rule("Not scaled.", "f_i");
            pen.step("y", "unchanged", "f");
            return;
        }
        pen.constant("s", "how far the context is stretched", *s.factor);
        if (s.type == "linear") {
            pen.rule("The frequency divided by the factor: positions lie closer together.", "f_i / s");
            pen.step("y", "scaled", "f / s");
            return;
        }
        if (s.type == "yarn") {
            const double width = high == low ? 0.001 : high - low;
            pen.rule(
                "Fast pairs keep their frequency, slow ones are divided by the factor, in between it goes over from pair to "
                "pair.",
                "k f_i / s + (1 - k) f_i");
            pen.constant("i", "number of the pair", number);
            pen.constant("a", "where the ramp begins", low);
            pen.constant("w", "width of the ramp", width);
            write_share(pen, number, low, width, "(i - a) / w");
            pen.step("y", "scaled", "f / s * k + f * (1 - k)");
            return;
        }
        const double turns = original_length(s) * f / (2 * std::numbers::pi), width = s.high_freq_factor - s.low_freq_factor;
        pen.rule(
            "Pairs that turn often keep their frequency, those that turn seldom are divided by the factor, in between it is "
            "blended.",
            "(1 - k) f_i / s + k f_i");
        pen.constant("L", "original length", original_length(s));
        pen.constant("a", "turns up to which it is divided", s.low_freq_factor);
        pen.constant("w", "turns from there until it is kept", width);
        pen.step("n", "turns over the original length", "L * f / (2 * 3.141592653589793)");
        write_share(pen, turns, s.low_freq_factor, width, "(n - a) / w");
        pen.step("y", "scaled", "(1 - k) * f / s + k * f");
    };
}

Trace trace_of(const RopeFrequenciesOptions& o, const RopeFrequenciesResult& r) {
    const Size dim = static_cast<Size>(o.dim), P = dim / 2;
    std::vector<Size> numbers(P);
    for (Size i = 0; i < P; ++i) numbers[i] = i;
    Trace trace;
    const Label scaled{"inverseFrequencies", "f'", "frequency of the pair", "position", "P"};
    if (o.scaling && !r.theta_scaled) {
        add_made(trace, {"plain", "f", "frequency before scaling", "position", "P"},
                 {{P}, inverse_frequencies(o.theta, dim)}, frequency_rule(o.theta, dim, numbers));
        add_made(trace, scaled, r.inverse_frequencies, scaled_rule(r, *o.scaling));
    } else {
        add_made(trace, scaled, r.inverse_frequencies, frequency_rule(r.theta_scaled.value_or(o.theta), dim, numbers));
    }
    add_made(trace, {"wavelengths", "λ", "wavelength of the pair", "position", "P"}, r.wavelengths,
             [](const Index& at, Pen& pen) {
                 pen.rule("How many positions one whole turn takes.", "2\\pi / f_i");
                 pen.scalar("f", "inverseFrequencies", at);
                 pen.step("w", "positions per turn", "2 * 3.141592653589793 / f");
             });
    return trace;
}

void check_dim(const char* function, int dim) {
    require(dim >= 2 && dim % 2 == 0, function, ": dim must be even and at least 2, got ", dim);
    require(dim <= 1048576, function, ": dim must be at most 1048576, got ", dim);
}

}  // namespace

double yarn_mscale(double factor, double scale) { return factor <= 1 ? 1.0 : 0.1 * scale * std::log(factor) + 1; }

RopeFrequenciesResult rope_frequencies(const RopeFrequenciesOptions& o) {
    check_dim(kName, o.dim);
    require(std::isfinite(o.theta) && o.theta > 0, kName, ": theta must be above 0, got ", o.theta);
    const Size dim = static_cast<Size>(o.dim);
    RopeFrequenciesResult r;
    r.inverse_frequencies = Array<double>({dim / 2}, inverse_frequencies(o.theta, dim));
    if (o.scaling) scale(r, *o.scaling, o.theta, dim);
    r.wavelengths = r.inverse_frequencies;
    for (double& f : r.wavelengths.data) {
        require(std::isfinite(f) && f > 0 && std::isfinite(2 * std::numbers::pi / f), kName, ": theta ", o.theta,
                " gives a frequency that is not finite and above 0: ", f);
        f = 2 * std::numbers::pi / f;
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

YarnSoftmaxScaleResult yarn_softmax_scale(const YarnSoftmaxScaleOptions& o) {
    require(o.qk_head_dim >= 1, "yarn_softmax_scale: qk_head_dim must be at least 1, got ", o.qk_head_dim);
    require(o.factor > 0, "yarn_softmax_scale: factor must be above 0, got ", o.factor);
    YarnSoftmaxScaleResult r;
    r.mscale = yarn_mscale(o.factor, o.mscale_all_dim);
    r.scale = r.mscale * r.mscale / std::sqrt(static_cast<double>(o.qk_head_dim));
    require(std::isfinite(r.scale), "yarn_softmax_scale: mscale_all_dim is too large, got ", o.mscale_all_dim);
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        const bool stretched = o.factor > 1;
        add_number(trace, {"mscale", "m", "scale of YaRN", "position", ""}, r.mscale,
                   recipe_rule({stretched ? "One, and a tenth of the logarithm of the factor, weighted."
                                          : "A factor of at most 1 stretches nothing.",
                                stretched ? "0.1\\, c \\ln s + 1" : "1",
                                {},
                                {{"s", "factor", o.factor}, {"c", "mscale_all_dim", o.mscale_all_dim}},
                                {{"m", "scale", stretched ? "0.1 * c * log(s) + 1" : "1"}}}));
        add_number(trace, {"scale", "c", "what q · k is multiplied by", "scores", ""}, r.scale,
                   recipe_rule({"The scale squared, over the root of the head's width.",
                                "\\frac{m^2}{\\sqrt{d}}",
                                {{"m", "mscale", ""}},
                                {{"d", "width of a head", static_cast<double>(o.qk_head_dim)}},
                                {{"y", "scale", "m * m / sqrt(d)"}}}));
    }
    return r;
}

RopeWavelengthsResult rope_wavelengths(const RopeWavelengthsOptions& o) {
    check_dim("rope_wavelengths", o.dim);
    require(o.count >= 1, "rope_wavelengths: count must be at least 1, got ", o.count);
    require(o.context >= 0, "rope_wavelengths: context must be at least 0, got ", o.context);
    const Size pairs = static_cast<Size>(o.dim) / 2, N = std::min(pairs, static_cast<Size>(o.count)), M = o.thetas.size();
    RopeWavelengthsResult r;
    for (Size n = 0; n < N; ++n) r.pairs.push_back(static_cast<int>(N == 1 ? 0 : n * (pairs - 1) / (N - 1)));
    r.wavelengths = r.turns = Array<double>({M, N});
    for (Size m = 0; m < M; ++m) {
        const RopeFrequenciesResult one = rope_frequencies({o.dim, o.thetas[m], {}});
        for (Size n = 0; n < N; ++n) {
            r.wavelengths.row(m)[n] = one.wavelengths.data[static_cast<Size>(r.pairs[n])];
            r.turns.row(m)[n] = o.context / r.wavelengths.row(m)[n];
        }
    }
    if (o.trace) {
        Trace& trace = r.trace.emplace();
        add_given(trace, {"thetas", "θ", "base", "input", "M"}, Array<double>({M}, o.thetas));
        const Array<double> numbers = as_tensor(r.pairs);
        add_made(
            trace, {"pairs", "i", "number of the pair", "position", "N"}, numbers,
            told_rule({"Evenly spread from the first pair to the last.",
                       "\\lfloor n (P - 1) / (N - 1) \\rfloor",
                       {},
                       {{"P", "pairs there are", static_cast<double>(pairs)}, {"N", "pairs shown", static_cast<double>(N)}},
                       {}},
                      "i", "number of the pair", numbers));
        add_made(trace, {"wavelengths", "λ", "wavelength of the pair", "position", "M N"}, r.wavelengths,
                 recipe_rule({"How many positions one whole turn takes: each pair longer than the one before it.",
                              "2\\pi\\, \\theta^{2i/d}",
                              {{"t", "thetas", "0"}, {"i", "pairs", "1"}},
                              {{"d", "number of features", static_cast<double>(o.dim)}},
                              {{"w", "positions per turn", "2 * 3.141592653589793 * exp(2 * i / d * log(t))"}}}));
        add_made(trace, {"turns", "n", "turns over the context", "position", "M N"}, r.turns,
                 recipe_rule({"The context over the wavelength.",
                              "L / \\lambda",
                              {{"w", "wavelengths"}},
                              {{"L", "context", o.context}},
                              {{"n", "turns", "L / w"}}}));
    }
    return r;
}

}  // namespace clearformer
