#pragma once

// A computation and its trace in one go. Each step computes a tensor and, when recording, adds it to the trace with the rule that opens it:
//
//     Flow flow(record);
//     const Value x = flow.input({"x", "X", "token vector entry", "residual", "T C"}, o.x, "Given: the rows.");
//     const Value h = flow.linear({"hidden", "H", "hidden unit", "mlp", "T F"}, x, w1, &b1);
//
// Names are given as written in labels, after the flow's prefix ("layer0."), so that a block can appear many times.

#include <optional>
#include <string>
#include <vector>

#include "clearformer/position/rules.hpp"
#include "clearformer/tensor.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// A tensor of the flow: its name in the trace, and its values.
struct Value {
    const char* name = "";
    Array<double> array;

    Size extent(Size axis) const { return array.shape[axis]; }
};

/// What attention needs besides q, k and v, all optional: as in AttentionOptions.
struct AttendOptions {
    double scale = 1;
    std::optional<double> softcap;
    const Array<double>* bias = nullptr;                // [H, T, S] or [T, S]
    const std::vector<double>* alibi_slopes = nullptr;  // for each head; subtracts slope (t + offset - s)
    double offset = 0;
    const Array<double>* sinks = nullptr;  // [H]
    Array<double> allow;                   // [H, T, S] or [T, S], 1 = visible; empty: everything is
    double empty_row = 0;                  // the weights of a row that sees no key
};

/// allow [T, S]: keys at or before the query, the last query at the last key, and no more than `window` of them where one is given.
Array<double> causal_mask(Size T, Size S, std::optional<int> window = {});

struct Attended {
    Value weights;  // [H, T, S]
    Value output;   // [H, T, Dv]
};

class Flow {
public:
    explicit Flow(bool record) : record_(record) {}
    void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }
    bool records() const { return record_; }
    /// The trace, when one was recorded.
    std::optional<Trace> take();

    /// Numbers that come from outside; `words` say where from.
    Value input(const Label& label, Array<double> array, const char* words);
    /// x [.. C] W^T + b, weight [N, C], bias [N] or null.
    Value linear(const Label& label, const Value& x, const Value& weight, const Value* bias = nullptr);
    Value add(const Label& label, const Value& a, const Value& b);
    Value multiply(const Label& label, const Value& a, const Value& b);
    Value activation(const Label& label, const Value& x, const std::string& name);
    /// Mean, variance, normalised rows and the affine map (gamma, beta [C] or null) as tensors of their own.
    Value layer_norm(const Label& label, const Value& x, const Value* gamma, const Value* beta, double eps);
    Value rms_norm(const Label& label, const Value& x, const Value* gamma, double eps, bool unit_offset = false);
    /// Columns first .. first + count - 1 of the last axis.
    Value columns(const Label& label, const Value& x, Size first, Size count);
    /// The last axes of a and b side by side; b may have one head for all of a's.
    Value beside(const Label& label, const Value& a, const Value& b);
    /// [T, H D] as [H, T, D], and back.
    Value split_heads(const Label& label, const Value& x, Size heads);
    Value join_heads(const Label& label, const Value& x);
    /// RoPE on x [.. T D].
    Value rotate(const Label& label, const Value& x, const Rotation& rotation);
    /// q [H, T, D], k [G, S, D], v [G, S, Dv]: scores, scale, soft-cap, bias, mask, softmax and weighted sum, each as a tensor, in the order
    /// of attention(). What is given for fewer heads than q has counts again and again.
    Attended attend(const Value& q, const Value& k, const Value& v, const AttendOptions& options);
    /// Any other step: values with their rule.
    Value record(const Label& label, Array<double> array, Rule rule);

private:
    bool record_;
    std::string prefix_;
    Trace trace_;
};

}  // namespace clearformer
