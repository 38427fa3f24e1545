#pragma once

// Gradients of scaled dot-product attention.

#include "clearformer/attention/attention.hpp"

namespace clearformer {

/// The options of attention except masked_row (a query that sees no key gives zeros), and dy [H, T, Dv].
/// A leading batch axis on q, k, v and dy is allowed and kept on dq, dk and dv.
struct AttentionBackwardOptions {
    static constexpr const char* kFunction = "attention_backward";
    AttentionOptions<double> forward;
    Array<double> dy;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("q", forward.q, "B? H T D");
        field.required("k", forward.k, "B? G S D");
        field.required("v", forward.v, "B? G S Dv");
        field.required("dy", dy, "B? H T Dv");
        field.optional("scale", forward.scale);
        field.optional("softcap", forward.softcap);
        field.optional("bias", forward.bias, ".. T S", kAnyNumber);
        field.optional("alibi_slopes", forward.alibi_slopes);
        field.optional("sinks", forward.sinks, "H");
        field.optional("allow", forward.allow, ".. T S");
        forward.mask.rule_fields(field);
        field.optional("trace", trace);
    }
};

struct AttentionBackwardResult {
    Array<double> weights;                 // [H, T, S] what attention gives
    Array<double> output;                  // [H, T, Dv] what attention gives
    Array<double> dq, dk, dv;              // as q, k, v
    Array<double> d_weights;               // [H, T, S]
    Array<double> d_logits;                // [H, T, S] what reaches the logits after the soft-cap and the biases
    std::optional<Array<double>> d_bias;   // as bias, where there is one
    std::optional<Array<double>> d_sinks;  // [H] where there are sinks
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weights", weights, "B? H T S");
        field.required("output", output, "B? H T Dv");
        field.required("dq", dq, "B? H T D");
        field.required("dk", dk, "B? G S D");
        field.required("dv", dv, "B? G S Dv");
        field.required("d_weights", d_weights, "B? H T S");
        field.required("d_logits", d_logits, "B? H T S");
        field.optional("d_bias", d_bias, ".. T S");
        field.optional("d_sinks", d_sinks, "H");
        field.optional("trace", trace);
    }
};

/// With weights A and output A V: dV = Aᵀ dy, dA = dy Vᵀ, d_logits = A (dA - sum over the keys of A dA), and through
/// logits = scale q k: dq = scale d_logits k, dk = scale d_logitsᵀ q (Dao et al. 2022, appendix B.2). A soft-cap multiplies
/// d_logits by 1 - tanh² on the way to q and k. Key/value heads shared by several query heads get the sum of their gradients;
/// keys that a query does not see get nothing from it. Throws DomainError as attention does, and for a dy of another shape.
AttentionBackwardResult attention_backward(const AttentionBackwardOptions& options);

/// One head on rows, all with the distances from one row to the next: weights [T, S], v [S, Dv], dy [T, Dv] become d_weights
/// and d_logits [T, S] (both without gaps).
template <class Real>
void attention_logits_backward(const Real* weights, const Real* v, const Real* dy, Real* d_weights, Real* d_logits, Size T,
                               Size S, Size Dv, Size ldv, Size ldy);

/// d_scores [T, S]: the gradient with respect to q . k. dq [T, D] is written, dk [S, D] is added to.
template <class Real>
void attention_scores_backward(const Real* d_scores, const Real* q, const Real* k, Real* dq, Real* dk, Size T, Size S,
                               Size D, Size ldq, Size ldk, Size lddq, Size lddk);

}  // namespace clearformer
