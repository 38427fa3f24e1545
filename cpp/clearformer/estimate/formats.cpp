#include "clearformer/estimate/formats.hpp"

#include <algorithm>

namespace clearformer::estimate {
namespace {

constexpr const char* kGguf = "ggml-common.h and GGML_QUANT_SIZES of gguf-py (llama.cpp)";
constexpr const char* kMx = "OCP Microscaling Formats v1.0, table 1: 32 numbers share one E8M0 scale";
constexpr const char* kBare = "bits alone, without a scale";

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// The cited leaf of a name, made when a format is first used.
Quantity cited(Ledger& ledger, const Format& format, const char* what, const char* title, std::int64_t value) {
    if (const Quantity known = ledger.find({format.name, what})) return known;
    return ledger.leaf({format.name, what, "|", format.title, title, "|", format.source}, value, Origin::kCited);
}

}  // namespace

const std::vector<Format>& formats() {
    static const std::vector<Format> all{
        {"fp32", "float32", 1, 4, false, true, "IEEE 754 binary32"},
        {"bf16", "bfloat16", 1, 2, false, true, "16 bits: 1 sign, 8 exponent, 7 fraction"},
        {"fp16", "float16", 1, 2, false, true, "IEEE 754 binary16"},
        {"fp8", "FP8", 1, 1, true, false, kBare},
        {"int8", "INT8", 1, 1, true, false, kBare},
        {"int4", "INT4", 2, 1, true, false, kBare},
        {"int4-g128", "INT4, groups of 128", 128, 66, true, false,
         "AWQ (Lin et al. 2023), GPTQ (Frantar et al. 2022): 128 × 4 bits and an fp16 scale"},
        {"int4-g128-zero", "INT4, groups of 128 with zero points", 256, 133, true, false,
         "as AWQ and GPTQ files hold it: of each 128 also a packed 4-bit zero point"},
        {"nf4", "NF4", 64, 36, true, false,
         "QLoRA (Dettmers et al. 2023), section 3: 64 × 4 bits and an fp32 constant, 4.5 bits"},
        {"nf4-dq", "NF4 with double quantisation", 64 * 256, 64 * 256 / 2 + 256 + 4, true, false,
         "QLoRA (Dettmers et al. 2023), section 3: 4 + 8/64 + 32/(64 × 256) = 4.127 bits"},
        {"mxfp8", "MXFP8", 32, 33, true, false, kMx},
        {"mxfp6", "MXFP6", 32, 25, true, false, kMx},
        {"mxfp4", "MXFP4", 32, 17, true, false, kMx},
        {"nvfp4", "NVFP4", 16, 9, true, false, "NVFP4: 16 × 4 bits and an fp8 scale (ggml: 64 in 36 bytes)"},
        {"q4_0", "Q4_0", 32, 18, true, true, kGguf},
        {"q4_1", "Q4_1", 32, 20, true, true, kGguf},
        {"q5_0", "Q5_0", 32, 22, true, true, kGguf},
        {"q5_1", "Q5_1", 32, 24, true, true, kGguf},
        {"q8_0", "Q8_0", 32, 34, true, true, kGguf},
        {"q2_k", "Q2_K", 256, 84, true, true, kGguf},
        {"q3_k", "Q3_K", 256, 110, true, true, kGguf},
        {"q4_k", "Q4_K", 256, 144, true, true, kGguf},
        {"q5_k", "Q5_K", 256, 176, true, true, kGguf},
        {"q6_k", "Q6_K", 256, 210, true, true, kGguf},
        {"iq1_s", "IQ1_S", 256, 50, true, true, kGguf},
        {"iq1_m", "IQ1_M", 256, 56, true, true, kGguf},
        {"iq2_xxs", "IQ2_XXS", 256, 66, true, true, kGguf},
        {"iq2_xs", "IQ2_XS", 256, 74, true, true, kGguf},
        {"iq2_s", "IQ2_S", 256, 82, true, true, kGguf},
        {"iq3_xxs", "IQ3_XXS", 256, 98, true, true, kGguf},
        {"iq3_s", "IQ3_S", 256, 110, true, true, kGguf},
        {"iq4_nl", "IQ4_NL", 32, 18, true, true, kGguf},
        {"iq4_xs", "IQ4_XS", 256, 136, true, true, kGguf},
        {"tq1_0", "TQ1_0", 256, 54, true, true, kGguf},
        {"tq2_0", "TQ2_0", 256, 66, true, true, kGguf},
    };
    return all;
}

const Format& find_format(const char* where, const std::string& name) {
    const std::string wanted = lower(name);
    std::string names;
    for (const Format& format : formats()) {
        if (wanted == format.name) return format;
        names += (names.empty() ? "" : ", ") + std::string(format.name);
    }
    fail({where, ": format must be one of ", names, ", got ", name});
}

Quantity format_bytes(Ledger& ledger, Quantity elements, const Format& format) {
    if (format.block == 1) return elements * cited(ledger, format, "_bytes", ", one number|B", format.bytes);
    return ceil_divide(elements, cited(ledger, format, "_block", ", numbers of a block|", format.block)) *
           cited(ledger, format, "_bytes_per_block", ", one block|B", format.bytes);
}

WeightFormats::WeightFormats(const char* where, const std::string& weights, const std::vector<ClassFormat>& by_class)
    : weights_(&find_format(where, weights)), rest_(&find_format(where, "bf16")) {
    for (const ClassFormat& one : by_class) {
        std::size_t i = 0;
        std::string names;
        for (; i < std::size(kClasses) && one.kind != class_name(kClasses[i]); ++i) {
            names += (i ? ", " : "") + std::string(class_name(kClasses[i]));
        }
        require(i < std::size(kClasses), where, ": weights_by_class: kind must be one of ", names, ", got ", one.kind);
        require(!classes_[i], where, ": weights_by_class names ", one.kind, " twice");
        classes_[i] = &find_format(where, one.format);
    }
}

const Format& WeightFormats::of(const WeightTensor& tensor) const {
    const bool multiplied = tensor.matrix || tensor.looked_up;
    if (const Format* own = classes_[static_cast<std::size_t>(tensor.kind)]) {
        return own->quantised && !multiplied ? *rest_ : *own;
    }
    if (!weights_->quantised) return *weights_;
    const bool table = tensor.kind == Class::kEmbedding || tensor.kind == Class::kHead;
    if (!multiplied || tensor.kind == Class::kRouter || tensor.kind == Class::kPosition) return *rest_;
    return table && !weights_->tables ? *rest_ : *weights_;
}

}  // namespace clearformer::estimate
