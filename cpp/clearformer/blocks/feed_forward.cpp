#include "clearformer/blocks/feed_forward.hpp"

#include "clearformer/ops/activation.hpp"

namespace clearformer {
namespace {

constexpr const char* kWeight = "Given: a weight.";

void check_widths(const char* function, Size C, Size F) {
    require(C > 0 && F > 0, function, ": C and F must be at least 1, got ", C, " and ", F);
}

Shape with_width(Shape shape, Size width) {
    shape.back() = width;
    return shape;
}

}  // namespace

std::string gate_activation(const std::string& variant) {
    const char* const names[][2] = {{"glu", "sigmoid"},          {"reglu", "relu"},  {"geglu", "gelu_exact"},
                                    {"geglu_tanh", "gelu_tanh"}, {"swiglu", "silu"}, {"bilinear", "identity"}};
    for (const auto& [name, activation] : names) {
        if (variant == name) return activation;
    }
    find_activation(variant);
    return variant;
}

FeedForwardValues feed_forward(Flow& flow, const Label& label, const Value& x, const FeedForwardWeights& w) {
    const Value* b1 = w.b1 ? &*w.b1 : nullptr;
    if (!w.gate) {
        const Value raw = flow.linear({"hiddenRaw", "H'", "hidden unit before the activation", "mlp", "T F"}, x, w.w1, b1);
        const Value hidden = flow.activation({"hidden", "H", "hidden unit", "mlp", "T F"}, raw, w.activation);
        return {hidden, flow.linear(label, hidden, w.w2, w.b2 ? &*w.b2 : nullptr)};
    }
    const Value raw = flow.linear({"gateRaw", "G'", "gate before the activation", "mlp", "T F"}, x, *w.gate);
    const Value gate = flow.activation({"gate", "G", "gate", "mlp", "T F"}, raw, w.activation);
    const Value up = flow.linear({"up", "U", "gated unit before the gate", "mlp", "T F"}, x, w.w1, b1);
    const Value hidden = flow.multiply({"hidden", "H", "hidden unit", "mlp", "T F"}, gate, up);
    return {hidden, flow.linear(label, hidden, w.w2, w.b2 ? &*w.b2 : nullptr)};
}

FeedForwardResult feed_forward(const FeedForwardOptions& o) {
    const Letters letter = check_shapes(o);
    check_widths(o.kFunction, letter["C"], letter["F"]);
    find_activation(o.activation);
    check_bytes(o.kFunction, with_width(o.x.shape, std::max(letter["F"], letter["Co"])), sizeof(double));
    Flow flow(o.trace);
    const Value x = flow.input({"x", "X", "token vector entry", "residual", ".. C"}, o.x, "Given: the token's row.");
    FeedForwardWeights w;
    w.w1 = flow.input({"w1", "W_1", "first weight", "mlp", "F C"}, o.w1, kWeight);
    if (o.b1) w.b1 = flow.input({"b1", "b_1", "first bias", "mlp", "F"}, *o.b1, kWeight);
    w.w2 = flow.input({"w2", "W_2", "second weight", "mlp", "C F"}, o.w2, kWeight);
    if (o.b2) w.b2 = flow.input({"b2", "b_2", "second bias", "mlp", "C"}, *o.b2, kWeight);
    w.activation = o.activation;
    FeedForwardValues values = feed_forward(flow, {"y", "Y", "output entry", "residual", ".. C"}, x, w);
    return {std::move(values.hidden.array), std::move(values.y.array), flow.take()};
}

FeedForwardResult gated_feed_forward(const GatedFeedForwardOptions& o) {
    const Letters letter = check_shapes(o);
    check_widths(o.kFunction, letter["C"], letter["F"]);
    check_bytes(o.kFunction, with_width(o.x.shape, std::max(letter["F"], letter["Co"])), sizeof(double));
    Flow flow(o.trace);
    const Value x = flow.input({"x", "X", "token vector entry", "residual", ".. C"}, o.x, "Given: the token's row.");
    FeedForwardWeights w;
    w.activation = gate_activation(o.variant);
    w.gate = flow.input({"gateWeight", "W_G", "gate weight", "mlp", "F C"}, o.gate, kWeight);
    w.w1 = flow.input({"upWeight", "W_U", "up weight", "mlp", "F C"}, o.up, kWeight);
    w.w2 = flow.input({"downWeight", "W_D", "down weight", "mlp", "C F"}, o.down, kWeight);
    FeedForwardValues values = feed_forward(flow, {"y", "Y", "output entry", "residual", ".. C"}, x, w);
    return {std::move(values.hidden.array), std::move(values.y.array), flow.take()};
}

}  // namespace clearformer
