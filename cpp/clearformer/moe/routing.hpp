#pragma once

// What every router shares: logits, the k best of a row, and how many tokens each expert got.
//
// Letters: T tokens · C model width · E experts · K experts chosen for each token · F width of an expert's hidden layer.

#include "clearformer/fields.hpp"

namespace clearformer {

/// Where a router's logits come from: x W^T + b, or given as they are. Exactly one of the two.
struct RouterInputs {
    std::optional<Array<double>> x;              // [T, C]
    std::optional<Array<double>> router_weight;  // [E, C], one row for each expert
    std::optional<Array<double>> router_bias;    // [E]
    std::optional<Array<double>> logits;         // [T, E]

    template <class Visitor>
    void router_fields(Visitor& field) {
        field.optional("x", x, "T C");
        field.optional("router_weight", router_weight, "E C");
        field.optional("router_bias", router_bias, "E");
        field.optional("logits", logits, "T E");
    }
};

namespace moe {

/// The logits [T, E] of these inputs. Throws KindError unless exactly one of x with router_weight and logits is given,
/// DomainError without experts and for logits that are too large for a double.
Array<double> router_logits(const char* function, const RouterInputs& inputs);

/// x W^T + b.
Array<double> router_logits(const char* function, const Array<double>& x, const Array<double>& weight,
                            const std::optional<Array<double>>& bias);

/// The places of the k largest entries of scores [n], largest first; of equal entries the one with the lower place first. k
/// is at most n.
std::vector<Size> largest(const double* scores, Size n, Size k);

/// k as a Size. Throws DomainError unless 1 <= k <= most.
Size check_count(const char* function, const char* name, int k, Size most, const char* what);

/// Throws DomainError naming `what` where an entry is infinite or NaN: the inputs were too large.
void check_finite(const char* function, const char* what, const std::vector<double>& values);

/// Softmax of each row.
Array<double> row_probabilities(const Array<double>& logits);

/// How often each of the experts 0 .. experts - 1 occurs.
std::vector<int> count_load(const std::vector<double>& indices, Size experts);

}  // namespace moe

}  // namespace clearformer
