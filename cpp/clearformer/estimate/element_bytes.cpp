#include "clearformer/estimate/element_bytes.hpp"

#include "clearformer/estimate/inputs.hpp"

namespace clearformer::estimate {
namespace {

/// Bits of an element, scales of blocks included.
struct Bits {
    const char* name;
    double bits;
};
constexpr Bits kBits[] = {{"fp32", 32}, {"bf16", 16}, {"fp16", 16},  {"fp8", 8},
                          {"int8", 8},  {"int4", 4},  {"q8_0", 8.5}, {"q4_0", 4.5}};

double bytes_of(const std::string& format) {
    std::string all;
    for (const Bits& one : kBits) {
        if (format == one.name) return one.bits / 8;
        all += (all.empty() ? "" : ", ") + std::string(one.name);
    }
    fail({"plan: a number format must be one of ", all, ", got ", format});
}

}  // namespace

ElementBytes element_bytes(Model& model, const Workload& workload) {
    const auto element = [&](const std::string& name, const std::string& title, const std::string& format) {
        return input(model.ledger, {name, title, "B", format, false}, bytes_of(format));
    };
    ElementBytes bytes;
    bytes.cache = element("cache_element_bytes", "Bytes of a cached number", workload.cache);
    bytes.activations = element("activation_element_bytes", "Bytes of an activation", workload.activations);
    const Quantity rest = element("weight_element_bytes", "Bytes of a weight", workload.weights);
    for (Quantity& one : bytes.weights) one = rest;
    for (const ClassFormat& own : workload.weights_by_class) {
        bool found = false;
        for (std::size_t i = 0; i < std::size(kClasses); ++i) {
            if (own.kind != class_name(kClasses[i])) continue;
            found = true;
            bytes.weights[i] = element("weight_element_bytes " + own.kind, "Bytes of a weight: " + own.kind, own.format);
        }
        require(found, "plan: weights_by_class: there is no class ", own.kind);
    }
    return bytes;
}

}  // namespace clearformer::estimate
