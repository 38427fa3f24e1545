#include "clearformer/attention/layer.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "clearformer/attention/attention.hpp"
#include "clearformer/attention/rules.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/position/rules.hpp"
#include "clearformer/random.hpp"

namespace clearformer {
namespace {

using Values = std::vector<double>;

/// The random streams of one seed. Token t's embedding is stream kEmbedding + t.
enum Stream : std::uint64_t { kQuery = 1, kKey, kValue, kOut, kEmbedding = 16 };

/// Values set by hand stay where nothing after them can overflow.
constexpr double kMostOverride = 1e6;

double two_decimals(double value) { return std::round(value * 100) / 100 + 0.0; }

Values normal_values(std::uint32_t seed, std::uint64_t stream, Size count, double deviation) {
    Random random(seed, stream);
    Values values(count);
    for (double& value : values) value = two_decimals(random.normal() * deviation);
    return values;
}

void check_model(const char* function, const LayerModel& o) {
    const int most_tokens = 64;
    require(!o.tokens.empty(), function, ": there is no token; type at least one character");
    require(o.tokens.size() <= most_tokens, function, ": at most ", most_tokens, " tokens fit, got ", o.tokens.size());
    for (int token : o.tokens) require(token >= 0, function, ": token ids must be at least 0, got ", token);
    require(o.d_model >= 2 && o.d_model <= 128, function, ": d_model must be from 2 to 128, got ", o.d_model);
    require(o.heads >= 1, function, ": heads must be at least 1, got ", o.heads);
    require(o.d_model % o.heads == 0, function, ": heads must divide d_model, got d_model ", o.d_model, " and heads ",
            o.heads);
    require(o.temperature >= 0.05 && o.temperature <= 20, function, ": temperature must be from 0.05 to 20, got ",
            o.temperature);
    require(o.theta > 1, function, ": theta must be above 1, got ", o.theta);
    require(!o.rope || o.d_model / o.heads % 2 == 0, function, ": RoPE turns pairs, so the head width must be even, got ",
            o.d_model / o.heads);
}

/// [T, H D] as [H, T, D].
Values split_heads(const Values& x, Size T, Size H, Size D) {
    Values y(x.size());
    for (Size t = 0; t < T; ++t) {
        for (Size h = 0; h < H; ++h) std::copy_n(&x[(t * H + h) * D], D, &y[(h * T + t) * D]);
    }
    return y;
}

/// The drawn numbers of a model.
struct Inputs {
    std::vector<int> embedding_rows;  // [T]
    Size distinct = 0;                // U
    Values embedding;                 // [U, C]
    Values w_q, w_k, w_v, w_o;        // [C, C]

    explicit Inputs(const LayerModel& o) {
        const Size C = static_cast<Size>(o.d_model);
        std::vector<int> seen;
        for (int token : o.tokens) {
            const auto place = std::find(seen.begin(), seen.end(), token);
            embedding_rows.push_back(static_cast<int>(place - seen.begin()));
            if (place != seen.end()) continue;
            seen.push_back(token);
            const Values row = normal_values(o.seed, kEmbedding + static_cast<std::uint64_t>(token), C, 1.0);
            embedding.insert(embedding.end(), row.begin(), row.end());
        }
        distinct = seen.size();
        const double deviation = 1.0 / std::sqrt(static_cast<double>(C));
        w_q = normal_values(o.seed, kQuery, C * C, deviation);
        w_k = normal_values(o.seed, kKey, C * C, deviation);
        w_v = normal_values(o.seed, kValue, C * C, deviation);
        w_o = normal_values(o.seed, kOut, C * C, deviation);
    }
};

Values multiply(const Values& a, const Values& b, Size m, Size k, Size n) {
    Values y(m * n);
    matmul(a.data(), b.data(), y.data(), m, k, n, k, n, n);
    return y;
}

/// x [.., T, D] rotated by the T positions.
Values rotate(const Values& x, const std::vector<double>& positions, Size D, double theta) {
    return turned_rows(x, positions, D, D, theta);
}

/// Fills a trace, setting the reader's overrides as the tensors come.
class Recorder {
public:
    Recorder(Trace& trace, const std::vector<Override>& overrides) : trace_(trace), overrides_(overrides) {}

    /// Adds the tensor and returns its values with the overrides in place.
    const Values& record(Node node) {
        for (const Override& o : overrides_) {
            if (o.tensor != node.label.name) continue;
            require(!node.compute, "attention_layer: ", node.label.name, " is read off the layer and cannot be set");
            require(std::fabs(o.value) <= kMostOverride, "attention_layer: an override must lie between ", -kMostOverride,
                    " and ", kMostOverride, ", got ", o.value);
            node.overrides.emplace_back(offset_of(node.label.name, node.shape, o.index), o.value);
        }
        trace_.add(std::move(node));
        return trace_.nodes().back().values;
    }

    void check_all_used() const {
        for (const Override& o : overrides_) {
            require(trace_.has(o.tensor), "attention_layer: an override names the tensor \"", o.tensor,
                    "\", which does not exist here");
        }
    }

private:
    Trace& trace_;
    const std::vector<Override>& overrides_;
};

Rule drawn(std::string words) {
    return [words = std::move(words)](const Index&, Pen& pen) { pen.input(words); };
}

}  // namespace

AttentionLayerResult attention_layer(const AttentionLayerOptions& o) {
    check_model(AttentionLayerOptions::kFunction, o);
    const Size T = o.tokens.size(), C = static_cast<Size>(o.d_model), H = static_cast<Size>(o.heads), D = C / H;
    require(o.valid.empty() || o.valid.size() == T, "attention_layer: valid needs one entry for each of the ", T,
            " tokens, got ", o.valid.size());
    AttentionLayerResult r;
    r.heads = o.heads;
    r.d_head = static_cast<int>(D);
    const Inputs inputs(o);
    r.embedding_rows = inputs.embedding_rows;
    Recorder recorder(r.trace, o.overrides);

    // 1. Tokens become rows of numbers.
    const std::string seeded =
        sentence("A seeded random number (seed ", o.seed, "), rounded to two decimals; no training has happened.");
    const Values embedding = recorder.record(
        {{"tokenEmbedding", "E", "embedding entry", "input", "U C"}, {inputs.distinct, C}, drawn(seeded), inputs.embedding});
    Values gathered;
    for (int row : inputs.embedding_rows) {
        const auto first = embedding.begin() + static_cast<std::ptrdiff_t>(static_cast<Size>(row) * C);
        gathered.insert(gathered.end(), first, first + static_cast<std::ptrdiff_t>(C));
    }
    const Rule gather = [rows = inputs.embedding_rows](const Index& at, Pen& pen) {
        pen.rule("The token's row of the embedding table, as it stands.", "X_{t} = E_{\\text{token}_t}");
        pen.scalar("E", "tokenEmbedding", {static_cast<Size>(rows[at[0]]), at[1]});
        pen.step("x", "looked up", "E");
    };
    const Values x = recorder.record({{"x", "X", "token vector entry", "residual", "T C"}, {T, C}, gather, gathered});

    // 2. Each row asks (q), offers (k) and carries (v).
    struct Projection {
        const char *weight, *weight_symbol, *weight_title, *name, *symbol, *role, *title;
        const Values& drawn_weights;
    };
    Values heads[3];
    const Projection projections[3] = {{"wQ", "W_Q", "query weight", "q", "Q", "q", "query entry", inputs.w_q},
                                       {"wK", "W_K", "key weight", "k", "K", "k", "key entry", inputs.w_k},
                                       {"wV", "W_V", "value weight", "v", "V", "v", "value entry", inputs.w_v}};
    for (const Projection& p : projections) {
        recorder.record(
            {{p.weight, p.weight_symbol, p.weight_title, p.role, "C C"}, {C, C}, drawn(seeded), p.drawn_weights});
    }
    for (int i = 0; i < 3; ++i) {
        const Projection& p = projections[i];
        const Values projected = multiply(x, r.trace.node(p.weight).values, T, C, C);
        heads[i] = recorder.record({{p.name, p.symbol, p.title, p.role, "H T D"},
                                    {H, T, D},
                                    projection_rule("x", p.weight, C, D),
                                    split_heads(projected, T, H, D)});
    }

    // 3. RoPE turns q and k, after the projection.
    const char *query_name = "q", *key_name = "k";
    if (o.rope) {
        Rotation turn{{}, D, o.theta};
        for (Size t = 0; t < T; ++t) turn.positions.push_back(static_cast<double>(t));
        heads[0] = recorder.record({{"qRotated", "Q'", "rotated query entry", "q", "H T D"},
                                    {H, T, D},
                                    rotation_rule("q", turn),
                                    rotate(heads[0], turn.positions, D, o.theta)});
        heads[1] = recorder.record({{"kRotated", "K'", "rotated key entry", "k", "H T D"},
                                    {H, T, D},
                                    rotation_rule("k", turn),
                                    rotate(heads[1], turn.positions, D, o.theta)});
        query_name = "qRotated";
        key_name = "kRotated";
    }
    const Values& k = heads[1];
    const Values& v = heads[2];

    // 4. Every query against every key, scaled, masked.
    Values raw(H * T * T);
    for (Size h = 0; h < H; ++h) matmul_transposed(&heads[0][h * T * D], &k[h * T * D], &raw[h * T * T], T, D, T, D, D, T);
    const Values scores = recorder.record(
        {{"scores", "S", "raw score", "scores", "H T S"}, {H, T, T}, score_rule(query_name, key_name, D), raw});
    const double root = o.scaled ? std::sqrt(static_cast<double>(D)) : 1.0;
    Values divided = scores;
    for (double& value : divided) value = value / root / o.temperature;
    const Rule scale = [D, root, scaled = o.scaled, temperature = o.temperature](const Index& at, Pen& pen) {
        pen.rule(scaled ? "The raw score, divided by the square root of the head width and by the temperature."
                        : "The raw score, divided by the temperature only: scaling is off.",
                 scaled ? "\\frac{q \\cdot k}{\\sqrt{d_k}\\,\\tau}" : "\\frac{q \\cdot k}{\\tau}");
        pen.scalar("s", "scores", at);
        if (scaled) pen.constant("r", sentence("square root of d_k = ", D), root);
        pen.constant("t", "temperature", temperature);
        pen.step("z", scaled ? "÷ √d_k ÷ temperature" : "÷ temperature", scaled ? "s / r / t" : "s / t");
    };
    const Values scaled =
        recorder.record({{"scaled", "S/√d", "scaled score", "scores", "H T S"}, {H, T, T}, scale, divided});
    MaskOptions mask_options;
    mask_options.queries = mask_options.keys = static_cast<int>(T);
    mask_options.valid = o.valid;
    mask_options.mask = sentence(o.causal ? "causal" : "none", o.valid.empty() ? "" : "&key_padding");
    Values mask_values = attention_mask(mask_options).allow.data;
    for (double& value : mask_values) value = value != 0 ? 0.0 : -kInfinity;
    const Rule mask_rule = [causal = o.causal, valid = o.valid](const Index& at, Pen& pen) {
        const bool future = causal && at[1] > at[0], padding = !valid.empty() && valid[at[1]] == 0;
        pen.input(future    ? "Minus infinity: the key comes after the query, and the mask is causal."
                  : padding ? "Minus infinity: the key is padding."
                            : "Zero: the query may see this key.");
    };
    const Values mask = recorder.record({{"mask", "M", "mask entry", "scores", "T S"}, {T, T}, mask_rule, mask_values});
    Values added = scaled;
    for (Size i = 0; i < added.size(); ++i) added[i] += mask[i % (T * T)];
    const Rule add_mask = [](const Index& at, Pen& pen) {
        pen.rule("The scaled score plus the mask: minus infinity removes the key.", "z + M");
        pen.scalar("z", "scaled", at);
        pen.scalar("M", "mask", {at[1], at[2]});
        pen.step("y", "+ mask", "z + M");
    };
    const Values masked =
        recorder.record({{"masked", "S+M", "masked score", "scores", "H T S"}, {H, T, T}, add_mask, added});

    // 5. Softmax, with its maximum, exponentials and denominator kept.
    const Size rows = H * T;
    Values most(rows, -kInfinity);
    for (Size i = 0; i < masked.size(); ++i) most[i / T] = std::max(most[i / T], masked[i]);
    const Values row_max =
        recorder.record({{"rowMax", "m", "row maximum", "scores", "H T"}, {H, T}, row_max_rule("masked", T), most});
    Values powers(masked.size());
    for (Size i = 0; i < masked.size(); ++i) powers[i] = std::isinf(masked[i]) ? 0.0 : std::exp(masked[i] - row_max[i / T]);
    const Values exponentials = recorder.record(
        {{"exponentials", "e", "exponential", "scores", "H T S"}, {H, T, T}, exponential_rule("masked", "rowMax"), powers});
    Values sums(rows, 0.0);
    for (Size i = 0; i < exponentials.size(); ++i) sums[i / T] += exponentials[i];
    const Values row_sum =
        recorder.record({{"rowSum", "Z", "row sum", "scores", "H T"}, {H, T}, row_sum_rule("exponentials", T), sums});
    Values shares(exponentials.size());
    for (Size i = 0; i < shares.size(); ++i) shares[i] = row_sum[i / T] == 0 ? 0.0 : exponentials[i] / row_sum[i / T];
    const Values weights = recorder.record({{"weights", "A", "attention weight", "weights", "H T S"},
                                            {H, T, T},
                                            normalise_rule("exponentials", "rowSum"),
                                            shares});

    // 6. How spread each row is.
    r.entropy = r.effective_keys = r.max_weight = Array<double>({H, T});
    for (Size i = 0; i < rows; ++i) {
        const double* row = &weights[i * T];
        r.entropy.data[i] = row_entropy(row, T);
        r.effective_keys.data[i] = std::exp(r.entropy.data[i]);
        r.max_weight.data[i] = *std::max_element(row, row + T);
    }
    recorder.record({{"entropy", "H", "row entropy", "weights", "H T"}, {H, T}, entropy_rule("weights", T), r.entropy.data});

    // 7. Values, mixed by the weights; heads side by side; W_O mixes the heads; the result joins the residual stream.
    Values mixed(H * T * D);
    for (Size h = 0; h < H; ++h) matmul(&weights[h * T * T], &v[h * T * D], &mixed[h * T * D], T, T, D, T, D, D);
    const Values head_outputs = recorder.record(
        {{"headOutputs", "O", "head output entry", "v", "H T D"}, {H, T, D}, weighted_sum_rule("weights", "v", T), mixed});
    Values side_by_side(T * C);
    for (Size h = 0; h < H; ++h) {
        for (Size t = 0; t < T; ++t) std::copy_n(&head_outputs[(h * T + t) * D], D, &side_by_side[t * C + h * D]);
    }
    const Rule join = [D](const Index& at, Pen& pen) {
        pen.rule(sentence("The heads' outputs side by side: this column belongs to head ", at[1] / D + 1, "."),
                 "\\operatorname{concat}(O_1, \\dots, O_H)");
        pen.scalar("o", "headOutputs", {at[1] / D, at[0], at[1] % D});
        pen.step("y", "copied", "o");
    };
    const Values concatenated =
        recorder.record({{"concatenated", "concat(O)", "joined head output", "v", "T C"}, {T, C}, join, side_by_side});
    const Values w_o =
        recorder.record({{"wO", "W_O", "output weight", "residual", "C C"}, {C, C}, drawn(seeded), inputs.w_o});
    const Values output = recorder.record({{"output", "Y", "attention output entry", "residual", "T C"},
                                           {T, C},
                                           matmul_rule("concatenated", "wO", C),
                                           multiply(concatenated, w_o, T, C, C)});
    Values total = x;
    for (Size i = 0; i < total.size(); ++i) total[i] += output[i];
    recorder.record(
        {{"residual", "X + Y", "residual stream entry", "residual", "T C"}, {T, C}, add_rule("x", "output"), total});

    // 8. What one token adds to another's output, through all heads. Asked for row by row, so not kept.
    struct Kept {
        Values weights, v, w_o;
    };
    const auto kept = std::make_shared<const Kept>(Kept{weights, v, w_o});
    const auto contribution = [kept, T, C, D](const Index& at) {
        double sum = 0;
        for (Size n = 0; n < C; ++n) {
            const Size h = n / D;
            sum +=
                kept->weights[(h * T + at[0]) * T + at[1]] * kept->v[(h * T + at[1]) * D + n % D] * kept->w_o[n * C + at[2]];
        }
        return sum;
    };
    const Rule contribution_rule = [C, D](const Index& at, Pen& pen) {
        pen.rule(
            "What one token adds to one entry of another's output: in each head its weight times its value, carried through "
            "W_O. "
            "Over all tokens these sum to the output.",
            "\\sum_{h,d} A_{h,t,s} V_{h,s,d} (W_O)_{hD+d,c}");
        pen.vector("a", "weights", C, [&](Size n) { return Index{n / D, at[0], at[1]}; });
        pen.vector("v", "v", C, [&](Size n) { return Index{n / D, at[1], n % D}; });
        pen.vector("w", "wO", C, [&](Size n) { return Index{n, at[2]}; });
        pen.step("p", "weight × value × W_O", "a * v * w");
        pen.step("y", "sum over heads and features", "sum(p)");
    };
    recorder.record(
        {{"contributions", "Δ", "contribution", "residual", "T S C"}, {T, T, C}, contribution_rule, {}, contribution, {}});
    const Rule sum_rule = [T](const Index& at, Pen& pen) {
        pen.rule("The contributions of all tokens, added up: the output again.", "\\sum_s \\Delta_{t,s,c}");
        pen.vector("d", "contributions", T, [&](Size s) { return Index{at[0], s, at[1]}; });
        pen.step("y", "sum over tokens", "sum(d)");
    };
    const auto sum = [contribution, T](const Index& at) {
        double total_sum = 0;
        for (Size s = 0; s < T; ++s) total_sum += contribution({at[0], s, at[1]});
        return total_sum;
    };
    recorder.record(
        {{"contributionSum", "ΣΔ", "sum of the contributions", "residual", "T C"}, {T, C}, sum_rule, {}, sum, {}});
    const Rule length_rule = [C](const Index& at, Pen& pen) {
        pen.rule("The length of one token's contribution: how much it moves the output, over all features.",
                 "\\sqrt{\\sum_c \\Delta_{t,s,c}^2}");
        pen.vector("d", "contributions", C, [&](Size c) { return Index{at[0], at[1], c}; });
        pen.step("p", "squares", "d * d");
        pen.step("y", "square root of their sum", "sqrt(sum(p))");
    };
    const auto length = [contribution, C](const Index& at) {
        double squares = 0;
        for (Size c = 0; c < C; ++c) {
            const double one = contribution({at[0], at[1], c});
            squares += one * one;
        }
        return std::sqrt(squares);
    };
    recorder.record({{"contributionLengths", "|Δ|", "length of a contribution", "residual", "T S"},
                     {T, T},
                     length_rule,
                     {},
                     length,
                     {}});
    recorder.check_all_used();
    return r;
}

CachedDecodeResult cached_decode(const CachedDecodeOptions& o) {
    check_model(CachedDecodeOptions::kFunction, o);
    AttentionLayerOptions whole;
    static_cast<LayerModel&>(whole) = o;
    const Array<double> full = attention_layer(whole).trace.tensor("output");
    const Size T = o.tokens.size(), C = static_cast<Size>(o.d_model), H = static_cast<Size>(o.heads), D = C / H;
    const Inputs inputs(o);
    CachedDecodeResult result;
    result.output = Array<double>({T, C});
    std::vector<Values> keys(H), values(H);  // the cache: [t + 1, D] for each head
    const double sharpen = (o.scaled ? std::sqrt(static_cast<double>(D)) : 1.0) * o.temperature;
    for (Size t = 0; t < T; ++t) {
        // 1. Only the new token is projected.
        const auto first =
            inputs.embedding.begin() + static_cast<std::ptrdiff_t>(static_cast<Size>(inputs.embedding_rows[t]) * C);
        const Values x(first, first + static_cast<std::ptrdiff_t>(C));
        Values q = multiply(x, inputs.w_q, 1, C, C), k = multiply(x, inputs.w_k, 1, C, C);
        const Values v = multiply(x, inputs.w_v, 1, C, C);
        if (o.rope) {
            q = rotate(q, {static_cast<double>(t)}, D, o.theta);
            k = rotate(k, {static_cast<double>(t)}, D, o.theta);
        }
        // 2. Its key and value join the cache; its query reads all of it.
        const Size length = t + 1;
        Values joined(C);
        for (Size h = 0; h < H; ++h) {
            keys[h].insert(keys[h].end(), &k[h * D], &k[h * D] + D);
            values[h].insert(values[h].end(), &v[h * D], &v[h * D] + D);
            Values weights(length);
            matmul_transposed(&q[h * D], keys[h].data(), weights.data(), 1, D, length, D, D, length);
            double most = -kInfinity, sum = 0;
            for (double& value : weights) most = std::max(most, value /= sharpen);
            for (double& value : weights) sum += value = std::exp(value - most);
            for (double& value : weights) value /= sum;
            matmul(weights.data(), values[h].data(), &joined[h * D], 1, length, D, length, D, D);
        }
        const Values output = multiply(joined, inputs.w_o, 1, C, C);
        // 3. The same row as in the full pass?
        CachedStep step;
        step.token = static_cast<int>(t);
        const double n = static_cast<double>(length), c = static_cast<double>(C);
        step.multiply_adds_cached = 4 * c * c + 2 * n * c;
        step.multiply_adds_full = 4 * n * c * c + 2 * n * n * c;
        step.cache_floats = static_cast<int>(2 * length * C);
        for (Size i = 0; i < C; ++i)
            step.max_difference = std::max(step.max_difference, std::fabs(output[i] - full.row(t)[i]));
        result.max_difference = std::max(result.max_difference, step.max_difference);
        std::copy(output.begin(), output.end(), result.output.row(t));
        result.steps.push_back(step);
    }
    return result;
}

}  // namespace clearformer
