#pragma once

// Feed-forward layers: two matrices with a non-linear function between them, or three with a gate.

#include "clearformer/attention/flow.hpp"
#include "clearformer/fields.hpp"

namespace clearformer {

/// x [.. C], w1 [F, C], b1 [F] or none, w2 [C, F], b2 [C] or none: weights are [out, in].
struct FeedForwardOptions {
    static constexpr const char* kFunction = "feed_forward";
    Array<double> x, w1, w2;
    std::optional<Array<double>> b1, b2;
    std::string activation = "relu";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("w1", w1, "F C");
        field.optional("b1", b1, "F");
        field.required("w2", w2, "Co F");
        field.optional("b2", b2, "Co");
        field.optional("activation", activation);
        field.optional("trace", trace);
    }
};
struct FeedForwardResult {
    Array<double> hidden;  // [.. F] after the activation
    Array<double> y;       // [.. C]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("hidden", hidden, ".. F");
        field.required("y", y, ".. Co");
        field.optional("trace", trace);
    }
};

/// y = activation(x W1^T + b1) W2^T + b2 (Vaswani et al. 2017, equation 2). Activations as in activation().
/// Throws DomainError for shapes that do not fit, an unknown activation, C or F of 0.
FeedForwardResult feed_forward(const FeedForwardOptions& options);

/// x [.. C], gate and up [F, C], down [C, F], without biases. variant: glu (sigmoid), reglu (relu), geglu (gelu_exact), geglu_tanh, swiglu
/// (silu), bilinear (identity), or any name that activation() knows.
struct GatedFeedForwardOptions {
    static constexpr const char* kFunction = "gated_feed_forward";
    Array<double> x, gate, up, down;
    std::string variant = "swiglu";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
        field.required("gate", gate, "F C");
        field.required("up", up, "F C");
        field.required("down", down, "Co F");
        field.optional("variant", variant);
        field.optional("trace", trace);
    }
};

/// y = (activation(x gate^T) * x up^T) down^T (Shazeer 2020, equations 5 and 6). Errors as feed_forward.
FeedForwardResult gated_feed_forward(const GatedFeedForwardOptions& options);

/// The activation of a gated variant. Throws DomainError for a name that is neither a variant nor an activation.
std::string gate_activation(const std::string& variant);

/// The layers as steps of a flow: what the blocks use. Names in the trace are hiddenRaw, hidden, y (of the label given).
struct FeedForwardWeights {
    Value w1, w2;
    std::optional<Value> b1, b2, gate;  // with a gate, w1 is the up-projection
    std::string activation;
};
struct FeedForwardValues {
    Value hidden, y;
};
FeedForwardValues feed_forward(Flow& flow, const Label& label, const Value& x, const FeedForwardWeights& weights);

}  // namespace clearformer
