#pragma once

// Multi-head latent attention (DeepSeek-AI 2024, DeepSeek-V2, section 2.1): keys and values are kept as one short vector per token, and the
// position as one rotated key that all heads share.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [T, C]. H heads; in each, queries and keys have Dn entries without position and Dr rotated ones, values Dv entries. Weights are
/// [out, in]; rows of the query projection come head by head, [nope; rope] in each; kv_a has the R rows of the latent, then the Dr rows of
/// the shared rotated key; kv_b head by head, [k_nope; v]. Either q_weight, or q_a, q_a_norm and q_b (query compression). The latent is
/// normalised by RMS with kv_a_norm, the rotated key is not.
/// scale defaults to 1 / sqrt(Dn + Dr). Query t stands at position t + position_offset. mask is causal or none.
/// `absorbed` computes the scores in the space of the latent: q_absorbed = W_UK^T q_nope, output = W_UV (sum of weights times latent): the same
/// numbers from the cache alone (section 2.1.2).
struct LatentAttentionOptions {
    static constexpr const char* kFunction = "latent_attention";
    Array<double> x;
    int heads = 1, nope_head_dim = 0, rope_head_dim = 0, v_head_dim = 0;
    std::optional<Array<double>> q_weight, q_a, q_a_norm, q_b;
    Array<double> kv_a, kv_a_norm, kv_b, out_weight;
    double theta = 10000;
    std::string pairing = "interleaved";
    double position_offset = 0;
    double eps = 1e-6;
    std::optional<double> scale;
    std::string mask = "causal";
    bool absorbed = false;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T C");
        field.required("heads", heads);
        field.required("nope_head_dim", nope_head_dim);
        field.required("rope_head_dim", rope_head_dim);
        field.required("v_head_dim", v_head_dim);
        field.optional("q_weight", q_weight, "Nq C");
        field.optional("q_a", q_a, "Rq C");
        field.optional("q_a_norm", q_a_norm, "Rq");
        field.optional("q_b", q_b, "Nq Rq");
        field.required("kv_a", kv_a, "Na C");
        field.required("kv_a_norm", kv_a_norm, "R");
        field.required("kv_b", kv_b, "Nb R");
        field.required("out_weight", out_weight, "C No");
        field.optional("theta", theta);
        field.optional("pairing", pairing);
        field.optional("position_offset", position_offset);
        field.optional("eps", eps);
        field.optional("scale", scale);
        field.optional("mask", mask);
        field.optional("absorbed", absorbed);
        field.optional("trace", trace);
    }
};

struct LatentAttentionResult {
    Array<double> latent;          // [T, R] what is kept of each token
    Array<double> rotated_key;     // [T, Dr] and the key that all heads share
    Array<double> rotated_gram;    // [T, T] rotated_key rotated_key^T: the same in both pairings
    Array<double> q_absorbed;      // [H, T, R]
    Array<double> weights;         // [H, T, T]
    Array<double> y;               // [T, C]
    int cache_per_token = 0;       // numbers kept: R + Dr
    int full_cache_per_token = 0;  // that multi-head attention of these widths would keep: H (Dn + Dr + Dv)
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("latent", latent, "T R");
        field.required("rotated_key", rotated_key, "T Dr");
        field.required("rotated_gram", rotated_gram, "T T");
        field.required("q_absorbed", q_absorbed, "H T R");
        field.required("weights", weights, "H T T");
        field.required("y", y, "T C");
        field.required("cache_per_token", cache_per_token);
        field.required("full_cache_per_token", full_cache_per_token);
        field.optional("trace", trace);
    }
};

/// Throws DomainError for widths that do not fit, an odd rope_head_dim, an unknown mask or pairing and eps < 0; KindError unless the query
/// projection comes in exactly one of its two forms.
LatentAttentionResult latent_attention(const LatentAttentionOptions& options);

}  // namespace clearformer
