#include "clearformer/moe/clamped_experts.hpp"

#include <cmath>

#include "clearformer/moe/recording.hpp"
#include "clearformer/moe/router.hpp"
#include "clearformer/moe/rules.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {

using namespace moe;

namespace {

/// y[t, i, n] = x .. weight[e, c, n] + bias[e, n], e being the i-th chosen expert of t, for column `stride` n + `first`.
Rule expert_columns_rule(const char* x, const char* x_at, const char* weight, const char* bias, const Array<double>& indices,
                         Size stride, Size first) {
    return [=](const Index& at, Pen& pen) {
        const Size expert = static_cast<Size>(indices.at({at[0], at[1]})), column = at[2] * stride + first;
        write_recipe(pen, at,
                     {"The row times one column of the chosen expert's weights, entry by entry, summed, plus the bias.",
                      "\\sum_c x_c W_{e,c,n} + b_{e,n}",
                      {{"x", x, x_at}},
                      {},
                      {}});
        pen.vector("w", weight, pen.shape(weight)[1], [&](Size c) { return Index{expert, c, column}; });
        pen.scalar("b", bias, {expert, column});
        pen.step("p", "products", "x * w");
        pen.step("y", "sum, + bias", "sum(p) + b");
    };
}

/// x, routerWeight, routerBias, logits, indices, load, chosenLogits .. weights, gateUp, gateUpBias, gate, up, hidden, down, downBias, outputs, y
void record_experts(Trace& trace, const ClampedExpertsOptions& o, const ClampedExpertsResult& r) {
    const char* role = "mlp";
    record_input(trace, {"x", "x", "entry of the token", "residual", "T C"}, o.x);
    record_input(trace, {"routerWeight", "W_r", "router weight", "weights", "E C"}, o.router_weight);
    if (o.router_bias) record_input(trace, {"routerBias", "b", "router bias", "weights", "E"}, *o.router_bias);
    record(trace, {"logits", "l", "router logit", "scores", "T E"}, r.logits,
           linear_rule("x", "routerWeight", o.router_bias ? "routerBias" : nullptr, o.x.shape[1]));
    record_choice(trace, "logits", r.indices, r.load);
    trace.derive({"chosenLogits", "l", "logit of the chosen expert", "scores", "T K"}, r.indices.shape,
                 chosen_rule("logits", r.indices));
    record_softmax(trace, "chosenLogits",
                   {{"chosenMax", "m", "largest chosen logit", "scores", "T"},
                    {"chosenExponentials", "e", "exponential of a chosen logit", "scores", "T K"},
                    {"chosenSum", "Z", "sum of the chosen exponentials", "scores", "T"},
                    {"weights", "w", "weight of the chosen expert", "weights", "T K"}},
                   r.weights);
    record_input(trace, {"gateUp", "W", "weight of gate and value", role, "E C F2"}, o.gate_up);
    record_input(trace, {"gateUpBias", "b", "bias of gate and value", role, "E F2"}, o.gate_up_bias);
    record_input(trace, {"down", "W_D", "down weight", role, "E F C"}, o.down);
    record_input(trace, {"downBias", "b_D", "down bias", role, "E C"}, o.down_bias);
    trace.derive({"gate", "g", "gate before it is clamped", role, "T K F"}, r.hidden.shape,
                 expert_columns_rule("x", "0n", "gateUp", "gateUpBias", r.indices, 2, 0));
    trace.derive({"up", "u", "value before it is clamped", role, "T K F"}, r.hidden.shape,
                 expert_columns_rule("x", "0n", "gateUp", "gateUpBias", r.indices, 2, 1));
    const double limit = o.limit, alpha = o.alpha;
    record(trace, {"hidden", "h", "hidden unit", role, "T K F"}, r.hidden, [=](const Index& at, Pen& pen) {
        const double gate = pen.value("gate", at), up = pen.value("up", at);
        write_recipe(pen, at,
                     {"Gate and value are clamped; the value plus one, times the gate, times the gate's sigmoid.",
                      "(u' + 1)\\, g' \\sigma(\\alpha g')",
                      {{"g", "gate"}, {"u", "up"}},
                      {{"L", "limit", limit}, {"a", "alpha", alpha}},
                      {{"c", "gate, clamped", gate > limit ? "L" : "g"},
                       {"v", "value, clamped",
                        up > limit    ? "L"
                        : up < -limit ? "-L"
                                      : "u"},
                       {"s", "sigmoid", "1 / (1 + exp(-a * c))"},
                       {"h", "hidden unit", "(v + 1) * c * s"}}});
    });
    Shape wide = r.indices.shape;
    wide.push_back(o.x.shape[1]);
    trace.derive({"outputs", "o", "output of the chosen expert", role, "T K C"}, wide,
                 expert_columns_rule("hidden", "01n", "down", "downBias", r.indices, 1, 0));
    record(trace, {"y", "y", "output entry", "residual", "T C"}, r.y,
           weighted_outputs_rule("weights", "outputs", r.indices.shape[1]));
}

}  // namespace

ClampedExpertsResult clamped_experts(const ClampedExpertsOptions& o) {
    const Letters letters = check_shapes(o);
    const Size T = letters["T"], C = letters["C"], F = letters["F"], width = letters["F2"];
    require(width == 2 * F, "clamped_experts: gate_up must have twice as many columns as down has rows, ", 2 * F, ", got ",
            width);
    require(o.limit > 0, "clamped_experts: limit must be above 0, got ", o.limit);
    const ActivationFunction sigmoid = find_activation("sigmoid");
    ClampedExpertsResult r;
    r.logits = router_logits(o.kFunction, o.x, o.router_weight, o.router_bias);
    const Size K = choose_experts(o.kFunction, o.k, "softmax_after_topk", r.logits, r.logits, r.indices, r.weights);
    r.load = count_load(r.indices.data, letters["E"]);
    r.hidden = Array<double>({T, K, F});
    r.y = Array<double>({T, C});
    std::vector<double> both(width), output(C);
    for (Size t = 0; t < T; ++t) {
        for (Size i = 0; i < K; ++i) {
            const Size expert = static_cast<Size>(r.indices.row(t)[i]);
            matmul(o.x.row(t), o.gate_up.row(expert * C), both.data(), Size(1), C, width, C, width, width);
            double* hidden = r.hidden.row(t * K + i);
            for (Size f = 0; f < F; ++f) {
                const double* bias = o.gate_up_bias.row(expert);
                const double gate = std::min(both[2 * f] + bias[2 * f], o.limit);
                const double up = std::clamp(both[2 * f + 1] + bias[2 * f + 1], -o.limit, o.limit);
                hidden[f] = (up + 1) * gate * sigmoid(o.alpha * gate).y;
            }
            matmul(hidden, o.down.row(expert * F), output.data(), Size(1), F, C, F, C, C);
            for (Size c = 0; c < C; ++c) r.y.row(t)[c] += r.weights.row(t)[i] * (output[c] + o.down_bias.row(expert)[c]);
        }
    }
    check_finite(o.kFunction, "the hidden layer", r.hidden.data);
    check_finite(o.kFunction, "the output", r.y.data);
    if (o.trace) record_experts(r.trace.emplace(), o, r);
    return r;
}

}  // namespace clearformer
