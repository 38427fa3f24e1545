#pragma once

// A small GPT, forward and backward: every gradient is assembled from the operations' own backward kernels.
//
// Parameters go by name, layouts as in PyTorch (weights [out, in]). C width, F feed-forward width, V vocabulary, N positions:
//
//     wte [V, C]                 token embedding, and the output head unless lm_head is given
//     wpe [N, C]                 learned positions; may be left out
//     h0_ln1_g, h0_ln1_b [C]     normalisation of layer 0 before attention (after it with norm_first false)
//     h0_attn_w [3 C, C], h0_attn_b [3 C]     queries, keys, values: rows q, then k, then v
//     h0_proj_w [C, C], h0_proj_b [C]         output projection of attention
//     h0_ln2_g, h0_ln2_b [C]     normalisation before the feed-forward network
//     h0_fc_w [F, C], h0_fc_b [F], h0_fc2_w [C, F], h0_fc2_b [C]
//     h1_..                      the further layers
//     lnf_g, lnf_b [C]           final normalisation; both may be left out
//     lm_head [V, C]             an untied output head; may be left out
//
// The biases of the linear layers (all of them) and those of the normalisations (all of them) may be left out.

#include "clearformer/ops/activation.hpp"
#include "clearformer/trace.hpp"
#include "clearformer/train/named.hpp"

namespace clearformer {

/// The shape of a model and its choices.
struct TinyGptConfig {
    Size layers = 0, heads = 1, width = 0, hidden = 0, vocabulary = 0, positions = 0;
    bool linear_biases = true, norm_biases = true, final_norm = true, tied = true;
    bool norm_first = true, rms = false;
    double eps = 1e-5;
    std::string activation = "gelu_tanh";
};

/// One parameter: its name and shape, and where its entries begin in one long vector.
struct TinyGptSlot {
    std::string name;
    Shape shape;
    Size offset, count;
};

/// The parameters of a model in the order above.
std::vector<TinyGptSlot> tiny_gpt_slots(const TinyGptConfig& config);

/// The weights of one layer, or their gradients; null where the model has none.
template <class Real>
struct TinyGptLayer {
    Real *ln1_g, *ln1_b, *attn_w, *attn_b, *proj_w, *proj_b, *ln2_g, *ln2_b, *fc_w, *fc_b, *fc2_w, *fc2_b;
};

/// A model on rows: B sequences of T tokens each, one after another. Holds what the forward pass leaves for the backward one. In double
/// the plain loops, in float the SIMD kernels; steps on as many tokens as before allocate next to nothing.
template <class Real>
class TinyGpt {
public:
    /// Throws DomainError where heads do not divide the width, or for an unknown activation.
    explicit TinyGpt(const TinyGptConfig& config);

    const TinyGptConfig& config() const { return config_; }
    const std::vector<TinyGptSlot>& slots() const { return slots_; }
    std::vector<Real>& parameters() { return parameters_; }
    const std::vector<Real>& parameters() const { return parameters_; }

    /// What one layer computed, with R = B T rows. Where norm_first is false, `attended` is `in` and `out` is normalised.
    struct Kept {
        std::vector<Real> in, attended, qkv, weights, mixed, after_attention, normed, before_activation, hidden, sum, out;
        std::vector<Real> slope;  // of the activation, at before_activation
    };

    /// Throws DomainError for tokens outside the vocabulary, and for more tokens than positions.
    void forward(const std::vector<int>& tokens, Size sequences);
    /// Mean cross entropy in nats over the targets that are not -100, from the last forward pass.
    double loss(const std::vector<int>& targets);
    /// The gradient of that loss, in the order of the parameters, after forward and loss. Overwritten by the next call.
    const std::vector<Real>& backward();

    const std::vector<Real>& embedded() const { return embedded_; }
    const std::vector<Kept>& kept() const { return kept_; }
    const std::vector<Real>& final_rows() const { return final_; }
    const std::vector<Real>& logits() const { return logits_; }
    const std::vector<Real>& probabilities() const { return probabilities_; }

private:
    Real* slot(std::vector<Real>& values, const std::string& name) const;
    TinyGptLayer<Real> layer(std::vector<Real>& values, Size index) const;
    void normalise(const std::vector<Real>& x, const Real* gain, const Real* bias, std::vector<Real>& y) const;
    /// dx += the gradient that dy sends back through a normalisation of x.
    void normalise_backward(const std::vector<Real>& x, const Real* gain, const std::vector<Real>& dy, std::vector<Real>& dx,
                            Real* d_gain, Real* d_bias);
    void attend(Kept& kept, const TinyGptLayer<Real>& weights) const;
    void feed_forward(Kept& kept, const TinyGptLayer<Real>& weights) const;
    /// branch_ = the gradient that dy sends back through attention, or through the network.
    void attend_backward(const Kept& kept, const TinyGptLayer<Real>& weights, const std::vector<Real>& dy,
                         const TinyGptLayer<Real>& gradients);
    void feed_forward_backward(const Kept& kept, const TinyGptLayer<Real>& weights, const std::vector<Real>& dy,
                               const TinyGptLayer<Real>& gradients);

    TinyGptConfig config_;
    std::vector<TinyGptSlot> slots_;
    ActivationFunction activation_;
    mutable std::vector<Real> parameters_;
    std::vector<int> tokens_, targets_;
    Size sequences_ = 1, length_ = 0;
    std::vector<Real> embedded_, final_, logits_, probabilities_;
    std::vector<Kept> kept_;
    // What backward works in, kept from step to step.
    std::vector<Real> gradient_, d_logits_, dx_, before_, branch_, d_wide_, d_mixed_, row_;
};

/// parameters: the list above, in any order. tokens: `sequences` sequences of the same length, one after another; targets: as
/// many, -100 where nothing is asked, or none for the forward pass alone. With `normalisation` "rms_norm" there are no
/// normalisation biases.
struct TinyGptOptions {
    static constexpr const char* kFunction = "tiny_gpt";
    std::vector<NamedTensor> parameters;
    std::vector<int> tokens, targets;
    int heads = 1;
    int sequences = 1;
    std::string activation = "gelu_tanh";
    std::string normalisation = "layer_norm";
    bool norm_first = true;
    double eps = 1e-5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("parameters", parameters);
        field.required("tokens", tokens);
        field.optional("targets", targets);
        field.required("heads", heads);
        field.optional("sequences", sequences);
        field.optional("activation", activation);
        field.optional("normalisation", normalisation);
        field.optional("norm_first", norm_first);
        field.optional("eps", eps);
        field.optional("trace", trace);
    }
};

struct TinyGptResult {
    Array<double> logits;                // [T, V], all sequences one after another
    Array<double> weights;               // [L, H, T, T] attention weights; [L, B, H, T, T] for several sequences
    std::optional<double> loss;          // nats, with targets
    std::vector<NamedTensor> gradients;  // of the loss, one per parameter, with targets
    std::optional<Trace> trace;          // of one sequence
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "T V");
        field.required("weights", weights, "..");
        field.optional("loss", loss);
        field.required("gradients", gradients);
        field.optional("trace", trace);
    }
};

/// Decoder-only transformer (Radford et al. 2018, section 3.1; normalisation first as in Radford et al. 2019, section 2.3):
/// x = wte[tokens] + wpe; in every layer x += proj(attention(norm(x))), x += fc2(activation(fc(norm(x)))); logits =
/// norm(x) headᵀ. Attention is causal with scale 1 / sqrt(C / H). The loss is the mean cross entropy of the targets. With
/// norm_first false the normalisations come after the sums, x = norm(x + ..), as in Vaswani et al. 2017. The gradient of a tied
/// wte has both of its parts. Throws DomainError for parameters that are missing, unknown or of another shape, heads that do
/// not divide C, tokens or targets outside the vocabulary, no tokens, and sequences that do not divide the tokens.
TinyGptResult tiny_gpt(const TinyGptOptions& options);

/// The configuration that a list of parameters has, and the model with them in place: what tiny_gpt starts from.
TinyGpt<double> tiny_gpt_model(const char* function, const TinyGptOptions& options);

}  // namespace clearformer
