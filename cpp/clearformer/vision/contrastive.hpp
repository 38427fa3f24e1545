#pragma once

// Losses that pull the two embeddings of one thing together and push all others apart, and what such embeddings are used
// for. Every similarity is a cosine: embeddings are divided by their length first, and a row of zeros, which has no
// direction, is refused.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// image_embeds and text_embeds [N, C]: row i of one belongs to row i of the other. The logits are cosines divided by
/// `temperature` (above 0), or times `logit_scale`, its reciprocal; one of the two at most, the default is temperature 0.07.
struct ClipLossOptions {
    static constexpr const char* kFunction = "clip_loss";
    Array<double> image_embeds, text_embeds;
    std::optional<double> temperature, logit_scale;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("image_embeds", image_embeds, "N C");
        field.required("text_embeds", text_embeds, "N C");
        field.optional("temperature", temperature);
        field.optional("logit_scale", logit_scale);
        field.optional("trace", trace);
    }
};

struct ClipLossResult {
    Array<double> logits_per_text;  // [N, N] row: text, column: image
    Array<double> text_to_image;    // [N, N] softmax of each row: which image belongs to this text
    Array<double> image_to_text;    // [N, N] row: image; softmax over the texts
    double loss = 0;                // in nats
    Array<double> d_image;          // [N, C] derivative of the loss with respect to image_embeds, through the normalisation
    Array<double> d_text;           // [N, C]
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits_per_text", logits_per_text, "N N");
        field.required("text_to_image", text_to_image, "N N");
        field.required("image_to_text", image_to_text, "N N");
        field.required("loss", loss);
        field.required("d_image", d_image, "N C");
        field.required("d_text", d_text, "N C");
        field.optional("trace", trace);
    }
};

/// loss = (cross entropy of each text over the images + of each image over the texts) / 2, averaged over the N pairs
/// (Radford et al. 2021, figure 3).
/// Throws DomainError for no pair, a row of zeros, temperature or logit_scale <= 0, both of them given.
ClipLossResult clip_loss(const ClipLossOptions& options);

/// As clip_loss; logit_scale multiplies the cosines as it stands (above 0) and logit_bias is added.
struct SiglipLossOptions {
    static constexpr const char* kFunction = "siglip_loss";
    Array<double> image_embeds, text_embeds;
    double logit_scale = 10;
    double logit_bias = -10;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("image_embeds", image_embeds, "N C");
        field.required("text_embeds", text_embeds, "N C");
        field.optional("logit_scale", logit_scale);
        field.optional("logit_bias", logit_bias);
        field.optional("trace", trace);
    }
};

struct SiglipLossResult {
    Array<double> logits_per_text;  // [N, N] row: text, column: image
    Array<double> probabilities;    // [N, N] sigmoid of the logits: do these two belong together
    double loss = 0;                // in nats
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits_per_text", logits_per_text, "N N");
        field.required("probabilities", probabilities, "N N");
        field.required("loss", loss);
        field.optional("trace", trace);
    }
};

/// loss = -1/N sum over all N^2 pairs of log sigmoid(z logit), z = 1 for a true pair and -1 for every other (Zhai et al.
/// 2023, algorithm 1).
/// Throws DomainError for no pair, a row of zeros, logit_scale <= 0.
SiglipLossResult siglip_loss(const SiglipLossOptions& options);

/// z1 and z2 [N, C]: two views of the same N things.
struct NtXentOptions {
    static constexpr const char* kFunction = "nt_xent";
    Array<double> z1, z2;
    double temperature = 0.5;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("z1", z1, "N C");
        field.required("z2", z2, "N C");
        field.optional("temperature", temperature);
        field.optional("trace", trace);
    }
};

struct NtXentResult {
    Array<double>
        probabilities;     // [M, M], M = 2 N, the views z1 then z2: softmax over the other views, 0 for a view and itself
    Array<double> losses;  // [M] -log of the probability of the other view of the same thing
    double loss = 0;       // their mean, in nats
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("probabilities", probabilities, "M M");
        field.required("losses", losses, "M");
        field.required("loss", loss);
        field.optional("trace", trace);
    }
};

/// The normalised temperature-scaled cross entropy of SimCLR (Chen et al. 2020, equation 1, averaged over all 2 N views).
/// Throws DomainError for no pair, a row of zeros, temperature <= 0.
NtXentResult nt_xent(const NtXentOptions& options);

/// image_embeds [N, C]; text_embeds [M, C], one row for each class.
struct ZeroShotOptions {
    static constexpr const char* kFunction = "zero_shot";
    Array<double> image_embeds, text_embeds;
    double logit_scale = 100;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("image_embeds", image_embeds, "N C");
        field.required("text_embeds", text_embeds, "M C");
        field.optional("logit_scale", logit_scale);
        field.optional("trace", trace);
    }
};

struct ZeroShotResult {
    Array<double> logits;         // [N, M] logit_scale times the cosines
    Array<double> probabilities;  // [N, M] softmax of each row
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("logits", logits, "N M");
        field.required("probabilities", probabilities, "N M");
        field.optional("trace", trace);
    }
};

/// Classification by the class description nearest to the image (Radford et al. 2021, section 3.1.2).
/// Throws DomainError for no class, a row of zeros, logit_scale <= 0.
ZeroShotResult zero_shot(const ZeroShotOptions& options);

}  // namespace clearformer
