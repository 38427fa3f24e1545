#include "clearformer/estimate/memory.hpp"

#include "estimate_support.hpp"

using namespace clearformer;
using namespace clearformer::estimate;
using namespace clearformer::testing;

namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;

struct Planned {
    std::unique_ptr<Model> model;
    Inventory inventory;
    MemoryPlan plan;
};

Planned planned(const OrderedJson& config, const Workload& workload) {
    Planned result;
    result.model = model_of(config);
    result.inventory = count_parameters(*result.model);
    result.plan = plan_memory(*result.model, result.inventory, workload);
    return result;
}

Workload tokens(Size prompt, Size generated = 0) {
    Workload workload;
    workload.prompt = prompt;
    workload.generated = generated;
    return workload;
}

OrderedJson llama_3_70b() { return llama(8192, 80, 64, 8, 28672, 128256); }

OrderedJson gemma_3_27b() {
    return {{"model_type", "gemma3"},
            {"text_config",
             {{"head_dim", 128},
              {"hidden_size", 5376},
              {"intermediate_size", 21504},
              {"num_attention_heads", 32},
              {"num_hidden_layers", 62},
              {"num_key_value_heads", 16},
              {"model_type", "gemma3_text"},
              {"sliding_window", 1024}}}};
}

OrderedJson deepseek_v2() {
    return {{"model_type", "deepseek_v2"}, {"first_k_dense_replace", 1},   {"hidden_size", 5120},
            {"intermediate_size", 12288},  {"kv_lora_rank", 512},          {"moe_intermediate_size", 1536},
            {"moe_layer_freq", 1},         {"n_routed_experts", 160},      {"n_shared_experts", 2},
            {"num_attention_heads", 128},  {"num_experts_per_tok", 6},     {"num_hidden_layers", 60},
            {"num_key_value_heads", 128},  {"q_lora_rank", 1536},          {"qk_nope_head_dim", 128},
            {"qk_rope_head_dim", 64},      {"tie_word_embeddings", false}, {"v_head_dim", 128},
            {"vocab_size", 102400}};
}

OrderedJson qwen3_235b() {
    return {{"model_type", "qwen3_moe"}, {"decoder_sparse_step", 1},   {"head_dim", 128},
            {"hidden_size", 4096},       {"intermediate_size", 12288}, {"moe_intermediate_size", 1536},
            {"num_attention_heads", 64}, {"num_experts", 128},         {"num_experts_per_tok", 8},
            {"num_hidden_layers", 94},   {"num_key_value_heads", 4},   {"tie_word_embeddings", false},
            {"vocab_size", 151936}};
}

}  // namespace

TEST_CASE("a token's cache has the published size") {
    const OrderedJson opt_13b = {
        {"model_type", "opt"},       {"ffn_dim", 20480},        {"hidden_size", 5120}, {"max_position_embeddings", 2048},
        {"num_attention_heads", 40}, {"num_hidden_layers", 40}, {"vocab_size", 50272}};
    // Kwon et al. 2023, section 3: 800 KB, and up to 1.6 GB for 2048 tokens.
    const Planned opt = planned(opt_13b, tokens(2048));
    CHECK(opt.plan.kv_per_token.count() == 800 * 1024);
    CHECK(opt.plan.kv_per_sequence.count() == 1677721600);
    CHECK(planned(llama(4096, 32, 32, 32, 11008, 32000), {}).plan.kv_per_token.count() == 512 * 1024);
    // DeepSeek-V2, table 1: (512 + 64) × 60 numbers.
    CHECK(planned(deepseek_v2(), {}).plan.kv_per_token.count() == 69120);
}

TEST_CASE("8,192 tokens of cache: shared heads, windows of some layers and latents save what their papers say") {
    const Workload workload = tokens(8000, 192);
    CHECK(planned(llama_3_70b(), workload).plan.kv_per_sequence.count() == 2.5 * kGiB);
    CHECK(planned(qwen3_235b(), workload).plan.kv_per_sequence.count() == 1.46875 * kGiB);
    OrderedJson gemma = gemma_3_27b();
    CHECK(planned(gemma, workload).plan.kv_per_sequence.count() == 1.03125 * kGiB);
    gemma["text_config"]["sliding_window"] = nullptr;
    CHECK(planned(gemma, workload).plan.kv_per_sequence.count() == 3.875 * kGiB);
}

TEST_CASE("a cache in q8_0 or q4_0 takes 34 or 18 bytes for 32 numbers, in fp8 one each") {
    Workload workload = tokens(1000, 24);
    const double numbers = planned(llama_3_70b(), workload).plan.kv.value() / 2;
    for (const auto& [format, bytes] : {std::pair{"q8_0", 34.0 / 32}, {"q4_0", 18.0 / 32}, {"fp8", 1.0}, {"fp32", 4.0}}) {
        workload.cache = format;
        CHECK(planned(llama_3_70b(), workload).plan.kv.value() == numbers * bytes);
    }
}

TEST_CASE("cache: pages never need less than tokens, a larger window never less than a smaller, batches add up") {
    OrderedJson mistral = llama(512, 4, 8, 2, 1024, 1000);
    mistral["model_type"] = "mistral";
    std::int64_t before = 0;
    for (const int window : {1, 7, 16, 100, 1000, 1024, 5000}) {
        mistral["sliding_window"] = window;
        Workload workload = tokens(990, 33);
        const std::int64_t plain = planned(mistral, workload).plan.kv_per_sequence.count();
        CHECK(plain >= before);
        CHECK(plain == 4 * 2 * 2 * 64 * 2 * std::min(window, 1023));
        before = plain;
        for (const Size page : {2, 16, 64}) {
            workload.page = page;
            workload.batch = 5;
            const Planned paged = planned(mistral, workload);
            CHECK(paged.plan.kv_per_sequence.count() >= plain);
            CHECK(paged.plan.kv_per_sequence.count() < plain + static_cast<std::int64_t>(page) * 4 * 512);
            CHECK(paged.plan.kv.count() == 5 * paged.plan.kv_per_sequence.count());
        }
    }
}

TEST_CASE("an encoder-decoder also keeps the keys and values of its source, an encoder nothing") {
    const OrderedJson t5 = {{"model_type", "t5"}, {"d_model", 512},  {"d_ff", 2048},        {"d_kv", 64},
                            {"num_heads", 8},     {"num_layers", 6}, {"vocab_size", 32128}, {"tie_word_embeddings", true}};
    Workload workload = tokens(10, 30);
    workload.source = 100;
    CHECK(planned(t5, workload).plan.kv_per_sequence.count() == 6 * 2 * 512 * 2 * (40 + 100));
    const OrderedJson bert = {{"model_type", "bert"},          {"hidden_size", 768},        {"num_hidden_layers", 12},
                              {"num_attention_heads", 12},     {"intermediate_size", 3072}, {"vocab_size", 30522},
                              {"max_position_embeddings", 512}};
    CHECK(!planned(bert, workload).plan.kv);
}

TEST_CASE("what is split over devices sums to the whole, but for norms, which each device has") {
    const OrderedJson config = llama_3_70b();
    const Planned one = planned(config, {});
    const std::int64_t norms = one.plan.weights_by_class[static_cast<std::size_t>(Class::kNorm)].count();
    for (const Size tensor : {1, 2, 4, 8, 16, 64}) {
        for (const Size pipeline : {1, 2, 5, 16}) {
            CAPTURE(tensor);
            CAPTURE(pipeline);
            Workload workload;
            workload.tensor_parallel = tensor;
            workload.pipeline_parallel = pipeline;
            workload.devices = tensor * pipeline;
            const Planned many = planned(config, workload);
            const auto devices = static_cast<std::int64_t>(workload.devices), t = static_cast<std::int64_t>(tensor);
            // Beyond 8 key and value heads each device keeps a copy of one.
            CHECK(many.plan.device_kv.count() * std::min<std::int64_t>(t, 8) * static_cast<std::int64_t>(pipeline) ==
                  one.plan.kv.count());
            if (pipeline == 1)
                CHECK(devices * many.plan.device_weights.count() == one.plan.weights.count() + (t - 1) * norms);
            CHECK(devices * many.plan.device_weights.count() >= one.plan.weights.count());
            CHECK(many.plan.weights.count() == one.plan.weights.count());
        }
    }
}

TEST_CASE("the fullest of the stages has its layers and the larger of embedding and head") {
    const OrderedJson config = llama(64, 6, 4, 4, 128, 1000);
    const Planned one = planned(config, {});
    const auto bytes = [&](Class kind) { return one.plan.weights_by_class[static_cast<std::size_t>(kind)].count(); };
    Workload workload;
    workload.pipeline_parallel = workload.devices = 4;
    const std::int64_t layers = bytes(Class::kAttention) + bytes(Class::kFeedForward) + bytes(Class::kNorm) - 64 * 2;
    CHECK(planned(config, workload).plan.device_weights.count() == layers / 6 * 2 + bytes(Class::kHead) + 64 * 2);
    OrderedJson tied = config;
    tied["tie_word_embeddings"] = true;
    CHECK(planned(tied, workload).plan.device_weights.count() == layers / 6 * 2 + bytes(Class::kHead) + 64 * 2);
}

TEST_CASE("experts are shared out by expert parallelism, and a latent is whole on every device") {
    Workload workload;
    const Planned one = planned(deepseek_v2(), workload);
    workload.devices = workload.expert_parallel = 16;
    workload.batch = 32;
    const Planned many = planned(deepseek_v2(), workload);
    const std::int64_t experts = one.plan.weights_by_class[static_cast<std::size_t>(Class::kExpert)].count();
    CHECK(many.plan.device_weights.count() == one.plan.weights.count() - experts + experts / 16);
    CHECK(many.plan.device_kv.count() == 2 * one.plan.kv_per_sequence.count());
    workload.tensor_parallel = 16;
    const Planned both = planned(deepseek_v2(), workload);
    CHECK(both.plan.device_kv.count() == 32 * one.plan.kv_per_sequence.count());
    CHECK(both.plan.device_weights.count() < many.plan.device_weights.count());
}

TEST_CASE("scores that stand whole in memory grow with the square of the prompt, tiles do not") {
    const auto activations = [](Size prompt, bool tiled) {
        Workload workload = tokens(prompt);
        workload.tiled = tiled;
        return planned(llama(4096, 32, 32, 32, 11008, 32000), workload).plan.activations.value();
    };
    CHECK(activations(16384, true) == 2 * activations(8192, true));
    // Two streams of 4096 and queries, keys, values and output of 4096 each, and 32 × 8192 scores a row, two bytes each.
    CHECK(activations(8192, false) == 8192.0 * 2 * (6 * 4096 + 32 * 8192));
    CHECK(activations(8192, true) == 8192.0 * 2 * (2 * 4096 + 2 * 11008));
    Workload all = tokens(8192);
    all.head_on_last = false;
    CHECK(planned(llama(4096, 32, 32, 32, 11008, 128256), all).plan.activations.value() == 8192.0 * 128256 * 4);
}

TEST_CASE("the number of devices that is needed is the least power of two that fits") {
    for (const char* weights : {"bf16", "int4-g128", "q8_0"}) {
        for (const Size batch : {1, 64}) {
            CAPTURE(weights);
            CAPTURE(batch);
            Workload workload = tokens(4096, 4096);
            workload.batch = batch;
            workload.weights = weights;
            workload.hardware = Hardware{"24 GB", 24e9, 1e12, 1e14, 0, 0};
            const Planned one = planned(llama_3_70b(), workload);
            REQUIRE(static_cast<bool>(one.plan.devices_needed));
            const auto needed = static_cast<Size>(one.plan.devices_needed.count());
            CHECK(needed > 1);
            for (Size devices = 1; devices <= needed; devices *= 2) {
                workload.devices = devices;
                workload.tensor_parallel = std::min<Size>(devices, 64);
                workload.pipeline_parallel = devices / workload.tensor_parallel;
                CHECK((planned(llama_3_70b(), workload).plan.left.value() >= 0) == (devices == needed));
            }
        }
    }
}

TEST_CASE("the plan of as many sequences as fit fits, and that of one more does not, whatever batch was asked about") {
    const OrderedJson config = llama(4096, 32, 32, 8, 14336, 128256);
    for (const bool tiled : {true, false}) {
        for (const Size asked : {1, 7, 100}) {
            Workload workload = tokens(1000, 24);
            workload.tiled = tiled;
            workload.batch = asked;
            workload.hardware = Hardware{"80 GB", 80e9, 1e12, 1e14, 0, 0, "input"};
            const std::int64_t fit = planned(config, workload).plan.sequences.count();
            CHECK(fit > 50);
            workload.batch = static_cast<Size>(fit);
            CHECK(planned(config, workload).plan.left.value() >= 0);
            workload.batch = static_cast<Size>(fit + 1);
            CHECK(planned(config, workload).plan.left.value() < 0);
        }
    }
    Workload small = tokens(1000, 24);
    small.hardware = Hardware{"8 GB", 8e9, 1e12, 1e14, 0, 0, "input"};
    const Planned p = planned(config, small);
    CHECK(p.plan.sequences.count() == 0);
    CHECK(p.plan.left.value() < 0);
}

TEST_CASE("contradictions between options are sentences with numbers") {
    const auto plan = [](auto change) {
        Workload workload;
        change(workload);
        planned(llama_3_70b(), workload);
    };
    CHECK_THROWS_WITH_AS(plan([](Workload& w) { w.devices = 3; }),
                         "plan: tensor_parallel 1 × pipeline_parallel 1 must be the number of devices, 3", DomainError);
    CHECK_THROWS_WITH_AS(plan([](Workload& w) { w.devices = w.tensor_parallel = 3; }),
                         "plan: 64 heads cannot be split over tensor_parallel 3 evenly", DomainError);
    CHECK_THROWS_WITH_AS(plan([](Workload& w) { w.devices = w.pipeline_parallel = 81; }),
                         "plan: pipeline_parallel must be at most the 80 layers, got 81", DomainError);
    CHECK_THROWS_WITH_AS(plan([](Workload& w) { w.devices = w.expert_parallel = 2; }),
                         "plan: expert_parallel must be at most the 1 feed-forward of a layer, got 2", DomainError);
    CHECK_THROWS_WITH_AS(plan([](Workload& w) { w.memory_fraction = 1.5; }),
                         "plan: memory_fraction must be in (0, 1], got 1.5", DomainError);
    CHECK_THROWS_WITH_AS(plan([](Workload& w) { w.prefix_cached = 2000; }),
                         "plan: prefix_cached must be at most the 1024 tokens of the prompt, got 2000", DomainError);
    CHECK_THROWS_AS(plan([](Workload& w) { w.batch = 0; }), DomainError);
    CHECK_THROWS_AS(plan([](Workload& w) { w.weights = "int3"; }), DomainError);
    CHECK_THROWS_AS(plan([](Workload& w) { w.overhead = -1; }), DomainError);
}

TEST_CASE("every quantity of a plan is what its formula gives, for every model") {
    for_each_model([](const std::string&, const OrderedJson& config) {
        Workload workload = tokens(1000, 50);
        workload.weights = "q4_k";
        workload.page = 16;
        workload.batch = 3;
        workload.hardware = Hardware{"40 GB", 40e9, 1e12, 1e14, 0, 0};
        const Planned p = planned(config, workload);
        check_formulas(p.model->ledger);
        CHECK(p.plan.weights.whole());
        CHECK(p.plan.device.count() ==
              p.plan.weights.count() + (p.plan.kv ? p.plan.kv.count() : 0) + p.plan.activations.count() + 1000000000);
        CHECK(p.plan.activations.count() > 0);
        CHECK(p.plan.weights.value() > 0.5 * p.inventory.total.value());
        CHECK(p.plan.weights.value() <= 2 * p.inventory.total.value());
    });
}

TEST_CASE("doubles divide into whole parts, and what has no number of parts is a sentence") {
    Ledger ledger;
    const Quantity room = ledger.constant(7.5), each = ledger.constant(std::int64_t{2});
    CHECK(floor_divide(room, each).count() == 3);
    CHECK(ceil_divide(room, each).count() == 4);
    CHECK(ceil_divide(ledger.constant(8.0), each).count() == 4);
    CHECK(floor_divide(ledger.constant(std::int64_t{1}), ledger.constant(0.25)).count() == 4);
    CHECK_THROWS_WITH_AS(floor_divide(ledger.constant(-0.5), each), "estimate: -0.5 has no whole number of parts of 2",
                         DomainError);
    CHECK_THROWS_WITH_AS(ceil_divide(ledger.constant(1e30), each), doctest::Contains("has no whole number of parts"),
                         DomainError);
    CHECK_THROWS_WITH_AS(floor_divide(room, ledger.constant(0.0)), "estimate: a divisor must be above 0, got 0",
                         DomainError);
}

TEST_CASE("two plans of one ledger share their inputs, and one of other numbers has its own") {
    const auto model = model_of(llama(64, 2, 4, 4, 128, 100));
    const Inventory inventory = count_parameters(*model);
    Workload workload;
    const MemoryPlan one = plan_memory(*model, inventory, workload);
    CHECK(!model->ledger.find("prompt#2"));
    workload.prompt = 77;
    const MemoryPlan other = plan_memory(*model, inventory, workload);
    CHECK(model->ledger.find("prompt#2").count() == 77);
    CHECK(!model->ledger.find("batch#2"));
    CHECK(one.kv.count() == 2 * 2 * 64 * 2 * (1024 + 256));
    CHECK(other.kv.count() == 2 * 2 * 64 * 2 * (77 + 256));
    check_formulas(model->ledger);
}
