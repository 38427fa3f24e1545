#pragma once

// How RoPE is stretched beyond the length that a model was trained on: other frequencies, and for some methods a factor on the
// cosines and sines (hence its square on the attention logits).

#include <optional>
#include <string>
#include <vector>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// What a published configuration says under rope_scaling. d is the rotary width, f_i = theta^(-2 i / d), s the factor. type:
///
///     default   f_i
///     linear    f_i / s, position interpolation (Chen et al. 2023)
///     ntk       f_i of theta s^(d / (d - 2)), so that the slowest pair is stretched by s and the fastest not at all
///     dynamic   the same with s n / max_position_embeddings - (s - 1) for s, n = max(sequence_length, max_position_embeddings)
///     yarn      pairs that turn more than beta_fast times over the original length keep f_i, those that turn less than beta_slow times
///               get f_i / s, in between a ramp over the pair's number (Peng et al. 2023, section 3.2); `truncate` rounds the ramp's ends
///               outwards. attention_factor: the one given, else m(mscale) / m(mscale_all_dim) where both are given, else m(1), with
///               m(a) = 0.1 a ln s + 1 and 1 for s <= 1 (equation 22; DeepSeek-V2)
///     llama3    wavelengths above original / low_freq_factor get f_i / s, those below original / high_freq_factor keep f_i, in between a
///               blend linear in the number of turns (Llama 3.1)
///     longrope  f_i divided by long_factor[i] when sequence_length exceeds the original length, else by short_factor[i]; attention_factor
///               sqrt(1 + ln s / ln original) with s = max_position_embeddings / original unless factor is given, 1 for s <= 1
///               (Ding et al. 2024; Phi-3)
///
/// Conventions are those of Hugging Face Transformers' modeling_rope_utils. original_max_position_embeddings defaults to
/// max_position_embeddings.
struct RopeScaling {
    std::string type = "default";
    std::optional<double> factor;
    std::optional<double> max_position_embeddings, original_max_position_embeddings, sequence_length;
    std::optional<double> attention_factor, mscale, mscale_all_dim;
    double beta_fast = 32, beta_slow = 1;
    bool truncate = true;
    double low_freq_factor = 1, high_freq_factor = 4;
    std::vector<double> short_factor, long_factor;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("type", type);
        field.optional("factor", factor);
        field.optional("max_position_embeddings", max_position_embeddings);
        field.optional("original_max_position_embeddings", original_max_position_embeddings);
        field.optional("sequence_length", sequence_length);
        field.optional("attention_factor", attention_factor);
        field.optional("mscale", mscale);
        field.optional("mscale_all_dim", mscale_all_dim);
        field.optional("beta_fast", beta_fast);
        field.optional("beta_slow", beta_slow);
        field.optional("truncate", truncate);
        field.optional("low_freq_factor", low_freq_factor);
        field.optional("high_freq_factor", high_freq_factor);
        field.optional("short_factor", short_factor);
        field.optional("long_factor", long_factor);
    }
};

struct RopeFrequenciesOptions {
    static constexpr const char* kFunction = "rope_frequencies";
    int dim = 0;
    double theta = 10000;
    std::optional<RopeScaling> scaling;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("dim", dim);
        field.optional("theta", theta);
        field.optional("scaling", scaling);
        field.optional("trace", trace);
    }
};

struct RopeFrequenciesResult {
    Array<double> inverse_frequencies;                      // [P] radians per position of each of the dim / 2 pairs
    Array<double> wavelengths;                              // [P] positions per turn
    double attention_factor = 1;                            // on cosines and sines
    std::optional<double> theta_scaled;                     // ntk, dynamic: the theta that is used instead
    std::optional<double> correction_low, correction_high;  // yarn: the ramp's ends, as pair numbers
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("inverse_frequencies", inverse_frequencies, "P");
        field.required("wavelengths", wavelengths, "P");
        field.required("attention_factor", attention_factor);
        field.optional("theta_scaled", theta_scaled);
        field.optional("correction_low", correction_low);
        field.optional("correction_high", correction_high);
        field.optional("trace", trace);
    }
};

/// Throws DomainError for a dim that is odd or below 2 (4 for ntk and dynamic: their exponent is d / (d - 2)), theta <= 0 (<= 1 for yarn), an
/// unknown type, a parameter that the type needs and does not have or that is out of range, and frequencies that are not finite.
RopeFrequenciesResult rope_frequencies(const RopeFrequenciesOptions& options);

/// 0.1 scale ln(factor) + 1, and 1 for a factor of at most 1 (Peng et al. 2023, equation 22).
double yarn_mscale(double factor, double scale);

struct YarnSoftmaxScaleOptions {
    static constexpr const char* kFunction = "yarn_softmax_scale";
    int qk_head_dim = 0;
    double factor = 1;
    double mscale_all_dim = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("qk_head_dim", qk_head_dim);
        field.required("factor", factor);
        field.optional("mscale_all_dim", mscale_all_dim);
        field.optional("trace", trace);
    }
};
struct YarnSoftmaxScaleResult {
    double mscale = 1;
    double scale = 1;
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("mscale", mscale);
        field.required("scale", scale);
        field.optional("trace", trace);
    }
};

/// What DeepSeek-V2 and V3 multiply q . k by: mscale^2 / sqrt(qk_head_dim), mscale = 0.1 mscale_all_dim ln(factor) + 1.
/// Throws DomainError for qk_head_dim < 1 and factor <= 0.
YarnSoftmaxScaleResult yarn_softmax_scale(const YarnSoftmaxScaleOptions& options);

struct RopeWavelengthsOptions {
    static constexpr const char* kFunction = "rope_wavelengths";
    int dim = 0;
    std::vector<double> thetas;
    int count = 8;
    double context = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("dim", dim);
        field.required("thetas", thetas);
        field.optional("count", count);
        field.optional("context", context);
        field.optional("trace", trace);
    }
};
struct RopeWavelengthsResult {
    std::vector<int> pairs;     // [N] which pairs the columns are
    Array<double> wavelengths;  // [M, N] positions per turn: 2 pi theta^(2 i / dim), for each theta
    Array<double> turns;        // [M, N] how often the pair turns over `context` positions
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("pairs", pairs);
        field.required("wavelengths", wavelengths, "M N");
        field.required("turns", turns, "M N");
        field.optional("trace", trace);
    }
};

/// Wavelengths of `count` pairs, evenly spread from the first to the last (all of them where there are no more than count).
/// Throws DomainError for a dim that is odd or below 2, a theta <= 0, count < 1 and a negative context.
RopeWavelengthsResult rope_wavelengths(const RopeWavelengthsOptions& options);

}  // namespace clearformer
