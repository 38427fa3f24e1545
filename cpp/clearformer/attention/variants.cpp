#include "clearformer/attention/variants.hpp"

#include <cmath>

#include "clearformer/attention/flow.hpp"

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
    if (o.mask == "causal") {
        MaskOptions mask;
        mask.queries = static_cast<int>(T);
        mask.keys = static_cast<int>(S);
        mask.mask = "causal";
        attend.allow = attention_mask(mask).allow;
    }
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
    return r;
}

}  // namespace clearformer
