#pragma once

// Two properties of rotary positions, each in one call: the pairings differ by a permutation, and a score depends on the distance alone.

#include <vector>

#include "clearformer/position/rope.hpp"

namespace clearformer {

/// x [T D] and T positions. `permutation` lists D features, each once: entry i of the permuted row is feature permutation[i].
struct RopePairingsOptions {
    static constexpr const char* kFunction = "rope_pairings";
    Array<double> x;
    std::vector<double> positions;
    std::vector<int> permutation;
    double theta = 10000;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, "T D");
        field.required("positions", positions);
        field.required("permutation", permutation, "D");
        field.optional("theta", theta);
        field.optional("trace", trace);
    }
};

struct RopePairingsResult {
    Array<double> interleaved;             // [T D] x rotated in pairs (2 i, 2 i + 1)
    Array<double> half_split_of_permuted;  // [T D] the permuted x rotated in pairs (i, i + D/2)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("interleaved", interleaved, "T D");
        field.required("half_split_of_permuted", half_split_of_permuted, "T D");
        field.optional("trace", trace);
    }
};

/// With the permutation 0, 2, 4, .., 1, 3, 5, .. the second result is the first, permuted (Su et al. 2021, section 3.4.2, against GPT-NeoX).
/// Throws DomainError as rope does, and for a list that is not a permutation.
RopePairingsResult rope_pairings(const RopePairingsOptions& options);

/// q and k [1 D]; theta, m and n are lists of one length N: in call i, q stands at position m[i] and k at n[i], with base theta[i].
struct RopeRelativeOptions {
    static constexpr const char* kFunction = "rope_relative";
    Array<double> q, k;
    std::vector<double> theta, m, n;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", q, "1 D");
        field.required("k", k, "1 D");
        field.required("theta", theta, "N");
        field.required("m", m, "N");
        field.required("n", n, "N");
        field.optional("trace", trace);
    }
};

struct RopeRelativeResult {
    std::vector<double> half_split;   // N dot products of the rotated rows
    std::vector<double> interleaved;  // the same with the other pairing
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("half_split", half_split);
        field.required("interleaved", interleaved);
        field.optional("trace", trace);
    }
};

/// q_m . k_n depends on m - n alone (Su et al. 2021, equation 16). Throws DomainError as rope does.
RopeRelativeResult rope_relative(const RopeRelativeOptions& options);

}  // namespace clearformer
