#include "clearformer/vision/contrastive_trace.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax_record.hpp"
#include "clearformer/ops/traces.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/vision/diffusion_rules.hpp"

namespace clearformer {
namespace {

/// Softmax and loss of the rows of logits, in the trace's names.
struct Direction {
    const char *logits, *row_max, *exponentials, *row_sum, *weights, *losses;
};

/// Row maximum, exponentials, row sum, weights and the loss on the diagonal.
void record_direction(Trace& trace, const Direction& names, const Array<double>& logits, const Array<double>& weights) {
    const Size N = logits.shape[0];
    record_softmax(trace, names.logits,
                   {{names.row_max, "m", "largest logit of the row", "scores", "N"},
                    {names.exponentials, "e", "exponential", "scores", "N N"},
                    {names.row_sum, "Z", "sum of the row's exponentials", "scores", "N"},
                    {names.weights, "P", "share of the row", "weights", "N N"}},
                   weights);
    std::vector<double> losses(N);
    for (Size i = 0; i < N; ++i) {
        losses[i] = trace.value(names.row_max, {i}) + std::log(trace.value(names.row_sum, {i})) - logits.row(i)[i];
    }
    trace.add({{names.losses, "\\ell", "loss of one row", "scores", "N"},
               {N},
               diagonal_loss_rule(names.logits, names.row_max, names.row_sum),
               losses});
}

/// Embeddings, their lengths, their directions.
void add_images(Trace& trace, const Array<double>& embeds, const UnitRows& rows) {
    trace.add({{"imageEmbeds", "I", "entry of an image embedding", "k", "N C"},
               embeds.shape,
               given_rule("An image embedding, as it was given."),
               embeds.data});
    add_made(trace, {"imageLengths", "|I|", "length of an image embedding", "k", "N"}, rows.lengths,
             length_rule("imageEmbeds", embeds.width()));
    add_made(trace, {"imageUnits", "\\hat I", "entry of an image's direction", "k", "N C"}, rows.unit,
             divided_by_length_rule("imageEmbeds", "imageLengths"));
}

void add_texts(Trace& trace, const Array<double>& embeds, const UnitRows& rows) {
    trace.add({{"textEmbeds", "T", "entry of a text embedding", "q", "M C"},
               embeds.shape,
               given_rule("A text embedding, as it was given."),
               embeds.data});
    add_made(trace, {"textLengths", "|T|", "length of a text embedding", "q", "M"}, rows.lengths,
             length_rule("textEmbeds", embeds.width()));
    add_made(trace, {"textUnits", "\\hat T", "entry of a text's direction", "q", "M C"}, rows.unit,
             divided_by_length_rule("textEmbeds", "textLengths"));
}

/// What reaches the embeddings on one side: first their directions, then, through the division by the length, themselves.
void add_gradient(Trace& trace, const char* of_units, const char* of_embeds, const char* units, const char* lengths,
                  const char* others, bool by_column, double scale, const Array<double>& result) {
    const Shape& shape = result.shape;
    const Size N = shape[0];
    trace.derive({of_units, "g", "gradient of the direction", "scores", "N C"}, shape, [=](const Index& at, Pen& pen) {
        pen.rule("The directions on the other side, each by the gradient of its logit; summed, times the scale.",
                 "s \\sum_j \\partial L_{i,j}\\, \\hat u_j");
        pen.vector("d", "dLogits", N, [&](Size j) { return by_column ? Index{j, at[0]} : Index{at[0], j}; });
        pen.vector("u", others, N, [&](Size j) { return Index{j, at[1]}; });
        pen.constant("s", "scale of the cosines", scale);
        pen.step("g", "gradient", "s * sum(d * u)");
    });
    add_made(trace, {of_embeds, "\\partial", "gradient of the embedding", "scores", "N C"}, result,
             recipe_rule({"Less what points along the embedding, over its length.",
                          "\\frac{g_c - \\hat u_c \\sum_k \\hat u_k g_k}{|x|}",
                          {{"g", of_units}, {"u", units}, {"a", of_units, "0n"}, {"b", units, "0n"}, {"n", lengths, "0"}},
                          {},
                          {{"s", "along the embedding", "sum(a * b)"}, {"y", "gradient", "(g - u * s) / n"}}}));
}

}  // namespace

Trace clip_trace(const ClipLossOptions& o, const ClipLossResult& r, const UnitRows& images, const UnitRows& texts,
                 double scale) {
    const Size N = o.image_embeds.shape[0], C = o.image_embeds.shape[1];
    Trace trace;
    // 1. The embeddings, their lengths, their directions.
    add_images(trace, o.image_embeds, images);
    add_texts(trace, o.text_embeds, texts);
    // 2. Every text against every image.
    Array<double> logits_per_image = r.logits_per_text;
    for (Size i = 0; i < N; ++i) {
        for (Size j = 0; j < N; ++j) logits_per_image.row(i)[j] = r.logits_per_text.row(j)[i];
    }
    trace.add({{"logitsPerText", "L", "scaled cosine of a text and an image", "scores", "N N"},
               {N, N},
               scaled_dot_rule("textUnits", "imageUnits", scale, C),
               r.logits_per_text.data});
    trace.add({{"logitsPerImage", "L^\\top", "scaled cosine of an image and a text", "scores", "N N"},
               {N, N},
               transposed_rule("logitsPerText"),
               logits_per_image.data});
    // 3. Which image for each text, which text for each image, and how far off both are.
    record_direction(trace, {"logitsPerText", "textMax", "textExponentials", "textSum", "textToImage", "textLosses"},
                     r.logits_per_text, r.text_to_image);
    record_direction(trace, {"logitsPerImage", "imageMax", "imageExponentials", "imageSum", "imageToText", "imageLosses"},
                     logits_per_image, r.image_to_text);
    trace.add(
        {{"loss", "\\mathcal{L}", "loss", "scores", "1"}, {1}, mean_of_both_rule("textLosses", "imageLosses", N), {r.loss}});
    // 4. Back to the embeddings.
    trace.derive({"dLogits", "\\partial L", "gradient of the logit", "scores", "N N"}, {N, N},
                 [N](const Index& at, Pen& pen) {
                     const bool pair = at[0] == at[1];
                     pen.rule("What both softmaxes give the pair, less two where it is a true one; over all.",
                              "\\frac{P_{i,j} + P'_{j,i} - 2 [i = j]}{2 N}");
                     pen.scalar("p", "textToImage", at);
                     pen.scalar("q", "imageToText", {at[1], at[0]});
                     pen.constant("N", "pairs", static_cast<double>(N));
                     pen.step("g", "gradient", pair ? "(p + q - 2) / (2 * N)" : "(p + q) / (2 * N)");
                 });
    add_gradient(trace, "dTextUnits", "dText", "textUnits", "textLengths", "imageUnits", false, scale, r.d_text);
    add_gradient(trace, "dImageUnits", "dImage", "imageUnits", "imageLengths", "textUnits", true, scale, r.d_image);
    return trace;
}

Trace siglip_trace(const SiglipLossOptions& o, const SiglipLossResult& r, const UnitRows& images, const UnitRows& texts) {
    const Size N = o.image_embeds.shape[0];
    Trace trace;
    add_images(trace, o.image_embeds, images);
    add_texts(trace, o.text_embeds, texts);
    trace.derive({"cosines", "s L", "scaled cosine of a text and an image", "scores", "N N"}, {N, N},
                 scaled_dot_rule("textUnits", "imageUnits", o.logit_scale, o.image_embeds.width()));
    add_made(trace, {"logitsPerText", "L", "logit of a text and an image", "scores", "N N"}, r.logits_per_text,
             recipe_rule({"The scaled cosine plus the bias.",
                          "x + b",
                          {{"x", "cosines"}},
                          {{"b", "logit bias", o.logit_bias}},
                          {{"y", "sum", "x + b"}}}));
    add_made(trace, {"probabilities", "p", "probability that the two belong together", "weights", "N N"}, r.probabilities,
             recipe_rule({"The sigmoid of the logit.",
                          "\\sigma(L)",
                          {{"x", "logitsPerText"}},
                          {},
                          {{"p", "sigmoid", "1 / (1 + exp(-x))"}}}));
    trace.derive({"losses", "\\ell", "loss of the pair", "scores", "N N"}, {N, N}, [](const Index& at, Pen& pen) {
        const bool pair = at[0] == at[1];
        pen.rule(pair ? "The surprise that these two belong together." : "The surprise that these two do not.",
                 pair ? "\\ln(1 + e^{-L})" : "\\ln(1 + e^{L})");
        pen.scalar("x", "logitsPerText", at);
        pen.step("z", "signed", pair ? "-x" : "x");
        pen.step("l", "loss", "(z + abs(z)) / 2 + log(1 + exp(-abs(z)))");
    });
    add_number(trace, {"loss", "\\mathcal{L}", "loss", "scores", ""}, r.loss,
               mean_rule("The losses of all pairs, over the number of images.", "losses", "*", N));
    return trace;
}

Trace nt_xent_trace(const NtXentOptions& o, const NtXentResult& r, const Array<double>& logits) {
    const Size N = o.z1.shape[0], M = 2 * N, C = o.z1.width();
    Trace trace;
    add_given(trace, {"z1", "z", "first view", "q", "N C"}, o.z1);
    add_given(trace, {"z2", "z'", "second view", "k", "N C"}, o.z2);
    trace.derive({"views", "v", "entry of a view", "residual", "M C"}, {M, C}, [N](const Index& at, Pen& pen) {
        pen.rule("First all first views, then all second ones.", "z");
        pen.scalar("z", at[0] < N ? "z1" : "z2", {at[0] % N, at[1]});
        pen.step("y", "as it stands", "z");
    });
    trace.derive({"lengths", "|v|", "length of a view", "residual", "M"}, {M}, length_rule("views", C));
    trace.derive({"units", "\\hat v", "entry of a view's direction", "residual", "M C"}, {M, C},
                 divided_by_length_rule("views", "lengths"));
    const Rule cosine = scaled_dot_rule("units", "units", 1 / o.temperature, C);
    add_made(trace, {"logits", "L", "scaled cosine of two views", "scores", "M M"}, logits,
             [cosine](const Index& at, Pen& pen) {
                 if (at[0] != at[1]) return cosine(at, pen);
                 pen.rule("A view is not compared with itself.", "-\\infty");
                 pen.step("y", "left out", "log(0)");
             });
    record_softmax(trace, "logits",
                   {{"rowMax", "m", "largest logit of the row", "scores", "M"},
                    {"exponentials", "e", "exponential", "scores", "M M"},
                    {"rowSum", "Z", "sum of the row's exponentials", "scores", "M"},
                    {"probabilities", "P", "share of the row", "weights", "M M"}},
                   r.probabilities);
    add_made(trace, {"losses", "\\ell", "loss of the view", "scores", "M"}, r.losses, [N, M](const Index& at, Pen& pen) {
        pen.rule("Minus the logarithm of the share that the other view of the same thing gets.", "m_i + \\ln Z_i - L_{i,j}");
        pen.scalar("x", "logits", {at[0], (at[0] + N) % M});
        pen.scalar("m", "rowMax", at);
        pen.scalar("Z", "rowSum", at);
        pen.step("y", "loss", "m + log(Z) - x");
    });
    add_number(trace, {"loss", "\\mathcal{L}", "loss", "scores", ""}, r.loss,
               mean_rule("The mean over all views.", "losses", "*", M));
    return trace;
}

Trace zero_shot_trace(const ZeroShotOptions& o, const ZeroShotResult& r, const UnitRows& images, const UnitRows& texts) {
    Trace trace;
    add_images(trace, o.image_embeds, images);
    add_texts(trace, o.text_embeds, texts);
    add_made(trace, {"logits", "L", "scaled cosine of an image and a class", "scores", "N M"}, r.logits,
             scaled_dot_rule("imageUnits", "textUnits", o.logit_scale, o.image_embeds.width()));
    record_softmax(trace, "logits",
                   {{"rowMax", "m", "largest logit of the row", "scores", "N"},
                    {"exponentials", "e", "exponential", "scores", "N M"},
                    {"rowSum", "Z", "sum of the row's exponentials", "scores", "N"},
                    {"probabilities", "P", "probability of the class", "weights", "N M"}},
                   r.probabilities);
    return trace;
}

}  // namespace clearformer
