#pragma once

// How the numbers of the vision functions come about, for the trace.

#include <memory>

#include "clearformer/ops/rules.hpp"

namespace clearformer::vision {

/// patches[t, k] = image[c, row, column]: the k-th pixel (channel, row, column) of patch t, `across` patches of `side` in
/// a row.
Rule patch_pixel_rule(const char* image, Size side, Size across);

/// tokens[t, n] = sum over the `pixels` k of patches[t, k] weight[n, k] + bias[n], the weight being [N, Ch, side, side];
/// bias may be null.
Rule patch_token_rule(const char* patches, const char* weight, const char* bias, Size pixels, Size side);

/// An entry as it stands in another tensor.
Rule copy_rule(const char* x);

/// Row t of tokens plus row t of positions; with a class token that one is row 0 and the patches follow. cls_token and
/// positions may be null.
Rule token_row_rule(const char* tokens, const char* cls_token, const char* positions);

/// Q, K or V[h, t, d] = sum over c of x[t, c] weight[n, c] + bias[n] with n = part C + h D + d, part 0, 1, 2; bias may be
/// null.
Rule qkv_rule(const char* x, const char* weight, const char* bias, Size part, Size C, Size D);

/// scores[h, t, s] = q[h, t, :] . k[h, s, :] / sqrt(D)
Rule scaled_score_rule(const char* q, const char* k, Size D);

/// joined[t, h D + d] = heads[h, t, d]
Rule joined_heads_rule(const char* heads, Size D);

/// pooled[c] = features[0, c] with a class token, else the mean of the `count` rows.
Rule pooled_rule(const char* features, bool cls_token, Size count);

/// y[t, c] = x[t, c] (1 + modulation[scale + c]) + modulation[shift + c]
Rule modulated_rule(const char* x, const char* modulation, Size shift, Size scale);

/// y[t, c] = x[t, c] + modulation[gate + c] branch[t, c]
Rule gated_rule(const char* x, const char* modulation, Size gate, const char* branch);

/// y[n, i, j] of a convolution: the part of the kernel [N, Ch, Kh, Kw] that lies on the image [Ch, H, W]; bias may be null.
Rule convolution_rule(const char* image, const char* weight, const char* bias, const Shape& image_shape,
                      const Shape& weight_shape, Size stride, Size padding);

/// y[.., i, w] = sum over h of weights[i, h] x[.., h, w], over `count` rows.
Rule rows_mixed_rule(const char* x, const char* weights, Size count);

/// target[t, k] = a pixel of the image, row by row, channels last.
Rule target_pixel_rule(const char* image, Size channels, Size side, Size across);

/// The unbiased variance of a row of x about mean[t].
Rule unbiased_variance_rule(const char* x, const char* mean, Size count);

/// error[t] = mean over the `count` k of (pred[t, k] - target[t, k])^2
Rule squared_error_rule(const char* pred, const char* target, Size count);

/// The mean of errors[t] where mask[t] is 1, over `count` patches.
Rule masked_mean_rule(const char* errors, const char* mask, Size count);

/// mixed[t, s] = (1 - residual) (mean, max or min over the `heads` of weights[layer, h, t, s]) + residual [t = s]; fuse is
/// the name.
Rule blend_rule(const char* weights, const std::string& fuse, Size layer, Size heads, double residual);

/// An entry of a row as a share of the row's sum[..].
Rule share_rule(const char* x, const char* sum);

/// table[t, c] of two-dimensional sinusoidal positions on a grid with `columns` columns, after `first` rows of zeros.
Rule grid_position_rule(Size first, Size columns, std::vector<double> frequencies);

/// What the rules of attention inside windows know: where each token of each window stands.
struct WindowPlan {
    Array<double> ids;        // [N, P] tokens of the windows
    Array<double> pairs;      // [P, P] rows of the bias table
    Array<double> allow;      // [N, P, P]
    double masked_value = 0;  // added where not allowed
    Size W = 0, C = 0, D = 0;
    Size k_offset = 0, v_offset = 0;  // columns of K and V in the tensor that holds them: 0 where q = k = v = x
    double scale = 1;
    /// Column d of head h of token i of window n, `offset` columns on.
    Index place(Size n, Size i, Size h, Size d, Size offset) const {
        const auto token = static_cast<Size>(ids.row(n)[i]);
        return {token / W, token % W, offset + h * D + d};
    }
};

/// scores[n, h, i, j] = scale q . k + bias_table[pairs[i, j], h] + mask; qkv is [H, W, ..], bias_table may be null.
Rule window_score_rule(const char* qkv, const char* bias_table, std::shared_ptr<const WindowPlan> plan);

/// y[r, c, h D + d] = sum over j of weights[n, h, i, j] v of token j, (r, c) being token i of window n.
Rule window_mix_rule(const char* weights, const char* qkv, std::shared_ptr<const WindowPlan> plan);

/// y[f, p, c] = x at frame f and place p of [F, H, W, C]; time first where `by_place`, then y is [P, F, C].
Rule regroup_rule(const char* x, Size width, bool by_place);

/// scores[n, t, s] = scale x[n, t, :] . x[n, s, :]
Rule self_score_rule(const char* x, double scale, Size C);

/// y[f, h, w, c] = x[f, h W + w, c], or x[h W + w, f, c] where `by_place`.
Rule regrouped_back_rule(const char* x, Size width, bool by_place);

}  // namespace clearformer::vision
