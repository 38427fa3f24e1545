#pragma once

// How a robot's continuous actions become tokens and back, and how overlapping predictions of one action are merged.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// action of any shape, in the unit of the actuator; `bins` tokens cover low to high, at least 2.
struct Rt1ActionTokensOptions {
    static constexpr const char* kFunction = "rt1_action_tokens";
    Array<double> action;
    int bins = 256;
    double low = -1, high = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("action", action, "..");
        field.optional("bins", bins);
        field.optional("low", low);
        field.optional("high", high);
        field.optional("trace", trace);
    }
};

struct Rt1ActionTokensResult {
    Array<double> tokens;   // as action: whole numbers from 0 to bins - 1
    Array<double> decoded;  // as action: low + (high - low) token / (bins - 1)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens, "..");
        field.required("decoded", decoded, "..");
        field.optional("trace", trace);
    }
};

/// token = (a - low) / (high - low) (bins - 1), rounded down, a clipped to low .. high (RT-1, Brohan et al. 2022, section
/// 5.1 and its action tokenizer): only a = high reaches the last token, and what is decoded lies at or below a.
/// Throws DomainError for bins outside 2 .. 1 000 000 and unless low < high.
Rt1ActionTokensResult rt1_action_tokens(const Rt1ActionTokensOptions& options);

/// As rt1_action_tokens; the tokens are the last of a vocabulary of vocab_size, at least `bins`.
struct OpenvlaActionTokensOptions {
    static constexpr const char* kFunction = "openvla_action_tokens";
    Array<double> action;
    int bins = 256;
    int vocab_size = 32000;
    double low = -1, high = 1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("action", action, "..");
        field.optional("bins", bins);
        field.optional("vocab_size", vocab_size);
        field.optional("low", low);
        field.optional("high", high);
        field.optional("trace", trace);
    }
};

struct OpenvlaActionTokensResult {
    Array<double> digitized;  // as action: how many of the edges lie at or below a, 1 to bins
    Array<double> token_ids;  // as action: vocab_size - digitized
    Array<double> decoded;    // as action: the middle between two neighbouring edges
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("digitized", digitized, "..");
        field.required("token_ids", token_ids, "..");
        field.required("decoded", decoded, "..");
        field.optional("trace", trace);
    }
};

/// `bins` edges in equal steps from low to high make bins - 1 intervals; an action is the token of its interval, and the
/// middle of the interval when decoded. a = high has a token of its own, which decodes to the last middle (OpenVLA, Kim et
/// al. 2024, section 3.2, and its action tokenizer).
/// Throws DomainError for bins outside 2 .. 1 000 000, a vocab_size below bins, and unless low < high.
OpenvlaActionTokensResult openvla_action_tokens(const OpenvlaActionTokensOptions& options);

/// chunks [N, L, D]: chunk n, predicted at time n, holds the D-dimensional actions for the times n to n + L - 1.
struct TemporalEnsembleOptions {
    static constexpr const char* kFunction = "temporal_ensemble";
    Array<double> chunks;
    int t = 0;
    double m = 0.01;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("chunks", chunks, "N L D");
        field.required("t", t);
        field.optional("m", m);
        field.optional("trace", trace);
    }
};

struct TemporalEnsembleResult {
    Array<double> weights;  // [K] of the chunks that hold an action for time t, the oldest first; they sum to 1
    Array<double> action;   // [D]
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weights", weights, "K");
        field.required("action", action, "D");
        field.optional("trace", trace);
    }
};

/// The action at time t: the mean of all predictions made for it so far, weighted with exp(-m i), i = 0 for the oldest
/// (ACT, Zhao et al. 2023, section IV-A and algorithm 2): m above 0 trusts the oldest most.
/// Throws DomainError for a t for which no chunk holds an action.
TemporalEnsembleResult temporal_ensemble(const TemporalEnsembleOptions& options);

/// x of any shape; transformed along `axis` (from -rank to rank - 1), whose extent is N. Norms: backward (none), ortho (all
/// vectors of the transform have length 1), forward (divided by 2 N; 2 (N - 1) for type 1).
struct DiscreteCosineTransformOptions {
    static constexpr const char* kFunction = "discrete_cosine_transform";
    Array<double> x;
    int type = 2;
    std::string norm = "ortho";
    int axis = 0;
    double scale = 10;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "..");
        field.optional("type", type);
        field.optional("norm", norm);
        field.optional("axis", axis);
        field.optional("scale", scale);
        field.optional("trace", trace);
    }
};

struct DiscreteCosineTransformResult {
    Array<double> y;          // as x
    Array<double> quantised;  // as x: scale y, rounded to whole numbers, half to even
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, "..");
        field.required("quantised", quantised, "..");
        field.optional("trace", trace);
    }
};

/// The discrete cosine transform, scipy.fft's conventions. Without norm, with c = cos:
/// type 1: y_k = x_0 + (-1)^k x_{N-1} + 2 sum over n = 1 .. N-2 of x_n c(pi k n / (N - 1)) (N at least 2)
/// type 2: y_k = 2 sum of x_n c(pi k (2n + 1) / (2N))            (Ahmed, Natarajan and Rao 1974)
/// type 3: y_k = x_0 + 2 sum over n > 0 of x_n c(pi (2k + 1) n / (2N)), the inverse of type 2
/// type 4: y_k = 2 sum of x_n c(pi (2k + 1)(2n + 1) / (4N))
/// Type 2, ortho, along time, scaled and rounded, is the first stage of the FAST action tokenizer (Pertsch et al. 2025).
/// Throws DomainError for another type or norm, an axis that x does not have, an x of more than 2^28 / N entries, N = 1 with
/// type 1, and values that overflow.
DiscreteCosineTransformResult discrete_cosine_transform(const DiscreteCosineTransformOptions& options);

}  // namespace clearformer
