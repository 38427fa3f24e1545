#include "clearformer/vision/recorder.hpp"

#include <memory>

#include "clearformer/vision/rules.hpp"

namespace clearformer::vision {
namespace {

/// "q" of layer 3 as "q3", kept for good: labels refer to their texts. There are at most as many as tensors of one layer
/// times layers.
const char* lasting(const char* base, Size layer) {
    static std::vector<std::unique_ptr<const std::string>> known;
    const std::string text = sentence(base, layer);
    for (const auto& name : known) {
        if (*name == text) return name->c_str();
    }
    known.push_back(std::make_unique<const std::string>(text));
    return known.back()->c_str();
}

}  // namespace

const char* Recorder::add(Label label, Rule rule, const Array<double>& values) {
    if (layer_) label.name = lasting(label.name, *layer_);
    trace_.add({label, values.shape, std::move(rule), values.data});
    return label.name;
}

const char* Recorder::given(Label label, const std::optional<Array<double>>& values, const char* words) {
    return values ? add(label, given_rule(words), *values) : nullptr;
}

}  // namespace clearformer::vision
