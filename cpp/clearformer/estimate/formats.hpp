#pragma once

// Number formats of weights, caches and activations: how many numbers stand together, and in how many bytes.

#include <vector>

#include "clearformer/estimate/architecture.hpp"
#include "clearformer/estimate/workload.hpp"

namespace clearformer::estimate {

/// A format as it lies in memory: blocks of `block` numbers in `bytes` bytes, scales and all.
struct Format {
    const char* name;   // lower case: "bf16", "q4_k"
    const char* title;  // as its documents write it: "Q4_K"
    std::int64_t block, bytes;
    bool quantised;  // for matrices only: norms, biases and routers stay in 16 bits
    bool tables;     // also for the embedding table and the head, as llama.cpp does; others leave both in 16 bits
    const char* source;
    double bits() const { return 8.0 * static_cast<double>(bytes) / static_cast<double>(block); }
};

/// Every format, in the order of sentences:
///   fp32 bf16 fp16                     plain
///   fp8 int8 int4                      bare bits; a scale per tensor or row (under 0.1 % at rows of 2048) is left out
///   int4-g128, int4-g128-zero          an fp16 scale for 128 numbers (AWQ, GPTQ), and with it a packed 4-bit zero point, as their files hold
///   nf4, nf4-dq                        QLoRA: 64 numbers and an fp32 constant; those constants quantised again, 256 to a block
///   mxfp8 mxfp6 mxfp4, nvfp4           32 numbers and a power of two; 16 numbers and an fp8 scale
///   q4_0 ... iq4_xs, tq1_0, tq2_0      the blocks of GGUF files, without the mixes (Q4_K_M) that a file makes of them
const std::vector<Format>& formats();
/// Upper and lower case are the same. Throws DomainError "where: format must be one of ..., got ...".
const Format& find_format(const char* where, const std::string& name);

/// ⌈elements / block⌉ × bytes: whole; the last block counts whole. The two numbers of a format are cited leaves that open to its source.
Quantity format_bytes(Ledger& ledger, Quantity elements, const Format& format);

/// Which tensor has which format. A quantised one holds for the weights of products, and for embedding and head only if the format says
/// so. All else, and routers with it, stays in bf16: one row of a norm or a bias is not worth a block, and a router decides by small
/// differences; AWQ, GPTQ, bitsandbytes and llama.cpp leave them alone. `by_class` overrides this for one class: a plain format then holds for
/// all its tensors, a quantised one for its matrices and tables.
class WeightFormats {
public:
    /// Throws DomainError for an unknown format or class, and for a class named twice.
    WeightFormats(const char* where, const std::string& weights, const std::vector<ClassFormat>& by_class);
    const Format& of(const WeightTensor& tensor) const;

private:
    const Format *weights_, *rest_;
    const Format* classes_[std::size(kClasses)] = {};
};

}  // namespace clearformer::estimate
