#pragma once

// Adding tensors to a trace, those of one layer under names that end in its number.

#include <optional>

#include "clearformer/ops/softmax_record.hpp"

namespace clearformer::vision {

class Recorder {
public:
    explicit Recorder(Trace& trace, std::optional<Size> layer = {}) : trace_(trace), layer_(layer) {}

    /// Adds a tensor and returns its name in the trace.
    const char* add(Label label, Rule rule, const Array<double>& values);
    /// Adds the softmax of the tensor x in its four tensors, and returns the name of its result.
    const char* add_softmax(const char* x, SoftmaxLabels labels, const Array<double>& result);
    /// Adds an input, a parameter if not said otherwise; null where it is not given.
    const char* given(Label label, const std::optional<Array<double>>& values,
                      const char* words = "A parameter of the model, as it was given.");

private:
    /// A tensor's name in this layer.
    const char* name(const char* base);

    Trace& trace_;
    std::optional<Size> layer_;
};

}  // namespace clearformer::vision
