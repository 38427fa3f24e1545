#pragma once

// Where on the way from noise to data a diffusion model is, as a row of sines and cosines.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// timesteps: N of them, whole or not. Layouts: sin_cos all sines, then all cosines (DDPM); cos_sin the other way round
/// (ADM, DiT); interleaved sine and cosine of one frequency side by side (as the positions of the Transformer).
struct TimestepEmbeddingOptions {
    static constexpr const char* kFunction = "timestep_embedding";
    std::vector<double> timesteps;
    int dim = 0;
    std::string layout = "cos_sin";
    double max_period = 10000;
    double frequency_shift = 0;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("timesteps", timesteps, "N");
        field.required("dim", dim);
        field.optional("layout", layout);
        field.optional("max_period", max_period);
        field.optional("frequency_shift", frequency_shift);
        field.optional("trace", trace);
    }
};

struct TimestepEmbeddingResult {
    Array<double> embedding;    // [N, dim]
    Array<double> frequencies;  // [F] radians per timestep, F = dim / 2 rounded down
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("embedding", embedding, "N D");
        field.required("frequencies", frequencies, "F");
        field.optional("trace", trace);
    }
};

/// sin and cos of timestep * max_period^(-i / (F - frequency_shift)), i = 0 .. F - 1: shift 0 in ADM and DiT (Dhariwal and
/// Nichol 2021; Peebles and Xie 2023), 1 in DDPM's code (Ho et al. 2020). The last column is 0 where dim is odd.
/// Throws DomainError for dim outside 2 .. 65536, an unknown layout, max_period <= 0, frequency_shift outside 0 .. 1, and a
/// shift of 1 with a single frequency.
TimestepEmbeddingResult timestep_embedding(const TimestepEmbeddingOptions& options);

}  // namespace clearformer
