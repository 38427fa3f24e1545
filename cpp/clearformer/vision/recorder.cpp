#include "clearformer/vision/recorder.hpp"

#include "clearformer/vision/rules.hpp"

namespace clearformer::vision {

const char* Recorder::name(const char* base) { return layer_ ? trace_.own(sentence(base, *layer_)) : base; }

const char* Recorder::add(Label label, Rule rule, const Array<double>& values) {
    label.name = name(label.name);
    trace_.add({label, values.shape, std::move(rule), values.data});
    return label.name;
}

const char* Recorder::add_softmax(const char* x, SoftmaxLabels labels, const Array<double>& result) {
    for (Label* label : {&labels.maximum, &labels.exponentials, &labels.sum, &labels.result})
        label->name = name(label->name);
    record_softmax(trace_, x, labels, result);
    return labels.result.name;
}

const char* Recorder::given(Label label, const std::optional<Array<double>>& values, const char* words) {
    return values ? add(label, given_rule(words), *values) : nullptr;
}

}  // namespace clearformer::vision
