#include "clearformer/estimate/formats.hpp"

#include <set>

#include "clearformer/estimate/inventory.hpp"
#include "clearformer/estimate/memory.hpp"
#include "estimate_support.hpp"

using namespace clearformer;
using namespace clearformer::estimate;
using namespace clearformer::testing;

TEST_CASE("formats have the bits per number that their documents give") {
    const auto bits = [](const char* name) { return find_format("test", name).bits(); };
    CHECK(bits("nf4") == 4.5);
    CHECK(bits("nf4-dq") == 4 + 8.0 / 64 + 32.0 / (64 * 256));  // Dettmers et al. 2023, section 3: 0.127 bits beside the 4
    CHECK(bits("mxfp4") == 4.25);                               // OCP Microscaling Formats v1.0, table 1
    CHECK(bits("nvfp4") == 4.5);
    CHECK(bits("int4-g128") == 4.125);
    CHECK(bits("int4-g128-zero") == 4.125 + 4.0 / 128);
    // GGML_QUANT_SIZES of gguf-py.
    CHECK(bits("Q4_0") == 4.5);
    CHECK(bits("q8_0") == 8.5);
    CHECK(bits("q2_k") == 2.625);
    CHECK(bits("q3_k") == 3.4375);
    CHECK(bits("Q4_K") == 4.5);
    CHECK(bits("q5_k") == 5.5);
    CHECK(bits("q6_k") == 6.5625);
    CHECK(bits("iq4_xs") == 4.25);
    CHECK(bits("iq2_xxs") == 2.0625);
    CHECK(bits("tq1_0") == 1.6875);
}

TEST_CASE("names of formats are their own, and an unknown one is a sentence that lists them") {
    std::set<std::string> names;
    for (const Format& format : formats()) {
        CHECK(names.insert(format.name).second);
        CHECK(format.block >= 1);
        CHECK(format.bytes >= 1);
        CHECK(format.bits() <= 32);
        CHECK(std::string(format.source).size() > 5);
    }
    CHECK_THROWS_WITH_AS(find_format("memory", "q4"), doctest::Contains("memory: format must be one of fp32, bf16"),
                         DomainError);
    CHECK_THROWS_WITH_AS(find_format("memory", "q4"), doctest::Contains("got q4"), DomainError);
}

TEST_CASE("the last block counts whole, and blocks of bytes grow with the numbers in them") {
    Ledger ledger;
    for (const Format& format : formats()) {
        CAPTURE(format.name);
        std::int64_t before = 0;
        for (const std::int64_t count :
             {std::int64_t{0}, std::int64_t{1}, format.block, format.block + 1, 5 * format.block}) {
            const Quantity bytes = format_bytes(ledger, ledger.constant(count), format);
            CHECK(bytes.count() == (count + format.block - 1) / format.block * format.bytes);
            CHECK(bytes.count() >= before);
            before = bytes.count();
        }
    }
}

TEST_CASE("a quantised format leaves norms, biases and routers in 16 bits, and tables unless it is llama.cpp's") {
    const OrderedJson config = {{"model_type", "mixtral"},     {"hidden_size", 512},       {"num_hidden_layers", 2},
                                {"num_attention_heads", 8},    {"num_key_value_heads", 2}, {"intermediate_size", 1024},
                                {"num_local_experts", 4},      {"num_experts_per_tok", 2}, {"vocab_size", 1024},
                                {"tie_word_embeddings", false}};
    const auto bytes_of = [&](const Workload& workload, Class kind) {
        const auto model = model_of(config);
        const Inventory inventory = count_parameters(*model);
        const MemoryPlan plan = plan_memory(*model, inventory, workload);
        const auto at = static_cast<std::size_t>(kind);
        return plan.weights_by_class[at].value() / inventory.by_class[at].value();
    };
    Workload workload;
    workload.weights = "q4_0";
    CHECK(bytes_of(workload, Class::kExpert) == 18.0 / 32);
    CHECK(bytes_of(workload, Class::kAttention) == 18.0 / 32);
    CHECK(bytes_of(workload, Class::kEmbedding) == 18.0 / 32);
    CHECK(bytes_of(workload, Class::kHead) == 18.0 / 32);
    CHECK(bytes_of(workload, Class::kRouter) == 2);
    CHECK(bytes_of(workload, Class::kNorm) == 2);
    workload.weights = "nf4";
    CHECK(bytes_of(workload, Class::kExpert) == 36.0 / 64);
    CHECK(bytes_of(workload, Class::kEmbedding) == 2);
    CHECK(bytes_of(workload, Class::kHead) == 2);
    workload.weights_by_class = {{"head", "q8_0"}, {"norm", "fp32"}, {"router", "int8"}};
    CHECK(bytes_of(workload, Class::kHead) == 34.0 / 32);
    CHECK(bytes_of(workload, Class::kNorm) == 4);
    CHECK(bytes_of(workload, Class::kRouter) == 1);
    CHECK(bytes_of(workload, Class::kAttention) == 36.0 / 64);
    workload.weights_by_class = {{"heads", "fp32"}};
    CHECK_THROWS_WITH_AS(bytes_of(workload, Class::kHead), doctest::Contains("kind must be one of embedding"), DomainError);
    workload.weights_by_class = {{"head", "fp32"}, {"head", "bf16"}};
    CHECK_THROWS_WITH_AS(bytes_of(workload, Class::kHead), "plan: weights_by_class names head twice", DomainError);
}
