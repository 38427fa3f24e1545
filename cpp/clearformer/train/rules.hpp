#pragma once

// How the numbers of losses and of the small GPT come about, for the trace. Tensors go by their names in the trace (literals);
// `..` in an index stands for any leading axes.

#include "clearformer/trace.hpp"

namespace clearformer {

/// What each row of cross entropy is asked for. Rows count along all leading axes of `shape`, the shape of the losses.
struct AskedClasses {
    std::vector<int> targets;
    int ignore_index = -100;
    double label_smoothing = 0;
    Size classes = 0;
    double counted = 1;  // how many rows count, at least 1
    Shape shape;

    bool ignored(const Index& row) const;
    int target(const Index& row) const;
};

/// losses[..] = m + ln Z - x of the target, from softmax's row maximum m and row sum Z.
Rule loss_rule(const char* logits, const char* row_max, const char* row_sum, AskedClasses asked);

/// loss[] = the mean of the losses of the rows that count.
Rule mean_loss_rule(const char* losses, AskedClasses asked);

/// d_logits[.., v] = (probability - target) / counted.
Rule logits_gradient_rule(const char* probabilities, AskedClasses asked);

/// Q[h, t, d] = sum over c of x[t, c] w[p C + h D + d, c] + b: one head's rows of a packed projection [3 C, C], p being 0 for
/// queries, 1 for keys, 2 for values; b may be null.
Rule packed_projection_rule(const char* x, const char* w, const char* b, Size part, Size C, Size D);

/// masked[h, t, s] = scaled[h, t, s], or -inf where s > t.
Rule causal_rule(const char* scaled);

/// y[t, h D + d] = heads[h, t, d].
Rule join_rule(const char* heads, Size D);

}  // namespace clearformer
