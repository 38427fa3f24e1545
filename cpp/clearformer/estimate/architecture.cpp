#include "clearformer/estimate/architecture.hpp"

namespace clearformer::estimate {

const char* class_name(Class kind) {
    switch (kind) {
        case Class::kEmbedding: return "embedding";
        case Class::kPosition: return "position";
        case Class::kAttention: return "attention";
        case Class::kFeedForward: return "feed-forward";
        case Class::kExpert: return "expert";
        case Class::kShared: return "shared expert";
        case Class::kRouter: return "router";
        case Class::kNorm: return "norm";
        case Class::kHead: return "head";
        case Class::kOther: break;
    }
    return "other";
}

std::string class_key(Class kind) {
    std::string name = class_name(kind);
    for (char& c : name) c = c == ' ' || c == '-' ? '_' : c;
    return name;
}

void Architecture::tensor(WeightTensor tensor) {
    if (!tensor.repeat) tensor.repeat = one_;
    if (!tensor.active) tensor.active = tensor.repeat;
    Quantity params = tensor.repeat;
    for (const Quantity extent : tensor.shape) params = params * extent;
    tensor.params = ledger_.named(params, {"params ", tensor.name, "|Parameters of ", tensor.name, "|params"});
    tensors.push_back(tensor);
}

void Architecture::table(const char* name, Class kind, Quantity rows, Quantity columns, Stream stream) {
    tensor({name, kind, {rows, columns}, {}, {}, stream, true, false, {}});
}

void Architecture::vector(const char* name, Class kind, TensorShape shape, Quantity repeat, Stream stream) {
    tensor({name, kind, shape, repeat, {}, stream, false, false, {}});
}

void Architecture::linear(const Linear& l) {
    const Quantity each = l.repeat ? l.repeat : one_;
    const Quantity all = l.experts ? each * l.experts : each, used = l.experts ? each * l.chosen : each;
    tensor({text({l.name, l.weight}), l.kind, {l.out, l.in}, all, used, l.stream, false, true, {}});
    if (l.bias) tensor({text({l.name, l.bias_name}), l.kind, {l.out}, all, used, l.stream, false, false, {}});
    Product product;
    product.name = l.name;
    product.title = l.title ? l.title : l.name;
    product.kind = l.kind;
    product.stream = l.stream;
    product.in = l.in;
    product.out = l.out;
    product.repeat = each;
    product.experts = l.experts;
    product.chosen = l.chosen;
    product.rows = l.rows;
    products.push_back(product);
}

void Architecture::norm(const char* name, Quantity columns, bool scale, bool bias, Quantity repeat, Stream stream) {
    if (scale) vector(text({name, ".weight"}), Class::kNorm, {columns}, repeat, stream);
    if (bias) vector(text({name, ".bias"}), Class::kNorm, {columns}, repeat, stream);
    norms.push_back({name, stream, columns, repeat ? repeat : one_, {}, {}});
}

void Architecture::head(const char* name, Quantity columns, Quantity words, bool is_tied, bool bias) {
    tied = is_tied;
    if (!tied) tensor({text({name, ".weight"}), Class::kHead, {words, columns}, {}, {}, Stream::kTokens, false, true, {}});
    if (bias) tensor({text({name, ".bias"}), Class::kHead, {words}, {}, {}, Stream::kTokens, false, false, {}});
    Product product;
    product.name = name;
    product.title = tied ? "output head (tied)" : "output head";
    product.kind = Class::kHead;
    product.in = columns;
    product.out = words;
    product.repeat = one_;
    product.last_only = true;
    products.push_back(product);
}

}  // namespace clearformer::estimate
