#include "clearformer/vision/contrastive_trace.hpp"

#include <cmath>

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax_record.hpp"
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

}  // namespace

Trace clip_trace(const ClipLossOptions& o, const ClipLossResult& r, const UnitRows& images, const UnitRows& texts,
                 double scale) {
    const Size N = o.image_embeds.shape[0], C = o.image_embeds.shape[1];
    Trace trace;
    // 1. The embeddings, their lengths, their directions.
    trace.add({{"imageEmbeds", "I", "entry of an image embedding", "k", "N C"},
               {N, C},
               given_rule("An image embedding, as it was given."),
               o.image_embeds.data});
    trace.add({{"textEmbeds", "T", "entry of a text embedding", "q", "N C"},
               {N, C},
               given_rule("A text embedding, as it was given."),
               o.text_embeds.data});
    trace.add({{"imageLengths", "|I|", "length of an image embedding", "k", "N"},
               {N},
               length_rule("imageEmbeds", C),
               images.lengths.data});
    trace.add({{"textLengths", "|T|", "length of a text embedding", "q", "N"},
               {N},
               length_rule("textEmbeds", C),
               texts.lengths.data});
    trace.add({{"imageUnits", "\\hat I", "entry of an image's direction", "k", "N C"},
               {N, C},
               divided_by_length_rule("imageEmbeds", "imageLengths"),
               images.unit.data});
    trace.add({{"textUnits", "\\hat T", "entry of a text's direction", "q", "N C"},
               {N, C},
               divided_by_length_rule("textEmbeds", "textLengths"),
               texts.unit.data});
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
    return trace;
}

}  // namespace clearformer
