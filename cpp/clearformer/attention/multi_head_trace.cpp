#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/attention/flow.hpp"

#include <cmath>

namespace clearformer {
namespace {

/// Part `part` of three stacked ones.
Array<double> third(const Array<double>& stacked, Size part) {
    const Size count = stacked.size() / 3;
    Shape shape = stacked.shape;
    shape[0] /= 3;
    const auto first = stacked.data.begin() + static_cast<std::ptrdiff_t>(part * count);
    return {shape, std::vector<double>(first, first + static_cast<std::ptrdiff_t>(count))};
}

/// What one of the three projections is called.
struct Names {
    Label x, weight, bias, y, learned, all, heads;
};

/// x W^T + b, then the rows that are appended, by heads.
Value projected(Flow& flow, const MultiHeadOptions<double>& o, const Names& names, Size part, const Array<double>& x,
                const std::optional<Array<double>>& weight, const std::optional<Array<double>>& learned, bool zeros) {
    const Value from = flow.input(names.x, x, "Given: the token's row.");
    const Value w = flow.input(names.weight, weight ? *weight : third(*o.in_proj_weight, part), "Given: a weight.");
    Value bias;
    if (o.in_proj_bias) bias = flow.input(names.bias, third(*o.in_proj_bias, part), "Given: a weight.");
    Value y = flow.linear(names.y, from, w, o.in_proj_bias ? &bias : nullptr);
    if (learned || zeros) {
        const char *plain = y.name, *added = nullptr;
        const Size S = y.extent(0), C = y.extent(1);
        Array<double> all = y.array;
        if (learned) {
            added = flow.input(names.learned, {{C}, learned->data}, "Given: a weight.").name;
            all.data.insert(all.data.end(), learned->data.begin(), learned->data.end());
        }
        all.shape[0] += (learned ? 1 : 0) + (zeros ? 1 : 0);
        all.data.resize(all.shape[0] * C);
        const Rule rule = [=](const Index& at, Pen& pen) {
            const bool own = at[0] < S, given = at[0] == S && added;
            pen.rule(own     ? "The token's own row."
                     : given ? "A learned row that is appended for every query."
                             : "A row of zeros that is appended for every query.",
                     own     ? "x"
                     : given ? "b"
                             : "0");
            if (own) pen.scalar("x", plain, at);
            else if (given) pen.scalar("x", added, {at[1]});
            pen.step("y", "copied", own || given ? "x" : "0");
        };
        y = flow.record(names.all, std::move(all), rule);
    }
    return flow.split_heads(names.heads, y, static_cast<Size>(o.heads));
}

}  // namespace

Trace trace_of(const MultiHeadOptions<double>& o) {
    Flow flow(true);
    const Value q = projected(flow, o,
                              {{"query", "X_Q", "entry of the query's row", "residual", "T C"},
                               {"qWeight", "W_Q", "query weight", "q", "C C"},
                               {"qBias", "b_Q", "query bias", "q", "C"},
                               {"q", "Q", "query entry", "q", "T C"},
                               {},
                               {},
                               {"qHeads", "Q_h", "query entry", "q", "H T D"}},
                              0, o.query, o.q_weight, {}, false);
    const Value k = projected(flow, o,
                              {{"key", "X_K", "entry of the key's row", "residual", "S C"},
                               {"kWeight", "W_K", "key weight", "k", "C C"},
                               {"kBias", "b_K", "key bias", "k", "C"},
                               {"k", "K", "key entry", "k", "S C"},
                               {"biasK", "k₊", "entry of the appended key", "k", "C"},
                               {"kAll", "K₊", "key entry", "k", "S C"},
                               {"kHeads", "K_h", "key entry", "k", "H S D"}},
                              1, o.key, o.k_weight, o.bias_k, o.add_zero_attention);
    const Value v = projected(flow, o,
                              {{"value", "X_V", "entry of the value's row", "residual", "S C"},
                               {"vWeight", "W_V", "value weight", "v", "C C"},
                               {"vBias", "b_V", "value bias", "v", "C"},
                               {"v", "V", "value entry", "v", "S C"},
                               {"biasV", "v₊", "entry of the appended value", "v", "C"},
                               {"vAll", "V₊", "value entry", "v", "S C"},
                               {"vHeads", "V_h", "value entry", "v", "H S D"}},
                              2, o.value, o.v_weight, o.bias_v, o.add_zero_attention);
    const Size H = q.extent(0), T = q.extent(1), keys = k.extent(1), S = o.key.shape[0];
    AttendOptions attend;
    attend.scale = 1.0 / std::sqrt(static_cast<double>(q.extent(2)));
    attend.allow = Array<double>({T, keys}, 1);
    for (Size i = 0; i < attend.allow.size(); ++i) {
        const Size t = i / keys, s = i % keys;
        if (s < S && ((o.causal && s > t) || (!o.key_valid.empty() && o.key_valid[s] == 0))) attend.allow.data[i] = 0;
    }
    const Attended attended = flow.attend(q, k, v, attend);
    const Value joined = flow.join_heads({"joined", "concat(O)", "joined head output", "v", "T C"}, attended.output);
    const Value weight =
        flow.input({"outWeight", "W_O", "output weight", "residual", "C C"}, o.out_weight, "Given: a weight.");
    Value bias;
    if (o.out_bias) bias = flow.input({"outBias", "b_O", "output bias", "residual", "C"}, *o.out_bias, "Given: a weight.");
    flow.linear({"output", "Y", "output entry", "residual", "T C"}, joined, weight, o.out_bias ? &bias : nullptr);
    Array<double> mean({T, keys});
    for (Size i = 0; i < attended.weights.array.size(); ++i)
        mean.data[i % mean.size()] += attended.weights.array.data[i] / static_cast<double>(H);
    const char* weights = attended.weights.name;
    const Rule rule = [=](const Index& at, Pen& pen) {
        pen.rule("The mean of the heads' weights.", "\\frac{1}{H} \\sum_h A_{h,t,s}");
        pen.vector("a", weights, H, [&](Size h) { return Index{h, at[0], at[1]}; });
        pen.constant("H", "number of heads", static_cast<double>(H));
        pen.step("m", "mean", "sum(a) / H");
    };
    flow.record({"weightsMean", "Ā", "mean attention weight", "weights", "T S"}, std::move(mean), rule);
    return std::move(*flow.take());
}

}  // namespace clearformer
