#include "clearformer/attention/variants.hpp"

#include <cmath>

#include "clearformer/attention/flow.hpp"
#include "clearformer/ops/rules.hpp"

namespace clearformer {
namespace {

double feature(const std::string& map, double x) {
    if (map == "elu+1") return x > 0 ? x + 1 : std::exp(x);
    if (map == "relu") return std::max(x, 0.0);
    if (map == "exp") return std::exp(x);
    if (map == "squared_relu") return x > 0 ? x * x : 0.0;
    require(map == "identity", "linear_attention: feature_map must be elu+1, relu, exp, identity or squared_relu, got \"",
            map, "\"");
    return x;
}

Array<double> features(const std::string& map, const Array<double>& x) {
    Array<double> y = x;
    for (double& value : y.data) {
        value = feature(map, value);
        require(std::fabs(value) <= 1e150, "linear_attention: the features must be finite, got ", value, " from ", map);
    }
    return y;
}

Rule feature_rule(const char* x, const std::string& map) {
    return [=](const Index& at, Pen& pen) {
        const bool above = pen.value(x, at) > 0;
        const char* plain = map == "exp" ? "exp(x)" : map == "identity" ? "x" : nullptr;
        const char* kinked = map == "elu+1" ? (above ? "x + 1" : "exp(x)") : !above ? "0" : map == "relu" ? "x" : "x * x";
        pen.rule(sentence("The entry by way of the feature map ", map, "."), "f(x)");
        pen.scalar("x", x, at);
        pen.step("y", "feature", plain ? plain : kinked);
    };
}

/// sum over d of a query's features times another tensor's entries, whose index is that of d.
void write_dot(Pen& pen, const Index& at, const char* tensor, Size D, const std::function<Index(Size)>& index) {
    pen.vector("q", "qFeatures", D, [&](Size d) { return Index{at[0], at[1], d}; });
    pen.vector("k", tensor, D, index);
    pen.step("p", "products", "q * k");
    pen.step("s", "sum", "sum(p)");
}

/// The running sums of every token where the attention is causal, else the one sum of all: [H, N, D, Dv] and [H, N, D].
Trace trace_of(const LinearAttentionOptions& o, const LinearAttentionResult& r, const Array<double>& q,
               const Array<double>& k) {
    const Size H = q.shape[0], T = q.shape[1], D = q.shape[2], Dv = o.v.shape[2];
    const bool causal = o.causal;
    const Size N = causal ? T : 1;
    check_bytes(LinearAttentionOptions::kFunction, {H, N, D, Dv}, sizeof(double));
    Flow flow(true);
    flow.input({"q", "Q", "query entry", "q", "H T D"}, o.q, "Given: a query.");
    flow.input({"k", "K", "key entry", "k", "H T D"}, o.k, "Given: a key.");
    flow.input({"v", "V", "value entry", "v", "H T D"}, o.v, "Given: a value.");
    flow.record({"qFeatures", "f(Q)", "feature of the query", "q", "H T D"}, q, feature_rule("q", o.feature_map));
    flow.record({"kFeatures", "f(K)", "feature of the key", "k", "H T D"}, k, feature_rule("k", o.feature_map));
    // 1. The sums, as they grow.
    Array<double> states({H, N, D, Dv}), norms({H, N, D}), similarities({H, T, T}), totals({H, T});
    for (Size h = 0; h < H; ++h) {
        for (Size s = 0; s < T; ++s) {
            const Size n = causal ? s : 0;
            for (Size d = 0; d < D; ++d) {
                const double key = k.row(h * T + s)[d];
                double& norm = norms.row(h * N + n)[d];
                norm = (causal && s > 0 ? norms.row(h * N + n - 1)[d] : norm) + key;
                double* state = states.row((h * N + n) * D + d);
                const double* before = causal && s > 0 ? states.row((h * N + n - 1) * D + d) : state;
                for (Size e = 0; e < Dv; ++e) state[e] = before[e] + key * o.v.row(h * T + s)[e];
            }
        }
    }
    const Rule norm_rule = [=](const Index& at, Pen& pen) {
        pen.rule(causal ? "The keys' features up to this token, summed: the sum before and this one."
                        : "The keys' features, summed.",
                 causal ? "z_t = z_{t-1} + f(k_t)" : "z = \\sum_s f(k_s)");
        pen.vector("k", "kFeatures", causal ? 1 : T, [&](Size s) { return Index{at[0], causal ? at[1] : s, at[2]}; });
        if (causal && at[1] > 0) pen.scalar("z", "norms", {at[0], at[1] - 1, at[2]});
        pen.step("y", "sum", causal && at[1] > 0 ? "z + sum(k)" : "sum(k)");
    };
    const Rule state_rule = [=](const Index& at, Pen& pen) {
        pen.rule(causal ? "Features times values up to this token: the sum before and this one."
                        : "Features times values, summed.",
                 causal ? "S_t = S_{t-1} + f(k_t)\\, v_t" : "S = \\sum_s f(k_s)\\, v_s");
        const auto token = [&](Size s) { return causal ? at[1] : s; };
        pen.vector("k", "kFeatures", causal ? 1 : T, [&](Size s) { return Index{at[0], token(s), at[2]}; });
        pen.vector("v", "v", causal ? 1 : T, [&](Size s) { return Index{at[0], token(s), at[3]}; });
        if (causal && at[1] > 0) pen.scalar("S", "states", {at[0], at[1] - 1, at[2], at[3]});
        pen.step("y", "sum", causal && at[1] > 0 ? "S + sum(k * v)" : "sum(k * v)");
    };
    flow.record({"norms", "z", "sum of features", "k", "H T D"}, norms, norm_rule);
    flow.record({"states", "S", "sum of features times values", "v", "H T D D"}, states, state_rule);
    // 2. What a query reads from them.
    for (Size i = 0; i < H * T; ++i) {
        const double* norm = norms.row(i / T * N + (causal ? i % T : 0));
        for (Size d = 0; d < D; ++d) totals.data[i] += q.row(i)[d] * norm[d];
        for (Size s = 0; s < (causal ? i % T + 1 : T); ++s) {
            for (Size d = 0; d < D; ++d) similarities.row(i)[s] += q.row(i)[d] * k.row(i / T * T + s)[d];
        }
    }
    const Rule total_rule = [=](const Index& at, Pen& pen) {
        pen.rule("The query's features by the summed features of the keys: what the row is divided by.",
                 "f(q_t) \\cdot z_t");
        write_dot(pen, at, "norms", D, [&](Size d) { return Index{at[0], causal ? at[1] : 0, d}; });
    };
    flow.record({"denominators", "Z", "sum of the row's similarities", "scores", "H T"}, totals, total_rule);
    const Rule output_rule = [=](const Index& at, Pen& pen) {
        const bool none = pen.value("denominators", {at[0], at[1]}) == 0;
        pen.rule(none ? "The row's similarities sum to 0: it gives 0."
                      : "The query's features by the summed state, over the row's sum.",
                 none ? "0" : "\\frac{f(q_t) \\cdot S_t}{f(q_t) \\cdot z_t}");
        write_dot(pen, at, "states", D, [&](Size d) { return Index{at[0], causal ? at[1] : 0, d, at[2]}; });
        pen.scalar("Z", "denominators", {at[0], at[1]});
        pen.step("o", "÷ row sum", none ? "0" : "s / Z");
    };
    flow.record({"output", "O", "output entry", "v", "H T D"}, r.output, output_rule);
    // 3. The weights, written out.
    const Rule similarity_rule = [=](const Index& at, Pen& pen) {
        const bool hidden = causal && at[2] > at[1];
        pen.rule(hidden ? "The key comes after the query." : "The query's features by the key's.",
                 hidden ? "0" : "f(q_t) \\cdot f(k_s)");
        if (hidden) pen.step("s", "hidden", "0");
        else write_dot(pen, at, "kFeatures", D, [&](Size d) { return Index{at[0], at[2], d}; });
    };
    flow.record({"similarities", "s", "similarity", "scores", "H T S"}, similarities, similarity_rule);
    flow.record({"weights", "A", "attention weight", "weights", "H T S"}, r.weights,
                normalise_rule("similarities", "denominators"));
    return std::move(*flow.take());
}

}  // namespace

QkNormAttentionResult qk_norm_attention(const QkNormAttentionOptions& o) {
    const char* name = QkNormAttentionOptions::kFunction;
    const Letters letter = check_shapes(o);
    const Size H = letter["H"], G = letter["G"], T = letter["T"], S = letter["S"], D = letter["D"];
    require(G > 0 && H % G == 0 && H > 0, name, ": the query heads must be a multiple of the key/value heads, got ", H,
            " and ", G);
    require(D > 0, name, ": the head width must be at least 1, got 0");
    require(o.mask == "none" || o.mask == "causal", name, ": mask must be causal or none, got \"", o.mask, "\"");
    require(o.eps >= 0, name, ": eps must be at least 0, got ", o.eps);
    check_bytes(name, {H, T, S}, sizeof(double));
    Flow flow(o.trace);
    const Value q = flow.input({"q", "Q", "query entry", "q", "H T D"}, o.q, "Given: a query.");
    const Value k = flow.input({"k", "K", "key entry", "k", "G S D"}, o.k, "Given: a key.");
    const Value v = flow.input({"v", "V", "value entry", "v", "G S D"}, o.v, "Given: a value.");
    const Value gq = flow.input({"queryGamma", "γ_Q", "scale of the queries", "q", "D"}, o.query_gamma, "Given: a weight.");
    const Value gk = flow.input({"keyGamma", "γ_K", "scale of the keys", "k", "D"}, o.key_gamma, "Given: a weight.");
    const Value q_normed = flow.rms_norm({"qNormed", "Q̂", "normalised query entry", "q", "H T D"}, q, &gq, o.eps);
    const Value k_normed = flow.rms_norm({"kNormed", "K̂", "normalised key entry", "k", "G S D"}, k, &gk, o.eps);
    AttendOptions attend;
    attend.scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(D)));
    if (o.mask == "causal") attend.allow = causal_mask(T, S);
    Attended attended = flow.attend(q_normed, k_normed, v, attend);
    return {q_normed.array, k_normed.array, std::move(attended.weights.array), std::move(attended.output.array),
            flow.take()};
}

LinearAttentionResult linear_attention(const LinearAttentionOptions& o) {
    const char* name = LinearAttentionOptions::kFunction;
    const Letters letter = check_shapes(o);
    const Size H = letter["H"], T = letter["T"], D = letter["D"], Dv = letter["Dv"];
    check_bytes(name, {H, T, T}, sizeof(double));
    check_bytes(name, {H, D, Dv}, sizeof(double));
    const Array<double> q = features(o.feature_map, o.q), k = features(o.feature_map, o.k);
    LinearAttentionResult r{Array<double>({H, T, T}), Array<double>({H, T, Dv}), Array<double>({H, D, Dv}),
                            Array<double>({H, D})};
    for (Size h = 0; h < H; ++h) {
        double* norm = r.norm.row(h);
        const auto take_in = [&](Size s) {
            const double *key = k.row(h * T + s), *value = o.v.row(h * T + s);
            for (Size d = 0; d < D; ++d) {
                norm[d] += key[d];
                for (Size e = 0; e < Dv; ++e) r.state.row(h * D + d)[e] += key[d] * value[e];
            }
        };
        for (Size s = 0; !o.causal && s < T; ++s) take_in(s);
        for (Size t = 0; t < T; ++t) {
            if (o.causal) take_in(t);
            // 1. From the running sums: one division, whatever the length.
            const double* query = q.row(h * T + t);
            double sum = 0;
            for (Size d = 0; d < D; ++d) sum += query[d] * norm[d];
            double* output = r.output.row(h * T + t);
            for (Size d = 0; d < D; ++d) {
                for (Size e = 0; e < Dv; ++e) output[e] += query[d] * r.state.row(h * D + d)[e];
            }
            // 2. Written out, for the eye.
            double* weights = r.weights.row(h * T + t);
            bool any = false;
            for (Size s = 0; s < (o.causal ? t + 1 : T); ++s) {
                for (Size d = 0; d < D; ++d) weights[s] += query[d] * k.row(h * T + s)[d];
                any = any || weights[s] != 0;
            }
            require(sum != 0 || !any, name, ": the weights of head ", h, ", token ", t,
                    " sum to 0 and cannot be normalised");
            if (sum == 0) continue;
            for (Size e = 0; e < Dv; ++e) output[e] /= sum;
            for (Size s = 0; s < T; ++s) weights[s] /= sum;
        }
    }
    for (const Array<double>* result : {&r.output, &r.weights}) {
        for (double value : result->data)
            require(std::isfinite(value), name, ": the result is not finite; the inputs are too large");
    }
    if (o.trace) r.trace = trace_of(o, r, q, k);
    return r;
}

}  // namespace clearformer
