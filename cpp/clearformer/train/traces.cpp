#include "clearformer/train/traces.hpp"

#include <cmath>
#include <memory>

#include "clearformer/attention/rules.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax_record.hpp"
#include "clearformer/train/rules.hpp"

namespace clearformer {
namespace {

using Values = std::vector<double>;

Shape without_last(Shape shape) {
    shape.pop_back();
    return shape;
}

/// Softmax of the tensor `x` along its last axis, in four tensors called prefix + rowMax, exponentials, rowSum, and `result`.
void add_softmax(Trace& trace, const char* x, const std::string& prefix, const char* result, const char* letters,
                 const char* row_letters, const char* role) {
    const bool attention = role[0] == 'w';
    record_softmax(trace, x,
                   {{trace.own(prefix + "rowMax"), "m", "row maximum", "scores", row_letters},
                    {trace.own(prefix + "exponentials"), "e", "exponential", "scores", letters},
                    {trace.own(prefix + "rowSum"), "Z", "row sum", "scores", row_letters},
                    {result, attention ? "A" : "p", attention ? "attention weight" : "probability", role, letters}});
}

/// From the tensor `logits` on: probabilities, losses, their mean, and its gradient.
void add_cross_entropy(Trace& trace, const CrossEntropyOptions& o, const CrossEntropyResult& r) {
    AskedClasses asked{o.targets,
                       o.ignore_index,
                       o.label_smoothing,
                       o.logits.width(),
                       static_cast<double>(std::max(r.counted, 1)),
                       without_last(o.logits.shape)};
    add_softmax(trace, "logits", "", "probabilities", ".. V", "..", "scores");
    trace.add({{"losses", "ℓ", "loss of a row", "scores", ".."},
               asked.shape,
               loss_rule("logits", "rowMax", "rowSum", asked),
               r.losses.data});
    trace.add({{"loss", "L", "mean loss", "scores", ""}, {}, mean_loss_rule("losses", asked), {r.loss}});
    trace.add({{"dLogits", "∂L/∂x", "gradient of a logit", "scores", ".. V"},
               o.logits.shape,
               logits_gradient_rule("probabilities", asked),
               r.d_logits.data});
}

/// Records a forward pass.
class Recorder {
public:
    Recorder(const TinyGpt<double>& model, const TinyGptOptions& o) : model_(model), c_(model.config()), o_(o) {}

    Trace record();

private:
    const char* name(const std::string& rest) { return trace_.own(prefix_ + rest); }
    /// A parameter of the layer, or null where the model has none.
    const char* parameter(const std::string& rest) const {
        const std::string full = prefix_ + rest;
        return trace_.has(full) ? trace_.node(full).label.name : nullptr;
    }
    const char* add(const std::string& rest, const char* symbol, const char* title, const char* role, const char* letters,
                    Shape shape, Rule rule, Values values) {
        const char* known = name(rest);
        trace_.add({{known, symbol, title, role, letters}, std::move(shape), std::move(rule), std::move(values)});
        return known;
    }
    void add_parameters();
    const char* add_norm(const std::string& norm, const char* x, const Values& y);
    const char* add_attention(const char* x, const TinyGpt<double>::Kept& kept);
    const char* add_feed_forward(const char* x, const TinyGpt<double>::Kept& kept);
    const char* add_rows(const std::string& rest, const char* symbol, const char* title, const char* role, Rule rule,
                         Values values) {
        const Size width = values.size() / T_;
        return add(rest, symbol, title, role, width == c_.width ? "T C" : "T F", {T_, width}, std::move(rule),
                   std::move(values));
    }

    const TinyGpt<double>& model_;
    const TinyGptConfig& c_;
    const TinyGptOptions& o_;
    Trace trace_;
    std::string prefix_;
    Size T_ = 0;
};

void Recorder::add_parameters() {
    for (const TinyGptSlot& slot : model_.slots()) {
        const auto first = model_.parameters().begin() + static_cast<std::ptrdiff_t>(slot.offset);
        const bool table = slot.shape.size() == 2;
        add(
            slot.name, "θ", "parameter", "input", table ? "N C" : "C", slot.shape,
            [](const Index&, Pen& pen) { pen.input("A parameter of the model: given, and changed by training."); },
            Values(first, first + static_cast<std::ptrdiff_t>(slot.count)));
    }
}

const char* Recorder::add_norm(const std::string& norm, const char* x, const Values& y) {
    const Size C = c_.width;
    const Array<double> rows({T_, C}, trace_.node(x).values);
    const char* normalised = name(norm + "_normalised");
    if (c_.rms) {
        RmsNormOptions<double> o;
        o.x = rows;
        o.eps = c_.eps;
        RmsNormResult<double> r = rms_norm(o);
        const char* rms = add(norm + "_rms", "r", "root mean square", "residual", "T", {T_}, rms_rule(x, C, c_.eps),
                              std::move(r.rms.data));
        add_rows(norm + "_normalised", "n", "normalised entry", "residual", rms_normalised_rule(x, rms),
                 std::move(r.y.data));
    } else {
        LayerNormOptions<double> o;
        o.x = rows;
        o.eps = c_.eps;
        LayerNormResult<double> r = layer_norm(o);
        const char* mean =
            add(norm + "_mean", "μ", "row mean", "residual", "T", {T_}, mean_rule(x, C), std::move(r.mean.data));
        const char* variance = add(norm + "_variance", "σ²", "row variance", "residual", "T", {T_},
                                   variance_rule(x, mean, C), std::move(r.variance.data));
        add_rows(norm + "_normalised", "n", "normalised entry", "residual", normalised_rule(x, mean, variance, c_.eps),
                 std::move(r.y.data));
    }
    return add_rows(norm, "x̂", "scaled and shifted entry", "residual",
                    affine_rule(normalised, parameter(norm + "_g"), parameter(norm + "_b")), y);
}

const char* Recorder::add_attention(const char* x, const TinyGpt<double>::Kept& kept) {
    const Size C = c_.width, H = c_.heads, D = C / H;
    const double scale = 1.0 / std::sqrt(static_cast<double>(D));
    // 1. Queries, keys and values, head by head.
    struct Part {
        const char *name, *symbol, *title;
    };
    constexpr Part kParts[3] = {{"q", "Q", "query entry"}, {"k", "K", "key entry"}, {"v", "V", "value entry"}};
    const char* heads[3];
    Values parts[3];
    for (Size p = 0; p < 3; ++p) {
        parts[p].resize(T_ * C);
        for (Size i = 0; i < T_ * C; ++i) {
            const Size h = i / (T_ * D), t = i / D % T_;
            parts[p][i] = kept.qkv[t * 3 * C + p * C + h * D + i % D];
        }
        heads[p] = add(kParts[p].name, kParts[p].symbol, kParts[p].title, kParts[p].name, "H T D", {H, T_, D},
                       packed_projection_rule(x, name("attn_w"), parameter("attn_b"), p, C, D), parts[p]);
    }
    // 2. Every query against the keys that it may see.
    Values raw(H * T_ * T_), mixed(H * T_ * D);
    for (Size h = 0; h < H; ++h) {
        matmul_transposed(&parts[0][h * T_ * D], &parts[1][h * T_ * D], &raw[h * T_ * T_], T_, D, T_, D, D, T_);
    }
    const Shape square{H, T_, T_};
    const char* scores = add("scores", "S", "raw score", "scores", "H T S", square, score_rule(heads[0], heads[1], D), raw);
    for (double& value : raw) value *= scale;
    const char* scaled = add("scaled", "S/√d", "scaled score", "scores", "H T S", square,
                             scale_rule(scores, scale, "one divided by the square root of the head width"), raw);
    for (Size i = 0; i < raw.size(); ++i) {
        if (i % T_ > i / T_ % T_) raw[i] = -kInfinity;
    }
    const char* masked =
        add("masked", "S+M", "masked score", "scores", "H T S", square, causal_rule(scaled), std::move(raw));
    const char* weights = name("weights");
    add_softmax(trace_, masked, prefix_, weights, "H T S", "H T", "weights");
    // 3. The values, mixed by the weights; heads side by side; the output projection; the residual sum.
    for (Size i = 0; i < mixed.size(); ++i) mixed[i] = kept.mixed[i / D % T_ * C + i / (T_ * D) * D + i % D];
    const char* outputs = add("headOutputs", "O", "head output entry", "v", "H T D", {H, T_, D},
                              weighted_sum_rule(weights, heads[2], T_), std::move(mixed));
    const char* joined = add_rows("concatenated", "concat(O)", "joined head output", "v", join_rule(outputs, D), kept.mixed);
    Values projected(T_ * C);
    const char* bias = parameter("proj_b");
    linear_rows(kept.mixed.data(), trace_.node(name("proj_w")).values.data(),
                bias ? trace_.node(bias).values.data() : nullptr, projected.data(), T_, C, C);
    return add_rows("attention", "Y", "attention output entry", "residual", linear_rule(joined, name("proj_w"), bias, C),
                    std::move(projected));
}

const char* Recorder::add_feed_forward(const char* x, const TinyGpt<double>::Kept& kept) {
    const char* wide = add_rows("fc", "u", "feed-forward entry before the activation", "mlp",
                                linear_rule(x, name("fc_w"), parameter("fc_b"), c_.width), kept.before_activation);
    const char* hidden = add_rows("hidden", "a", "feed-forward entry after the activation", "mlp",
                                  activation_rule(wide, c_.activation), kept.hidden);
    const char* bias = parameter("fc2_b");
    Values y(T_ * c_.width);
    linear_rows(kept.hidden.data(), trace_.node(name("fc2_w")).values.data(),
                bias ? trace_.node(bias).values.data() : nullptr, y.data(), T_, c_.hidden, c_.width);
    return add_rows("fc2", "y", "feed-forward output entry", "residual", linear_rule(hidden, name("fc2_w"), bias, c_.hidden),
                    std::move(y));
}

Trace Recorder::record() {
    T_ = o_.tokens.size();
    require(o_.sequences == 1, "tiny_gpt: a trace holds one sequence, got ", o_.sequences);
    require(T_ <= 256, "tiny_gpt: a trace holds at most 256 tokens, got ", T_);
    add_parameters();
    const char* x = add_rows("embedded", "X", "token vector entry", "residual",
                             embedding_rule("wte", trace_.has("wpe") ? "wpe" : nullptr, o_.tokens), model_.embedded());
    for (Size l = 0; l < c_.layers; ++l) {
        const TinyGpt<double>::Kept& kept = model_.kept()[l];
        prefix_ = sentence("h", l, "_");
        const char* attended = c_.norm_first ? add_norm("ln1", x, kept.attended) : x;
        const char* attention = add_attention(attended, kept);
        const char* after = add_rows("afterAttention", "X", "residual stream entry", "residual", add_rule(x, attention),
                                     kept.after_attention);
        const char* normed = add_norm(c_.norm_first ? "ln2" : "ln1", after, kept.normed);
        const char* y = add_feed_forward(normed, kept);
        x = add_rows(c_.norm_first ? "out" : "sum", "X", "residual stream entry", "residual",
                     add_rule(c_.norm_first ? after : normed, y), kept.sum);
        if (!c_.norm_first) x = add_norm("ln2", x, kept.out);
    }
    prefix_.clear();
    if (c_.final_norm) x = add_norm("lnf", x, model_.final_rows());
    const Size V = c_.vocabulary;
    add("logits", "z", "logit", "scores", "T V", {T_, V}, linear_rule(x, c_.tied ? "wte" : "lm_head", nullptr, c_.width),
        model_.logits());
    if (!o_.targets.empty()) {
        CrossEntropyOptions options;
        options.logits = Array<double>({T_, V}, model_.logits());
        options.targets = o_.targets;
        add_cross_entropy(trace_, options, cross_entropy(options));
    }
    return std::move(trace_);
}

}  // namespace

Trace cross_entropy_trace(const CrossEntropyOptions& o, const CrossEntropyResult& r) {
    Trace trace;
    trace.add({{"logits", "x", "logit", "scores", ".. V"},
               o.logits.shape,
               [](const Index&, Pen& pen) { pen.input("A logit: given."); },
               o.logits.data});
    add_cross_entropy(trace, o, r);
    return trace;
}

Trace tiny_gpt_trace(const TinyGpt<double>& model, const TinyGptOptions& options) {
    return Recorder(model, options).record();
}

}  // namespace clearformer
