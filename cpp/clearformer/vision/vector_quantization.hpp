#pragma once

// Vectors become entries of a finite list: by the nearest entry of a learned codebook (VQ), or by rounding each coordinate
// to one of a few levels (FSQ).

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// z [.. D]: vectors; codebook [K, D].
struct VectorQuantizeOptions {
    static constexpr const char* kFunction = "vector_quantize";
    Array<double> z, codebook;
    double beta = 0.25;  // weight of the commitment loss, at least 0
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("z", z, ".. D");
        field.required("codebook", codebook, "K D");
        field.optional("beta", beta);
        field.optional("trace", trace);
    }
};

struct VectorQuantizeResult {
    Array<double> squared_distances;  // [.. K]
    Array<double> indices;            // [..] the nearest entry, the first of equals
    Array<double> quantized;          // [.. D] that entry; what the straight-through output equals
    double codebook_loss = 0;         // mean of (quantized - z)^2, z held fixed
    double commitment_loss = 0;       // the same number, the codebook held fixed
    double total = 0;                 // codebook_loss + beta commitment_loss
    Array<double> d_z;                // [.. D] derivative of total; the commitment loss alone moves z
    Array<double> d_codebook;         // [K, D] derivative of total; the codebook loss alone moves the codebook
    Array<double> counts;             // [K] how often each entry was nearest
    double perplexity = 0;            // exp of the entropy of the counts: how many entries are in use, from 1 to K
    std::optional<Trace> trace;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("squared_distances", squared_distances, ".. K");
        field.required("indices", indices, "..");
        field.required("quantized", quantized, ".. D");
        field.required("codebook_loss", codebook_loss);
        field.required("commitment_loss", commitment_loss);
        field.required("total", total);
        field.required("d_z", d_z, ".. D");
        field.required("d_codebook", d_codebook, "K D");
        field.required("counts", counts, "K");
        field.required("perplexity", perplexity);
        field.optional("trace", trace);
    }
};

/// The quantiser of VQ-VAE with its two losses, averaged over all entries of z (van den Oord et al. 2017, equations 1 to 3).
/// Throws DomainError for no vector, D = 0, an empty codebook, beta < 0.
VectorQuantizeResult vector_quantize(const VectorQuantizeOptions& options);

/// z [.. D]; levels: D numbers of levels, each at least 2. Variants: paper, and vector_quantize_pytorch, the library's,
/// whose outermost levels are reached by more of z.
struct FiniteScalarQuantizeOptions {
    static constexpr const char* kFunction = "finite_scalar_quantize";
    Array<double> z;
    std::vector<int> levels;
    double eps = 1e-3;
    std::string variant = "paper";
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("z", z, ".. D");
        field.required("levels", levels, "D");
        field.optional("eps", eps);
        field.optional("variant", variant);
        field.optional("trace", trace);
    }
};

struct FiniteScalarQuantizeResult {
    Array<double> bounded;  // [.. D] z squeezed to the width of its levels
    Array<double> codes;    // [.. D] bounded, rounded and divided by floor(L / 2): from -1 to 1
    Array<double> digits;   // [.. D] whole numbers from 0 to L - 1
    Array<double> index;    // [..] the digits as one number, the first the least: d_0 + L_0 (d_1 + L_1 (d_2 + ..))
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("bounded", bounded, ".. D");
        field.required("codes", codes, ".. D");
        field.required("digits", digits, ".. D");
        field.required("index", index, "..");
        field.optional("trace", trace);
    }
};

/// bounded = h tanh(z + shift) - o, then rounded, half to even. o is 0 for an odd number of levels L and 1/2 for an even
/// one. paper: h = (L - 1)(1 - eps) / 2, shift = tan(o / h) (Mentzer et al. 2023, appendix A.1); vector_quantize_pytorch:
/// h = (L - 1)(1 + eps) / 2, shift = artanh(o / h), with which z = 0 stays at 0.
/// Throws DomainError for no level, fewer than 2 levels, more than 2^53 codes, eps < 0, eps (L - 1) >= 1, an unknown
/// variant, and for eps 0 with two levels in the library's variant, whose shift would be infinite.
FiniteScalarQuantizeResult finite_scalar_quantize(const FiniteScalarQuantizeOptions& options);

}  // namespace clearformer
