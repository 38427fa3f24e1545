#include "clearformer/vision/contrastive.hpp"

#include <cmath>

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/vision/contrastive_trace.hpp"
#include "clearformer/vision/embedding_checks.hpp"

namespace clearformer {

UnitRows unit_rows(const char* function, const char* name, const Array<double>& x) {
    UnitRows rows{x, Array<double>(Shape(x.shape.begin(), x.shape.end() - 1))};
    for (Size row = 0; row < rows.lengths.size(); ++row) {
        double sum = 0;
        for (Size c = 0; c < x.width(); ++c) sum += x.row(row)[c] * x.row(row)[c];
        require(sum > 0, function, ": ", name, " must not have a row of zeros, which has no direction; row ", row,
                " is one");
        check_result(function, "the square of a length", sum);
        rows.lengths.data[row] = std::sqrt(sum);
        for (Size c = 0; c < x.width(); ++c) rows.unit.row(row)[c] /= rows.lengths.data[row];
    }
    return rows;
}

namespace {

void check_scale(const char* function, const char* name, double value) {
    require(value > 0, function, ": ", name, " must be above 0, got ", value);
}

void check_pairs(const char* function, Size N) { require(N > 0, function, ": there must be at least one pair, got none"); }

/// scale a b^T of unit rows: [rows of a, rows of b].
Array<double> scaled_cosines(const char* function, const Array<double>& a, const Array<double>& b, double scale) {
    const Size rows = a.shape[0], columns = b.shape[0], C = a.width();
    Array<double> y({rows, columns});
    matmul_transposed(a.data.data(), b.data.data(), y.data.data(), rows, C, columns, C, C, columns);
    for (double& value : y.data) value *= scale;
    check_result(function, "a logit", y);
    return y;
}

Array<double> transposed(const Array<double>& x) {
    Array<double> y({x.shape[1], x.shape[0]});
    for (Size i = 0; i < x.shape[0]; ++i) {
        for (Size j = 0; j < x.shape[1]; ++j) y.row(j)[i] = x.row(i)[j];
    }
    return y;
}

SoftmaxResult<double> softmax_of(const Array<double>& x) {
    SoftmaxOptions<double> o;
    o.x = x;
    return softmax(o);
}

/// From the derivative with respect to the unit rows to the one with respect to the rows: (g - u (u g)) / length.
Array<double> through_normalisation(const UnitRows& rows, Array<double> g) {
    const Size C = g.width();
    for (Size row = 0; row < g.rows(); ++row) {
        const double* u = rows.unit.row(row);
        double along = 0;
        for (Size c = 0; c < C; ++c) along += u[c] * g.row(row)[c];
        for (Size c = 0; c < C; ++c) g.row(row)[c] = (g.row(row)[c] - u[c] * along) / rows.lengths.data[row];
    }
    return g;
}

/// g [N, N] times the unit rows [N, C] times scale.
Array<double> back_to_rows(const Array<double>& g, const UnitRows& others, double scale) {
    const Size N = g.shape[0], C = others.unit.width();
    Array<double> y(others.unit.shape);
    matmul(g.data.data(), others.unit.data.data(), y.data.data(), N, N, C, N, C, C);
    for (double& value : y.data) value *= scale;
    return y;
}

double cosine_scale(const ClipLossOptions& o) {
    require_kind(!(o.temperature && o.logit_scale), "clip_loss: give temperature or logit_scale, not both");
    if (o.logit_scale) check_scale("clip_loss", "logit_scale", *o.logit_scale);
    if (o.temperature) check_scale("clip_loss", "temperature", *o.temperature);
    const double scale = o.logit_scale ? *o.logit_scale : 1 / o.temperature.value_or(0.07);
    check_result("clip_loss", "the logit scale", scale);
    return scale;
}

}  // namespace

ClipLossResult clip_loss(const ClipLossOptions& o) {
    const Size N = check_shapes(o)["N"];
    check_pairs("clip_loss", N);
    const double scale = cosine_scale(o);
    const UnitRows images = unit_rows("clip_loss", "image_embeds", o.image_embeds);
    const UnitRows texts = unit_rows("clip_loss", "text_embeds", o.text_embeds);
    ClipLossResult r;
    // 1. Every text against every image, and both softmaxes.
    r.logits_per_text = scaled_cosines("clip_loss", texts.unit, images.unit, scale);
    const auto per_text = softmax_of(r.logits_per_text), per_image = softmax_of(transposed(r.logits_per_text));
    r.text_to_image = per_text.y;
    r.image_to_text = per_image.y;
    // 2. The mean of the two cross entropies, and its derivative with respect to the logits.
    const double count = 2 * static_cast<double>(N);
    Array<double> d_logits({N, N});
    for (Size i = 0; i < N; ++i) {
        r.loss -= (per_text.log_softmax.row(i)[i] + per_image.log_softmax.row(i)[i]) / count;
        for (Size j = 0; j < N; ++j) {
            d_logits.row(i)[j] = (r.text_to_image.row(i)[j] + r.image_to_text.row(j)[i] - (i == j ? 2.0 : 0.0)) / count;
        }
    }
    check_result("clip_loss", "the loss", r.loss);
    // 3. Back through the cosines to the embeddings.
    r.d_text = through_normalisation(texts, back_to_rows(d_logits, images, scale));
    r.d_image = through_normalisation(images, back_to_rows(transposed(d_logits), texts, scale));
    check_result("clip_loss", "a derivative", r.d_text);
    check_result("clip_loss", "a derivative", r.d_image);
    if (o.trace) r.trace = clip_trace(o, r, images, texts, scale);
    return r;
}

SiglipLossResult siglip_loss(const SiglipLossOptions& o) {
    const Size N = check_shapes(o)["N"];
    check_pairs("siglip_loss", N);
    check_scale("siglip_loss", "logit_scale", o.logit_scale);
    const UnitRows images = unit_rows("siglip_loss", "image_embeds", o.image_embeds);
    const UnitRows texts = unit_rows("siglip_loss", "text_embeds", o.text_embeds);
    SiglipLossResult r;
    r.logits_per_text = scaled_cosines("siglip_loss", texts.unit, images.unit, o.logit_scale);
    r.probabilities = r.logits_per_text;
    const ActivationFunction sigmoid = find_activation("sigmoid"), softplus = find_activation("softplus");
    for (Size i = 0; i < N; ++i) {
        for (Size j = 0; j < N; ++j) {
            double& logit = r.logits_per_text.row(i)[j];
            logit += o.logit_bias;
            check_result("siglip_loss", "a logit", logit);
            r.probabilities.row(i)[j] = sigmoid(logit).y;
            r.loss += softplus(i == j ? -logit : logit).y / static_cast<double>(N);  // -log sigmoid(x) = softplus(-x)
        }
    }
    check_result("siglip_loss", "the loss", r.loss);
    if (o.trace) r.trace = siglip_trace(o, r, images, texts);
    return r;
}

NtXentResult nt_xent(const NtXentOptions& o) {
    const Size N = check_shapes(o)["N"], M = 2 * N;
    check_pairs("nt_xent", N);
    check_scale("nt_xent", "temperature", o.temperature);
    const UnitRows first = unit_rows("nt_xent", "z1", o.z1), second = unit_rows("nt_xent", "z2", o.z2);
    Array<double> views = first.unit;
    views.shape[0] = M;
    views.data.insert(views.data.end(), second.unit.data.begin(), second.unit.data.end());
    Array<double> logits = scaled_cosines("nt_xent", views, views, 1 / o.temperature);
    for (Size i = 0; i < M; ++i) logits.row(i)[i] = -kInfinity;  // a view is not compared with itself
    const auto shares = softmax_of(logits);
    NtXentResult r{shares.y, Array<double>({M})};
    for (Size i = 0; i < M; ++i) {
        r.losses.data[i] = -shares.log_softmax.row(i)[(i + N) % M];
        r.loss += r.losses.data[i] / static_cast<double>(M);
    }
    check_result("nt_xent", "the loss", r.loss);
    if (o.trace) r.trace = nt_xent_trace(o, r, logits);
    return r;
}

ZeroShotResult zero_shot(const ZeroShotOptions& o) {
    const Size M = check_shapes(o)["M"];
    require(M > 0, "zero_shot: text_embeds must have at least one row, one for each class, got shape ", o.text_embeds.shape);
    check_scale("zero_shot", "logit_scale", o.logit_scale);
    const UnitRows images = unit_rows("zero_shot", "image_embeds", o.image_embeds);
    const UnitRows texts = unit_rows("zero_shot", "text_embeds", o.text_embeds);
    ZeroShotResult r;
    r.logits = scaled_cosines("zero_shot", images.unit, texts.unit, o.logit_scale);
    r.probabilities = softmax_of(r.logits).y;
    if (o.trace) r.trace = zero_shot_trace(o, r, images, texts);
    return r;
}

}  // namespace clearformer
