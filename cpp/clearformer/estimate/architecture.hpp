#pragma once

// What a configuration describes: weight tensors, matrix products, attentions and norms, each with how often it occurs. A layout
// (layouts/) fills it; the inventory, memory, compute and time read it. No value here is derived twice. Texts are literals or the ledger's.

#include "clearformer/estimate/quantity.hpp"

#include <string>
#include <vector>

namespace clearformer::estimate {

/// What a tensor is for. Biases belong to the class of their weight.
enum class Class { kEmbedding, kPosition, kAttention, kFeedForward, kExpert, kShared, kRouter, kNorm, kHead, kOther };
inline constexpr Class kClasses[] = {Class::kEmbedding, Class::kPosition, Class::kAttention, Class::kFeedForward,
                                     Class::kExpert,    Class::kShared,   Class::kRouter,    Class::kNorm,
                                     Class::kHead,      Class::kOther};
/// "attention"; for sentences and names.
const char* class_name(Class kind);
/// "feed_forward", "shared_expert": a class as part of a name.
std::string class_key(Class kind);

/// Which rows pass through something.
enum class Stream {
    kTokens,   // the tokens of the language model, or of the only encoder there is
    kEncoder,  // the source tokens of an encoder-decoder
    kText,     // the text tower of a pair of towers
    kImage,    // patches of an image, counted by the layout
    kOnce      // one row per sequence or image: pooling, conditioning, a classifier
};

/// One extent, or two.
class TensorShape {
public:
    TensorShape() = default;
    TensorShape(Quantity first, Quantity second = {}) : extents_{first, second} {}
    std::size_t size() const { return extents_[1] ? 2 : 1; }
    Quantity operator[](std::size_t axis) const { return extents_[axis]; }
    const Quantity* begin() const { return extents_; }
    const Quantity* end() const { return extents_ + size(); }
    /// Their product.
    Quantity elements() const { return extents_[1] ? extents_[0] * extents_[1] : extents_[0]; }

private:
    Quantity extents_[2];
};

/// A weight tensor that occurs `repeat` times: once in each of so many layers, and for each expert.
struct WeightTensor {
    const char* name = "";  // as in published files; {i} counts layers, {e} experts
    Class kind = Class::kOther;
    TensorShape shape;
    Quantity repeat;
    Quantity active;                  // how many of them one token uses: repeat, but for experts layers × chosen
    Stream stream = Stream::kTokens;  // what passes through it
    bool looked_up = false;           // rows are picked, not multiplied
    bool matrix = false;              // a weight of two or more axes that is multiplied: what quantisation and Muon act on
    Quantity params;                  // repeat × shape, named
};

/// Rows times a weight matrix [out, in].
struct Product {
    const char *name = "", *title = "";
    Class kind = Class::kOther;
    Stream stream = Stream::kTokens;
    Quantity in, out, repeat;
    Quantity experts, chosen;  // none: every row uses the one matrix
    Quantity
        rows;  // rows of one sequence or image where the stream's number does not hold (windows, merged patches); else none
    bool last_only = false;  // generation needs it for the last token only: the head
};

/// Queries against keys, weights against values; `repeat` layers of them.
struct Attention {
    const char *name = "", *title = "";
    Stream stream = Stream::kTokens;
    Stream keys = Stream::kTokens;  // differs for cross-attention
    bool causal = true;
    Quantity repeat, heads, kv_heads, width, v_width;  // width: of queries and keys; v_width: of values
    Quantity window;                                   // keys that a query sees at most; none: all
    bool chunked = false;                              // the window is a chunk with fixed borders
    Quantity cached;          // elements that one token leaves in the cache of one layer; none: nothing is cached
    Quantity latent, rotary;  // multi-head latent attention: width of the latent and of the shared rotary key
    Quantity rows, key_rows;  // as in Product; with windows of an image: windows × their tokens, and the tokens of one
};

/// A norm over rows of `width`: no matrix product, but read and written.
struct Norm {
    const char* name = "";
    Stream stream = Stream::kTokens;
    Quantity width, repeat;
    Quantity groups = {};  // norms of that width in a row: one for each head; none: one
    Quantity rows = {};    // as in Product
};

/// One model.
class Architecture {
public:
    explicit Architecture(Ledger& ledger) : ledger_(ledger), one_(ledger.constant(std::int64_t{1})) {}

    /// A table whose rows are looked up, [rows, width].
    void table(const char* name, Class kind, Quantity rows, Quantity width, Stream stream = Stream::kTokens);
    /// A tensor that takes part in no matrix product: a scale, a bias, a sink.
    void vector(const char* name, Class kind, TensorShape shape, Quantity repeat = {}, Stream stream = Stream::kTokens);
    struct Linear {
        const char* name = "";
        const char* title = nullptr;  // none: the name
        Class kind = Class::kOther;
        Quantity in, out;
        Quantity repeat;  // none: once
        bool bias = false;
        Stream stream = Stream::kTokens;
        Quantity rows;
        Quantity experts, chosen;
        const char *weight = ".weight", *bias_name = ".bias";
    };
    /// A weight [out, in] (for experts [experts, out, in] in all), its bias and its product.
    void linear(const Linear& linear);
    void norm(const char* name, Quantity width, bool scale, bool bias, Quantity repeat = {},
              Stream stream = Stream::kTokens);
    /// The product with the vocabulary; a tied head has no tensor of its own.
    void head(const char* name, Quantity width, Quantity vocabulary, bool tied, bool bias);
    void attend(const Attention& attention) { attentions.push_back(attention); }

    Ledger& ledger() { return ledger_; }
    /// A name in parts.
    const char* text(std::initializer_list<Part> parts) { return ledger_.text(parts); }
    Quantity one() const { return one_; }

    const char* layout = "";             // the file that read it
    Quantity width, layers, vocabulary;  // of the main stack; vocabulary may be none
    Quantity trained_context;            // the context the configuration states, or none
    bool tied = false;
    bool generates = true;  // a decoder: it has a cache and gives one token at a time
    Quantity image_rows;    // rows of an image, with class tokens
    Quantity image_size;    // pixels a side that the reader asked for; none: as the configuration says
    std::vector<WeightTensor> tensors;
    std::vector<Product> products;
    std::vector<Attention> attentions;
    std::vector<Norm> norms;

private:
    void tensor(WeightTensor tensor);

    Ledger& ledger_;
    Quantity one_;
};

}  // namespace clearformer::estimate
