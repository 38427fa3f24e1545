#include "clearformer/estimate/training_memory.hpp"

#include "estimate_support.hpp"

using namespace clearformer;
using namespace clearformer::estimate;
using namespace clearformer::testing;

namespace {

struct Trained {
    std::unique_ptr<Model> model;
    Inventory inventory;
    TrainingMemory plan;
};

Trained trained(const OrderedJson& config, const Training& training) {
    Trained result;
    result.model = model_of(config);
    result.inventory = count_parameters(*result.model);
    result.plan = plan_training_memory(*result.model, result.inventory, training);
    return result;
}

OrderedJson gpt3() {
    return {{"model_type", "paper_gpt3"}, {"n_layer", 96},      {"n_embd", 12288}, {"n_head", 96}, {"d_head", 128},
            {"n_positions", 2048},        {"vocab_size", 50257}};
}
OrderedJson llama_2_7b() { return llama(4096, 32, 32, 32, 11008, 32000); }
OrderedJson llama_2_13b() { return llama(5120, 40, 40, 40, 13824, 32000); }
OrderedJson llama_2_70b() { return llama(8192, 80, 64, 8, 28672, 32000); }
OrderedJson llama_3_8b() { return llama(4096, 32, 32, 8, 14336, 128256); }
OrderedJson mixtral() {
    return {{"model_type", "mixtral"},  {"hidden_size", 512},          {"num_hidden_layers", 4}, {"num_attention_heads", 8},
            {"num_key_value_heads", 2}, {"intermediate_size", 1024},   {"num_local_experts", 8}, {"num_experts_per_tok", 2},
            {"vocab_size", 1024},       {"tie_word_embeddings", false}};
}

/// The paper's setting: dropout, scores kept.
Training as_published() {
    Training training;
    training.dropout = true;
    training.tiled = false;
    return training;
}

}  // namespace

TEST_CASE("ZeRO shares out what its paper says: 7.5 billion parameters on 64 devices take 120, 31.4, 16.6 and 1.9 GB") {
    const double gigabytes[] = {120, 31.40625, 16.640625, 1.875};  // Rajbhandari et al. 2020, figure 1
    for (int stage = 0; stage <= 3; ++stage) {
        Training training;
        training.zero = stage;
        training.data_parallel = 64;
        const Trained t = trained(llama_2_7b(), training);
        CHECK(7.5 * t.plan.states.value() / t.inventory.total.value() == doctest::Approx(gigabytes[stage]).epsilon(1e-8));
    }
}

TEST_CASE("with dropout and kept scores, a GPT's layers keep what Korthikanti et al. print") {
    Training training = as_published();
    for (const char* recomputation : {"none", "selective"}) {
        for (const Size tensor : {1, 2, 8}) {
            for (const bool sequence_parallel : {false, true}) {
                CAPTURE(recomputation);
                CAPTURE(tensor);
                CAPTURE(sequence_parallel);
                training.recomputation = recomputation;
                training.tensor_parallel = tensor;
                training.sequence_parallel = sequence_parallel;
                training.micro_batch = 2;
                const Trained t = trained(gpt3(), training);
                CHECK(t.plan.layer_activations.value() ==
                      doctest::Approx(t.plan.published_activations.value()).epsilon(1e-14));
            }
        }
    }
    // Table 2 and section 5: 34 + 80 bytes per number of a row, 80 of which selective recomputation saves.
    training = as_published();
    CHECK(trained(gpt3(), training).plan.layer_activations.count() == std::int64_t{96} * 2048 * 12288 * (34 + 80));
    training.recomputation = "selective";
    CHECK(trained(gpt3(), training).plan.layer_activations.count() == std::int64_t{96} * 2048 * 12288 * 34);
    // Section 4.3: the embedding's mask; the final norm, the head's input and float32 logits.
    CHECK(trained(gpt3(), training).plan.outer_activations.count() ==
          std::int64_t{2048} * 12288 * 5 + std::int64_t{4} * 2048 * 50257);
}

TEST_CASE("full recomputation keeps the input of each layer and one layer") {
    Training training = as_published();
    const double whole = trained(gpt3(), training).plan.layer_activations.value();
    training.recomputation = "full";
    const Trained t = trained(gpt3(), training);
    CHECK(t.plan.published_activations.value() == 96.0 * 2 * 2048 * 12288);
    CHECK(t.plan.layer_activations.value() == t.plan.published_activations.value() + whole / 96);
}

TEST_CASE("a layer of Llama keeps its own widths: shared heads, a gate, no masks") {
    Training training;
    training.tiled = false;
    const double rows = 2048, scores = 32 * 2048;
    // Norms 2 × 4096; attention 4096 in, 4096 queries, 2 × 1024 keys and values, 4096 out; feed-forward 4096 in and 4 × 14336.
    const double numbers = 2 * 4096 + 3 * 4096 + 2 * 1024 + 4096 + 4 * 14336;
    CHECK(trained(llama_3_8b(), training).plan.layer_activations.value() == 32 * rows * 2 * (numbers + scores));
    training.tiled = true;
    CHECK(trained(llama_3_8b(), training).plan.layer_activations.value() == 32 * rows * (2 * numbers + 4 * 32));
}

TEST_CASE("the first stage of a pipeline keeps a micro-batch for each stage, so as many layers as the whole") {
    Training training;
    const double whole = trained(llama_3_8b(), training).plan.layer_activations.value();
    for (const Size stages : {2, 4, 16}) {
        training.pipeline_parallel = stages;
        CHECK(trained(llama_3_8b(), training).plan.layer_activations.value() == whole);
    }
    training.global_batch = 4;  // fewer micro-batches than stages
    CHECK(trained(llama_3_8b(), training).plan.layer_activations.value() == whole / 4);
}

TEST_CASE("adapters have rank × (in + out) parameters for every matrix they stand beside") {
    Training training;
    const auto params = [&](const OrderedJson& config, Size rank, std::vector<std::string> targets) {
        training.adapters = Adapters{rank, std::move(targets)};
        return trained(config, training).plan.adapter_params.count();
    };
    CHECK(params(llama_2_7b(), 16, {}) == 39976960);
    CHECK(params(llama_2_13b(), 16, {}) == 62586880);
    CHECK(params(llama_2_70b(), 16, {}) == 207093760);
    CHECK(params(llama_3_8b(), 16, {}) == 41943040);
    CHECK(params(llama_2_13b(), 32, {"q_proj", "v_proj"}) == 26214400);
    CHECK(params(llama_2_70b(), 32, {"q_proj", "v_proj"}) == 65536000);
    CHECK_THROWS_WITH_AS(
        params(llama_2_7b(), 16, {"query"}),
        "training_plan: adapters: targets must be of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj; "
        "got query",
        DomainError);
    CHECK_THROWS_WITH_AS(params(llama_2_7b(), 5000, {}), doctest::Contains("must be at most the narrower side"),
                         DomainError);
    CHECK_THROWS_AS(params(llama_2_7b(), 0, {}), DomainError);
}

TEST_CASE("QLoRA keeps matrices in 4.127 bits, and gradients and optimizer of adapters only") {
    Training training;
    training.weights = "nf4-dq";
    CHECK_THROWS_WITH_AS(trained(llama_2_7b(), training),
                         "training_plan: weights in nf4-dq can be trained with adapters only", DomainError);
    training.adapters = Adapters{16, {}};
    training.optimizer = "adamw";
    const Trained t = trained(llama_2_7b(), training);
    const double adapters = t.plan.adapter_params.value();
    CHECK(t.plan.gradients.value() == 2 * adapters);
    CHECK(t.plan.master.value() == 4 * adapters);
    CHECK(t.plan.optimizer.value() == 8 * adapters);
    const double matrices = 32.0 * (4 * 4096 * 4096 + 3.0 * 4096 * 11008), rest = t.inventory.total.value() - matrices;
    CHECK(t.plan.weights.value() == doctest::Approx(matrices * 4.126953125 / 8 + 2 * rest + 2 * adapters).epsilon(1e-9));
}

TEST_CASE("optimizers keep what they need of each parameter") {
    const auto states = [](const char* optimizer) {
        Training training;
        training.optimizer = optimizer;
        return trained(llama_2_7b(), training);
    };
    const double params = states("sgd").inventory.total.value();
    CHECK(states("sgd").plan.optimizer.count() == 0);
    CHECK(states("momentum").plan.optimizer.value() == 4 * params);
    CHECK(states("adamw").plan.optimizer.value() == 8 * params);
    // Two bytes and two float32 constants for 2048 of them. Norms, of 4096 numbers, too.
    CHECK(states("adamw8bit").plan.optimizer.value() == params * (2 + 8.0 / 2048));
    // Tables, head and norms keep two float32 numbers, the matrices of the layers one.
    const double outside = 2.0 * 32000 * 4096 + 65.0 * 4096;
    CHECK(states("muon").plan.optimizer.value() == 4 * params + 4 * outside);
    // Rows and columns: four square matrices, three of the feed-forward; two tables; norms whole.
    const double sides = 32.0 * (4 * 2 * 4096 + 3 * (4096 + 11008)) + 2 * (32000 + 4096) + 65 * 4096;
    CHECK(states("adafactor").plan.optimizer.value() == 4 * sides);
    CHECK_THROWS_WITH_AS(states("adam"), doctest::Contains("optimizer must be one of adamw, adamw8bit"), DomainError);
}

TEST_CASE("states split over tensor and pipeline ways sum to the whole, but for norms") {
    Training training;
    const Trained one = trained(llama_2_7b(), training);
    for (const Size tensor : {2, 8, 32}) {
        training.tensor_parallel = tensor;
        const Trained many = trained(llama_2_7b(), training);
        const double ways = static_cast<double>(tensor);
        CHECK(ways * many.plan.states.value() == one.plan.states.value() + (ways - 1) * 16 * 65 * 4096);
    }
    training.tensor_parallel = 1;
    training.pipeline_parallel = 8;
    CHECK(8 * trained(llama_2_7b(), training).plan.states.value() >= one.plan.states.value());
    Training experts;
    const Trained whole = trained(mixtral(), experts);
    experts.data_parallel = experts.expert_parallel = 8;
    const double expert_params = whole.inventory.by_class[static_cast<std::size_t>(Class::kExpert)].value();
    CHECK(trained(mixtral(), experts).plan.states.value() == whole.plan.states.value() - 16 * expert_params * 7 / 8);
    experts.zero = 3;
    CHECK(8 * trained(mixtral(), experts).plan.states.value() == whole.plan.states.value());
}

TEST_CASE("ZeRO stage 3 fits on the number of devices that is said, and not on one less") {
    Training training;
    training.hardware = Hardware{"24 GB", 24e9, 1e12, 1e14, 0, 0};
    training.recomputation = "full";
    const Trained alone = trained(llama_2_7b(), training);
    CHECK(alone.plan.left.value() < 0);
    const auto needed = static_cast<Size>(alone.plan.zero3_data_parallel.count());
    REQUIRE(needed > 2);
    training.zero = 3;
    for (const Size ways : {needed - 1, needed}) {
        training.data_parallel = training.global_batch = ways;
        const Trained t = trained(llama_2_7b(), training);
        CHECK((t.plan.left.value() >= 0) == (ways == needed));
        CHECK(t.plan.zero3_data_parallel.count() == static_cast<std::int64_t>(needed));
    }
}

TEST_CASE("GPT-3 took 3.14e23 FLOP by 6 × parameters × tokens, and the exact count is near it") {
    Training training;
    training.tokens = 300e9;
    training.tiled = false;
    training.hardware = Hardware{"A100", 80e9, 2e12, 312e12, 0, 400};
    training.data_parallel = 64;
    training.price = 2;
    const Trained t = trained(gpt3(), training);
    CHECK(t.plan.flops_6nd.value() == doctest::Approx(3.14e23).epsilon(0.002));  // Brown et al. 2020, table D.1
    CHECK(t.plan.flops.value() > t.plan.flops_6nd.value());
    CHECK(t.plan.flops.value() < 1.03 * t.plan.flops_6nd.value());
    CHECK(t.plan.seconds.value() == doctest::Approx(t.plan.flops.value() / (64 * 312e12 * 0.4)));
    CHECK(t.plan.usd.value() == doctest::Approx(t.plan.seconds.value() / 3600 * 64 * 2));
    CHECK(t.plan.kwh.value() == doctest::Approx(t.plan.seconds.value() * 64 * 400 / 3.6e6));
    CHECK(t.plan.steps.value() == std::ceil(300e9 / 2048 / 64));
}

TEST_CASE("what is computed again costs at most one more forward pass, and adapters save the gradients of weights") {
    Training training;
    training.tiled = false;
    const double plain = trained(llama_2_7b(), training).plan.flops.value();
    training.recomputation = "selective";
    const double selective = trained(llama_2_7b(), training).plan.flops.value();
    training.recomputation = "full";
    const double full = trained(llama_2_7b(), training).plan.flops.value();
    CHECK(plain < selective);
    CHECK(selective < full);
    CHECK(full < plain * 4 / 3);
    CHECK(full > plain * 1.3);
    training.recomputation = "none";
    training.adapters = Adapters{16, {}};
    const double adapters = trained(llama_2_7b(), training).plan.flops.value();
    CHECK(adapters < 0.72 * plain);
    CHECK(adapters > 2.0 / 3 * plain);
}

TEST_CASE("contradictions of a training are sentences with numbers") {
    const auto plan = [](auto change) {
        Training training;
        change(training);
        trained(mixtral(), training);
    };
    CHECK_THROWS_WITH_AS(plan([](Training& t) {
                             t.global_batch = 10;
                             t.data_parallel = 4;
                         }),
                         "training_plan: global_batch 10 must be a multiple of micro_batch 1 × data_parallel 4",
                         DomainError);
    CHECK_THROWS_WITH_AS(plan([](Training& t) { t.zero = 4; }), "training_plan: zero must be a stage from 0 to 3, got 4",
                         DomainError);
    CHECK_THROWS_WITH_AS(plan([](Training& t) { t.expert_parallel = 8; }),
                         "training_plan: expert_parallel 8 must divide data_parallel 1", DomainError);
    CHECK_THROWS_WITH_AS(plan([](Training& t) { t.recomputation = "all"; }),
                         "training_plan: recomputation must be one of none, selective, full, got all", DomainError);
    CHECK_THROWS_AS(plan([](Training& t) { t.utilisation = 0; }), DomainError);
    CHECK_THROWS_AS(plan([](Training& t) { t.tensor_parallel = 3; }), DomainError);
    CHECK_THROWS_AS(plan([](Training& t) { t.sequence = 0; }), DomainError);
}

TEST_CASE("every quantity of a training is what its formula gives, for every model") {
    for_each_model([](const std::string&, const OrderedJson& config) {
        for (const char* recomputation : {"none", "full"}) {
            Training training;
            training.recomputation = recomputation;
            training.optimizer = "adamw8bit";
            training.zero = 2;
            training.data_parallel = 8;
            training.sequence = 512;
            training.hardware = Hardware{"80 GB", 80e9, 2e12, 312e12, 0, 400};
            const Trained t = trained(config, training);
            check_formulas(t.model->ledger);
            CHECK(t.plan.activations.count() > 0);
            CHECK(t.plan.device.count() == t.plan.states.count() + t.plan.activations.count() + 1000000000);
            CHECK(t.plan.flops.value() > 0);
        }
    });
}

TEST_CASE("an encoder of images is trained on rows of images, whatever the length of a text sequence") {
    const OrderedJson vit = {{"model_type", "vit"},      {"hidden_size", 192},       {"num_hidden_layers", 3},
                             {"num_attention_heads", 3}, {"intermediate_size", 768}, {"image_size", 224},
                             {"patch_size", 16},         {"num_labels", 10}};
    Training training;
    training.tiled = false;
    training.tokens = 197e6;
    double before = 0;
    for (const Size sequence : {1, 2048}) {
        training.sequence = sequence;
        const double flops = trained(vit, training).plan.flops.value();
        // 1e6 images; patches to rows, three layers of 12 × 192² on 197 rows, attention of 2 × 197² × 192, ten classes.
        const double layer = 12.0 * 192 * 192 * 197 + 2.0 * 197 * 197 * 192;
        CHECK(flops == doctest::Approx(1e6 * 3 * 2 * (196.0 * 768 * 192 + 3 * layer + 1920)));
        CHECK((before == 0 || before == flops));
        before = flops;
    }
}
