#include "clearformer/train/tiny_gpt.hpp"

#include <cmath>

#include "clearformer/attention/causal_head.hpp"
#include "clearformer/ops/embedding_backward.hpp"
#include "clearformer/ops/finite.hpp"
#include "clearformer/ops/linear_backward.hpp"
#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/train/traces.hpp"

namespace clearformer {
namespace {

constexpr int kIgnored = -100;

template <class Real>
struct LayerSlot {
    const char* name;
    Real* TinyGptLayer<Real>::*member;
};

template <class Real>
constexpr LayerSlot<Real> kLayerSlots[] = {
    {"ln1_g", &TinyGptLayer<Real>::ln1_g},   {"ln1_b", &TinyGptLayer<Real>::ln1_b},
    {"attn_w", &TinyGptLayer<Real>::attn_w}, {"attn_b", &TinyGptLayer<Real>::attn_b},
    {"proj_w", &TinyGptLayer<Real>::proj_w}, {"proj_b", &TinyGptLayer<Real>::proj_b},
    {"ln2_g", &TinyGptLayer<Real>::ln2_g},   {"ln2_b", &TinyGptLayer<Real>::ln2_b},
    {"fc_w", &TinyGptLayer<Real>::fc_w},     {"fc_b", &TinyGptLayer<Real>::fc_b},
    {"fc2_w", &TinyGptLayer<Real>::fc2_w},   {"fc2_b", &TinyGptLayer<Real>::fc2_b},
};

std::string in_layer(Size index, const char* name) { return sentence("h", index, "_", name); }

template <class Real>
void add_to(std::vector<Real>& sum, const std::vector<Real>& more) {
    clearformer::add_to(sum.data(), more.data(), sum.size());
}

}  // namespace

std::vector<TinyGptSlot> tiny_gpt_slots(const TinyGptConfig& c) {
    std::vector<TinyGptSlot> slots;
    Size offset = 0;
    const auto add = [&](bool there, std::string name, const Shape& shape) {
        if (!there) return;
        slots.push_back({std::move(name), shape, offset, entries(shape)});
        offset += slots.back().count;
    };
    const Size C = c.width, F = c.hidden, V = c.vocabulary;
    add(true, "wte", {V, C});
    add(c.positions > 0, "wpe", {c.positions, C});
    for (Size l = 0; l < c.layers; ++l) {
        add(true, in_layer(l, "ln1_g"), {C});
        add(c.norm_biases, in_layer(l, "ln1_b"), {C});
        add(true, in_layer(l, "attn_w"), {3 * C, C});
        add(c.linear_biases, in_layer(l, "attn_b"), {3 * C});
        add(true, in_layer(l, "proj_w"), {C, C});
        add(c.linear_biases, in_layer(l, "proj_b"), {C});
        add(true, in_layer(l, "ln2_g"), {C});
        add(c.norm_biases, in_layer(l, "ln2_b"), {C});
        add(true, in_layer(l, "fc_w"), {F, C});
        add(c.linear_biases, in_layer(l, "fc_b"), {F});
        add(true, in_layer(l, "fc2_w"), {C, F});
        add(c.linear_biases, in_layer(l, "fc2_b"), {C});
    }
    add(c.final_norm, "lnf_g", {C});
    add(c.final_norm && c.norm_biases, "lnf_b", {C});
    add(!c.tied, "lm_head", {V, C});
    return slots;
}

template <class Real>
TinyGpt<Real>::TinyGpt(const TinyGptConfig& config)
    : config_(config), slots_(tiny_gpt_slots(config)), activation_(find_activation(config.activation)) {
    require(config.width > 0 && config.vocabulary > 0, "tiny_gpt: the width and the vocabulary must be at least 1, got ",
            config.width, " and ", config.vocabulary);
    require(config.heads > 0 && config.width % config.heads == 0, "tiny_gpt: heads must divide the width, got width ",
            config.width, " and heads ", config.heads);
    require(std::isfinite(config.eps) && config.eps >= 0, "tiny_gpt: eps must be at least 0, got ", config.eps);
    parameters_.resize(slots_.back().offset + slots_.back().count);
}

template <class Real>
Real* TinyGpt<Real>::slot(std::vector<Real>& values, const std::string& name) const {
    for (const TinyGptSlot& one : slots_) {
        if (one.name == name) return values.data() + one.offset;
    }
    return nullptr;
}

template <class Real>
TinyGptLayer<Real> TinyGpt<Real>::layer(std::vector<Real>& values, Size index) const {
    TinyGptLayer<Real> found{};
    for (const LayerSlot<Real>& one : kLayerSlots<Real>) found.*one.member = slot(values, in_layer(index, one.name));
    return found;
}

template <class Real>
void TinyGpt<Real>::normalise(const std::vector<Real>& x, const Real* gain, const Real* bias, std::vector<Real>& y) const {
    const Size C = config_.width;
    y.resize(x.size());
    for (Size i = 0; i < x.size(); i += C) {
        if (config_.rms) rms_norm_row(&x[i], gain, &y[i], C, config_.eps);
        else layer_norm_row(&x[i], gain, bias, &y[i], C, config_.eps);
    }
}

template <class Real>
void TinyGpt<Real>::normalise_backward(const std::vector<Real>& x, const Real* gain, const std::vector<Real>& dy,
                                       std::vector<Real>& dx, Real* d_gain, Real* d_bias) {
    const Size C = config_.width;
    row_.resize(C);
    for (Size i = 0; i < x.size(); i += C) {
        if (config_.rms) rms_norm_row_backward(&x[i], gain, &dy[i], row_.data(), d_gain, C, config_.eps);
        else layer_norm_row_backward(&x[i], gain, &dy[i], row_.data(), d_gain, d_bias, C, config_.eps);
        clearformer::add_to(&dx[i], row_.data(), C);
    }
}

template <class Real>
void TinyGpt<Real>::attend(Kept& kept, const TinyGptLayer<Real>& w) const {
    const Size C = config_.width, H = config_.heads, T = length_, rows = T * sequences_;
    kept.qkv.resize(rows * 3 * C);
    linear_rows(kept.attended.data(), w.attn_w, w.attn_b, kept.qkv.data(), rows, C, 3 * C);
    kept.weights.resize(sequences_ * H * T * T);
    kept.mixed.resize(rows * C);
    CausalHead<Real> attention(T, C / H);
    for (Size head = 0; head < sequences_ * H; ++head) {
        const Size first = head / H * T, column = head % H * (C / H);
        const Real* q = &kept.qkv[first * 3 * C + column];
        attention.forward({q, q + C, q + 2 * C, 3 * C}, &kept.weights[head * T * T], &kept.mixed[first * C + column], C);
    }
    kept.after_attention.resize(rows * C);
    linear_rows(kept.mixed.data(), w.proj_w, w.proj_b, kept.after_attention.data(), rows, C, C);
    add_to(kept.after_attention, kept.in);
}

template <class Real>
void TinyGpt<Real>::attend_backward(const Kept& kept, const TinyGptLayer<Real>& w, const std::vector<Real>& dy,
                                    const TinyGptLayer<Real>& g) {
    const Size C = config_.width, H = config_.heads, T = length_, rows = T * sequences_;
    d_mixed_.resize(rows * C);
    branch_.resize(rows * C);
    linear_rows_backward(kept.mixed.data(), w.proj_w, dy.data(), d_mixed_.data(), g.proj_w, g.proj_b, rows, C, C);
    CausalHead<Real> attention(T, C / H);
    for (Size head = 0; head < sequences_ * H; ++head) {
        const Size first = head / H * T, column = head % H * (C / H), at = first * 3 * C + column;
        const Real* q = &kept.qkv[at];
        Real* dq = &d_wide_[at];
        attention.backward({q, q + C, q + 2 * C, 3 * C}, &kept.weights[head * T * T], &d_mixed_[first * C + column], C,
                           {dq, dq + C, dq + 2 * C, 3 * C});
    }
    linear_rows_backward(kept.attended.data(), w.attn_w, d_wide_.data(), branch_.data(), g.attn_w, g.attn_b, rows, C, 3 * C);
}

template <class Real>
void TinyGpt<Real>::feed_forward(Kept& kept, const TinyGptLayer<Real>& w) const {
    const Size C = config_.width, F = config_.hidden, rows = length_ * sequences_;
    kept.before_activation.resize(rows * F);
    linear_rows(kept.normed.data(), w.fc_w, w.fc_b, kept.before_activation.data(), rows, C, F);
    kept.hidden.resize(rows * F);
    kept.slope.resize(rows * F);
    activation_rows(activation_, kept.before_activation.data(), kept.hidden.data(), kept.slope.data(), rows * F);
    kept.sum.resize(rows * C);
    linear_rows(kept.hidden.data(), w.fc2_w, w.fc2_b, kept.sum.data(), rows, F, C);
    add_to(kept.sum, config_.norm_first ? kept.after_attention : kept.normed);
}

template <class Real>
void TinyGpt<Real>::feed_forward_backward(const Kept& kept, const TinyGptLayer<Real>& w, const std::vector<Real>& dy,
                                          const TinyGptLayer<Real>& g) {
    const Size C = config_.width, F = config_.hidden, rows = length_ * sequences_;
    branch_.resize(rows * C);
    linear_rows_backward(kept.hidden.data(), w.fc2_w, dy.data(), d_wide_.data(), g.fc2_w, g.fc2_b, rows, F, C);
    multiply_by(d_wide_.data(), kept.slope.data(), rows * F);
    linear_rows_backward(kept.normed.data(), w.fc_w, d_wide_.data(), branch_.data(), g.fc_w, g.fc_b, rows, C, F);
}

template <class Real>
void TinyGpt<Real>::forward(const std::vector<int>& tokens, Size sequences) {
    require(!tokens.empty(), "tiny_gpt: there must be at least one token, got none");
    require(sequences > 0 && tokens.size() % sequences == 0, "tiny_gpt: sequences must divide the tokens, got ", sequences,
            " sequences and ", tokens.size(), " tokens");
    const Size C = config_.width, V = config_.vocabulary, T = tokens.size() / sequences, rows = tokens.size();
    require(config_.positions == 0 || T <= config_.positions, "tiny_gpt: there are ", config_.positions, " positions, got ",
            T, " tokens");
    check_bytes("tiny_gpt: the logits", {rows, V}, sizeof(Real));
    check_bytes("tiny_gpt: the attention weights", {std::max<Size>(config_.layers, 1), sequences, config_.heads, T, T},
                sizeof(Real));
    tokens_ = tokens;
    sequences_ = sequences;
    length_ = T;
    // 1. Tokens and positions.
    const Real *wte = slot(parameters_, "wte"), *wpe = slot(parameters_, "wpe");
    embedded_.resize(rows * C);
    for (Size r = 0; r < rows; ++r) {
        require(tokens[r] >= 0 && static_cast<Size>(tokens[r]) < V, "tiny_gpt: tokens must be at least 0 and below ", V,
                ", got ", tokens[r], " at position ", r);
        for (Size c = 0; c < C; ++c) {
            embedded_[r * C + c] = wte[static_cast<Size>(tokens[r]) * C + c] + (wpe ? wpe[r % T * C + c] : Real(0));
        }
    }
    // 2. The layers.
    kept_.resize(config_.layers);
    for (Size l = 0; l < config_.layers; ++l) {
        const TinyGptLayer<Real> w = layer(parameters_, l);
        Kept& kept = kept_[l];
        kept.in = l == 0 ? embedded_ : kept_[l - 1].out;
        if (config_.norm_first) normalise(kept.in, w.ln1_g, w.ln1_b, kept.attended);
        else kept.attended = kept.in;
        attend(kept, w);
        if (config_.norm_first) normalise(kept.after_attention, w.ln2_g, w.ln2_b, kept.normed);
        else normalise(kept.after_attention, w.ln1_g, w.ln1_b, kept.normed);
        feed_forward(kept, w);
        if (config_.norm_first) kept.out = kept.sum;
        else normalise(kept.sum, w.ln2_g, w.ln2_b, kept.out);
    }
    // 3. The head.
    const std::vector<Real>& last = kept_.empty() ? embedded_ : kept_.back().out;
    if (config_.final_norm) normalise(last, slot(parameters_, "lnf_g"), slot(parameters_, "lnf_b"), final_);
    else final_ = last;
    logits_.resize(rows * V);
    linear_rows<Real>(final_.data(), config_.tied ? wte : slot(parameters_, "lm_head"), nullptr, logits_.data(), rows, C, V);
}

template <class Real>
double TinyGpt<Real>::loss(const std::vector<int>& targets) {
    const Size V = config_.vocabulary, rows = tokens_.size();
    require(targets.size() == rows, "tiny_gpt: targets needs one token for each of the ", rows, " tokens, got ",
            targets.size());
    targets_ = targets;
    probabilities_.resize(rows * V);
    double sum = 0;
    Size counted = 0;
    for (Size r = 0; r < rows; ++r) {
        const int target = targets[r];
        require(target == kIgnored || (target >= 0 && static_cast<Size>(target) < V),
                "tiny_gpt: targets must be at least 0 and below ", V, ", or -100, got ", target, " at position ", r);
        const bool ignored = target == kIgnored;
        const double loss =
            cross_entropy_row(&logits_[r * V], &probabilities_[r * V], V, ignored ? 0 : static_cast<Size>(target));
        if (ignored) continue;
        sum += loss;
        ++counted;
    }
    return counted == 0 ? 0 : sum / static_cast<double>(counted);
}

template <class Real>
const std::vector<Real>& TinyGpt<Real>::backward() {
    const Size C = config_.width, V = config_.vocabulary, rows = tokens_.size();
    gradient_.assign(parameters_.size(), Real(0));
    // 1. Cross entropy and softmax together: probability minus target, over the targets that count.
    Size counted = 0;
    for (int target : targets_) counted += target != kIgnored;
    d_logits_.resize(rows * V);
    for (Size r = 0; r < rows; ++r) {
        const bool ignored = targets_[r] == kIgnored;
        const Real share = ignored ? Real(0) : Real(1) / static_cast<Real>(counted);
        for (Size v = 0; v < V; ++v) d_logits_[r * V + v] = probabilities_[r * V + v] * share;
        if (!ignored) d_logits_[r * V + static_cast<Size>(targets_[r])] -= share;
    }
    // 2. The head.
    const std::string head = config_.tied ? "wte" : "lm_head";
    branch_.resize(rows * C);
    dx_.assign(rows * C, Real(0));
    d_wide_.resize(rows * std::max(3 * C, config_.hidden));
    linear_rows_backward<Real>(final_.data(), slot(parameters_, head), d_logits_.data(), branch_.data(),
                               slot(gradient_, head), nullptr, rows, C, V);
    if (config_.final_norm) {
        normalise_backward(kept_.empty() ? embedded_ : kept_.back().out, slot(parameters_, "lnf_g"), branch_, dx_,
                           slot(gradient_, "lnf_g"), slot(gradient_, "lnf_b"));
    } else {
        dx_ = branch_;
    }
    // 3. The layers, from the last to the first. dx is the gradient of what the layer gave, then of what it took; branch_ what comes
    //    back through attention or the network.
    for (Size l = config_.layers; l-- > 0;) {
        const TinyGptLayer<Real> w = layer(parameters_, l), g = layer(gradient_, l);
        const Kept& kept = kept_[l];
        if (config_.norm_first) {
            feed_forward_backward(kept, w, dx_, g);
            normalise_backward(kept.after_attention, w.ln2_g, branch_, dx_, g.ln2_g, g.ln2_b);
            attend_backward(kept, w, dx_, g);
            normalise_backward(kept.in, w.ln1_g, branch_, dx_, g.ln1_g, g.ln1_b);
            continue;
        }
        before_.assign(rows * C, Real(0));
        normalise_backward(kept.sum, w.ln2_g, dx_, before_, g.ln2_g, g.ln2_b);
        feed_forward_backward(kept, w, before_, g);
        add_to(before_, branch_);
        std::fill(dx_.begin(), dx_.end(), Real(0));
        normalise_backward(kept.after_attention, w.ln1_g, before_, dx_, g.ln1_g, g.ln1_b);
        attend_backward(kept, w, dx_, g);
        add_to(dx_, branch_);
    }
    // 4. The tables.
    embedding_rows_backward(tokens_.data(), dx_.data(), slot(gradient_, "wte"), rows, C);
    if (Real* d_positions = slot(gradient_, "wpe")) {
        for (Size r = 0; r < rows; ++r) clearformer::add_to(d_positions + r % length_ * C, &dx_[r * C], C);
    }
    return gradient_;
}

template class TinyGpt<float>;
template class TinyGpt<double>;

namespace {

/// The extent of one axis of a parameter that must be there.
Size extent(const char* function, const TinyGptOptions& o, const std::string& name, Size axis) {
    const Array<double>* tensor = find_tensor(o.parameters, name);
    require(tensor != nullptr, function, ": the parameter ", name, " is missing");
    require(tensor->rank() == 2, function, ": ", name, " must have two axes, got shape ", tensor->shape);
    return tensor->shape[axis];
}

TinyGptConfig config_of(const char* function, const TinyGptOptions& o) {
    require(o.heads >= 1, function, ": heads must be at least 1, got ", o.heads);
    require(o.normalisation == "layer_norm" || o.normalisation == "rms_norm", function,
            ": normalisation must be layer_norm or rms_norm, got \"", o.normalisation, "\"");
    const auto has = [&](const std::string& name) { return find_tensor(o.parameters, name) != nullptr; };
    TinyGptConfig c;
    while (has(in_layer(c.layers, "fc_w"))) ++c.layers;
    c.heads = static_cast<Size>(o.heads);
    c.vocabulary = extent(function, o, "wte", 0);
    c.width = extent(function, o, "wte", 1);
    c.positions = has("wpe") ? extent(function, o, "wpe", 0) : 0;
    c.hidden = c.layers > 0 ? extent(function, o, "h0_fc_w", 0) : 0;
    c.linear_biases = has("h0_attn_b");
    c.norm_biases = has("lnf_b") || has("h0_ln1_b");
    c.final_norm = has("lnf_g");
    c.tied = !has("lm_head");
    c.norm_first = o.norm_first;
    c.rms = o.normalisation == "rms_norm";
    c.eps = o.eps;
    c.activation = o.activation;
    require(!c.rms || !c.norm_biases, function, ": rms_norm has no biases, got ", has("lnf_b") ? "lnf_b" : "h0_ln1_b");
    return c;
}

}  // namespace

TinyGpt<double> tiny_gpt_model(const char* function, const TinyGptOptions& o) {
    check_distinct(function, "parameters", o.parameters);
    TinyGpt<double> model(config_of(function, o));
    for (const TinyGptSlot& slot : model.slots()) {
        const Array<double>* tensor = find_tensor(o.parameters, slot.name);
        require(tensor != nullptr, function, ": the parameter ", slot.name, " is missing");
        require(tensor->shape == slot.shape, function, ": ", slot.name, " must have the shape ", slot.shape, ", got ",
                tensor->shape);
        std::copy(tensor->data.begin(), tensor->data.end(),
                  model.parameters().begin() + static_cast<std::ptrdiff_t>(slot.offset));
    }
    for (const NamedTensor& one : o.parameters) {
        const auto same = [&](const TinyGptSlot& slot) { return slot.name == one.name; };
        require(std::any_of(model.slots().begin(), model.slots().end(), same), function, ": the model has no parameter \"",
                one.name, "\"");
    }
    require(o.sequences >= 1, function, ": sequences must be at least 1, got ", o.sequences);
    return model;
}

TinyGptResult tiny_gpt(const TinyGptOptions& o) {
    TinyGpt<double> model = tiny_gpt_model("tiny_gpt", o);
    model.forward(o.tokens, static_cast<Size>(o.sequences));
    const TinyGptConfig& c = model.config();
    const Size B = static_cast<Size>(o.sequences), T = o.tokens.size() / B;
    TinyGptResult r;
    r.logits = Array<double>({o.tokens.size(), c.vocabulary}, model.logits());
    check_finite("tiny_gpt", "logits", r.logits);
    std::vector<double> weights;
    for (const auto& kept : model.kept()) weights.insert(weights.end(), kept.weights.begin(), kept.weights.end());
    const Shape shape = B == 1 ? Shape{c.layers, c.heads, T, T} : Shape{c.layers, B, c.heads, T, T};
    r.weights = Array<double>(shape, std::move(weights));
    if (!o.targets.empty()) {
        r.loss = model.loss(o.targets);
        check_finite("tiny_gpt", "loss", &*r.loss, 1);
        const std::vector<double> gradient = model.backward();
        check_finite("tiny_gpt", "the gradients", gradient.data(), gradient.size());
        for (const TinyGptSlot& slot : model.slots()) {
            const auto first = gradient.begin() + static_cast<std::ptrdiff_t>(slot.offset);
            r.gradients.push_back(
                {slot.name,
                 Array<double>(slot.shape, std::vector<double>(first, first + static_cast<std::ptrdiff_t>(slot.count)))});
        }
    }
    if (o.trace) r.trace = tiny_gpt_trace(model, o);
    return r;
}

}  // namespace clearformer
