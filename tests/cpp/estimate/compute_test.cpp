// Published FLOPs and multiply-accumulates, and what must hold between prompts, steps, masks and caches.

#include <doctest/doctest.h>

#include <cmath>

#include "clearformer/estimate/compute.hpp"
#include "clearformer/estimate/inventory.hpp"
#include "clearformer/estimate/time.hpp"
#include "clearformer/estimate/visible.hpp"
#include "estimate/configs.hpp"
#include "estimate/formula.hpp"

namespace clearformer::estimate {
namespace {

using nlohmann::json;
using testing::config_of;

std::unique_ptr<Model> model_of(const json& config, std::optional<Size> image_size = std::nullopt) {
    return read_model(config_of(config), image_size);
}

/// The numbers of a pass, without its ledger.
struct Numbers {
    double flops = 0, macs = 0, attention = 0, weights = 0, activations = 0, cache = 0, products = 0;
};
Numbers numbers_of(const json& config, const Workload& workload, Phase phase = {}) {
    const auto model = model_of(config, workload.image_size);
    const Work work = count_work(*model, workload, phase, element_bytes(*model, workload));
    const auto value = [](Quantity q) { return q ? q.value() : 0.0; };
    Numbers n{value(work.flops),
              value(work.macs),
              value(work.attention_flops),
              value(work.weight_bytes),
              value(work.activation_bytes),
              value(work.cache_bytes),
              0};
    for (const Operation& one : work.operations) {
        if (one.type == OperationKind::kProduct) n.products += one.flops.value();
    }
    return n;
}

Workload prompt_of(Size tokens) {
    Workload workload;
    workload.prompt = tokens;
    return workload;
}

TEST_CASE("LLaMA-7B reads 50 tokens in 649.2 GFLOP with all scores and 648.5 with those that the mask leaves") {
    // 2 × 50 × 6.476e9 weights of the layers, the head once, 32 layers of scores and sums over 32 heads of 128.
    Workload workload = prompt_of(50);
    workload.skip_masked = false;
    CHECK(numbers_of(testing::llama_7b(), workload).flops / 1e9 == doctest::Approx(649.2).epsilon(0.0001));
    workload.skip_masked = true;
    CHECK(numbers_of(testing::llama_7b(), workload).flops / 1e9 == doctest::Approx(648.5).epsilon(0.0001));
}

TEST_CASE("ViT-B/16 takes 17.56 GMAC and ViT-L/16 61.55 for an image of 224 pixels (torchvision's documentation)") {
    const Numbers base = numbers_of(testing::vit(768, 12, 12, 16), {});
    CHECK(base.macs / 1e9 == doctest::Approx(17.56).epsilon(0.0005));
    CHECK(base.flops / 1e9 == doctest::Approx(35.1).epsilon(0.001));
    CHECK(numbers_of(testing::vit(1024, 24, 16, 16), {}).macs / 1e9 == doctest::Approx(61.55).epsilon(0.0005));
}

TEST_CASE("DiT-XL/2 takes 118.6 GMAC at 256 pixels and 525 at 512 (Peebles and Xie 2023, section 5)") {
    const json config = {{"model_type", "dit"}, {"input_size", 32}, {"patch_size", 2}, {"in_channels", 4},
                         {"hidden_size", 1152}, {"depth", 28},      {"num_heads", 16}, {"mlp_ratio", 4.0}};
    CHECK(numbers_of(config, {}).macs / 1e9 == doctest::Approx(118.6).epsilon(0.0005));
    Workload larger;
    larger.image_size = 64;
    CHECK(numbers_of(config, larger).macs / 1e9 == doctest::Approx(525).epsilon(0.001));
}

TEST_CASE("Swin-T, S, B and L take 4.5, 8.7, 15.4 and 34.5 GMAC at 224 pixels (Liu et al. 2021, table 1; their README)") {
    const auto macs = [](int width, std::vector<int> depths, std::vector<int> heads) {
        return numbers_of(testing::swin(width, depths, heads), {}).macs / 1e9;
    };
    CHECK(std::fabs(macs(96, {2, 2, 6, 2}, {3, 6, 12, 24}) - 4.5) < 0.05);
    CHECK(std::fabs(macs(96, {2, 2, 18, 2}, {3, 6, 12, 24}) - 8.7) < 0.05);
    CHECK(std::fabs(macs(128, {2, 2, 18, 2}, {4, 8, 16, 32}) - 15.4) < 0.05);
    CHECK(std::fabs(macs(192, {2, 2, 18, 2}, {6, 12, 24, 48}) - 34.5) < 0.05);
}

TEST_CASE("PaLM trains at 6 N + 12 L H Q T FLOPs per token (Chowdhery et al. 2022, appendix B)") {
    const json config = {
        {"model_type", "paper_palm"}, {"d_model", 18432}, {"n_layer", 118}, {"n_head", 48}, {"d_head", 256}, {"d_ff", 73728},
        {"vocab_size", 256000}};
    const auto model = model_of(config);
    Workload workload = prompt_of(2048);
    workload.skip_masked = false;
    const Work work = count_work(*model, workload, {Pass::kForward, {}}, element_bytes(*model, workload));
    const double n = count_parameters(*model).matmul_params.value();
    CHECK(n == doctest::Approx(540.35e9).epsilon(0.001));
    CHECK(3 * work.flops_per_token.value() == doctest::Approx(6 * n + 12.0 * 118 * 48 * 256 * 2048).epsilon(1e-12));
}

TEST_CASE("GPT-3's products train 300 billion tokens in 3.14e23 FLOP (Brown et al. 2020, table D.1)") {
    const json config = {
        {"model_type", "paper_gpt3"}, {"n_embd", 12288},    {"n_layer", 96}, {"n_head", 96}, {"d_head", 128},
        {"n_positions", 2048},        {"vocab_size", 50257}};
    Workload workload = prompt_of(2048);
    const Numbers forward = numbers_of(config, workload, {Pass::kForward, {}});
    CHECK(3 * forward.products / 2048 * 300e9 == doctest::Approx(3.14e23).epsilon(0.002));
}

json grouped(int kv_heads) {
    json config = testing::llama_7b();
    config["num_key_value_heads"] = kv_heads;
    return config;
}
json windowed(int window) {
    return {{"model_type", "mistral"},  {"hidden_size", 512},        {"num_hidden_layers", 4}, {"num_attention_heads", 8},
            {"num_key_value_heads", 2}, {"intermediate_size", 1024}, {"vocab_size", 1000},     {"sliding_window", window}};
}

TEST_CASE("a step at context T + 1 is what a prompt of T + 1 takes more than one of T") {
    for (const json& config : {grouped(32), grouped(8), windowed(7), windowed(100)}) {
        for (const Size tokens : {Size{1}, Size{6}, Size{7}, Size{50}, Size{99}, Size{100}, Size{101}}) {
            Workload shorter = prompt_of(tokens), longer = prompt_of(tokens + 1);
            shorter.head_on_last = longer.head_on_last = false;
            const Numbers a = numbers_of(config, shorter), b = numbers_of(config, longer),
                          step = numbers_of(config, shorter, {Pass::kDecode, tokens + 1});
            CAPTURE(tokens);
            CHECK(b.flops - a.flops == doctest::Approx(step.flops).epsilon(1e-9));
            CHECK(b.attention - a.attention == doctest::Approx(step.attention).epsilon(1e-9));
        }
    }
}

TEST_CASE("the mean step times the number of steps is the sum of all steps, windows included") {
    for (const json& config : {grouped(8), windowed(7), windowed(60)}) {
        Workload workload = prompt_of(50);
        workload.generated = 23;
        Numbers sum;
        for (Size i = 1; i <= 23; ++i) {
            const Numbers step = numbers_of(config, workload, {Pass::kDecode, 50 + i});
            sum.flops += step.flops;
            sum.cache += step.cache;
        }
        const Numbers mean = numbers_of(config, workload, {Pass::kDecode, {}});
        CHECK(23 * mean.flops == doctest::Approx(sum.flops).epsilon(1e-12));
        CHECK(23 * mean.cache == doctest::Approx(sum.cache).epsilon(1e-12));
    }
}

TEST_CASE("pairs are those that a mask written out leaves") {
    Ledger ledger;
    const auto whole = [&](std::int64_t value) { return ledger.constant(value); };
    for (const std::int64_t window : {0, 1, 3, 8, 20}) {
        for (const bool chunked : {false, true}) {
            if (chunked && window == 0) continue;
            const Sight sight{window ? whole(window) : Quantity(), chunked};
            const auto sees = [&](std::int64_t query, std::int64_t key) {
                if (key > query) return false;
                return window == 0 || (chunked ? key / window == query / window : query - key < window);
            };
            for (std::int64_t before = 0; before < 12; ++before) {
                for (std::int64_t tokens = 1; tokens < 12; ++tokens) {
                    std::int64_t pairs = 0, last = 0, kept = 0;
                    for (std::int64_t query = before; query < before + tokens; ++query) {
                        last = 0;
                        for (std::int64_t key = 0; key <= query; ++key) last += sees(query, key);
                        pairs += last;
                    }
                    for (std::int64_t key = 0; key < before; ++key) {
                        bool seen = false;
                        for (std::int64_t query = before; query < before + 40; ++query) seen = seen || sees(query, key);
                        kept += seen;
                    }
                    CAPTURE(window);
                    CAPTURE(chunked);
                    CAPTURE(before);
                    CAPTURE(tokens);
                    CHECK(visible_pairs(whole(tokens), before ? whole(before) : Quantity(), sight).value() ==
                          static_cast<double>(pairs));
                    CHECK(visible_keys(whole(before + tokens), sight).count() == last);
                    CHECK(mean_visible_keys(whole(before), whole(tokens), sight).value() * static_cast<double>(tokens) ==
                          doctest::Approx(static_cast<double>(pairs)));
                    // A window is a ring of its full size, though the next query sees one less of what is before it.
                    const std::int64_t ring = window && !chunked ? std::min(before, window) : kept;
                    CHECK(kept_keys(whole(before), sight).count() == ring);
                }
            }
        }
    }
}

TEST_CASE("sharing keys and values among heads makes the cache smaller, not the scores") {
    const Workload workload = prompt_of(500);
    const Numbers all = numbers_of(grouped(32), workload, {Pass::kDecode, {}}),
                  eighth = numbers_of(grouped(4), workload, {Pass::kDecode, {}});
    CHECK(all.cache == 8 * eighth.cache);
    CHECK(all.attention == eighth.attention);
}

TEST_CASE("behind a window a step costs the same at every context") {
    const Numbers near = numbers_of(windowed(64), {}, {Pass::kDecode, 64}),
                  far = numbers_of(windowed(64), {}, {Pass::kDecode, 64000});
    CHECK(near.flops == far.flops);
    CHECK(near.cache == far.cache);
    CHECK(numbers_of(windowed(64), {}, {Pass::kDecode, 63}).flops < near.flops);
}

TEST_CASE("a prompt in two parts costs what it costs at once") {
    for (const json& config : {grouped(8), windowed(7), windowed(64)}) {
        Workload whole = prompt_of(90), rest = whole, first = prompt_of(40);
        rest.prefix_cached = 40;
        for (Workload* one : {&whole, &rest, &first}) one->head_on_last = false;
        CHECK(numbers_of(config, first).flops + numbers_of(config, rest).flops ==
              doctest::Approx(numbers_of(config, whole).flops).epsilon(1e-12));
    }
    CHECK_THROWS_AS(numbers_of(windowed(7),
                               [] {
                                   Workload all = prompt_of(40);
                                   all.prefix_cached = 40;
                                   return all;
                               }()),
                    DomainError);
}

TEST_CASE("latent attention: absorbed and naive decoding cost what DeepSeek-V2's section 2.1.2 multiplies") {
    // 8 heads, latent 64, rotary 16, plain 32, values 48, 3 layers, context 100.
    Workload workload;
    const Phase step{Pass::kDecode, 100};
    const Numbers absorbed = numbers_of(testing::deepseek(3), workload, step);
    workload.absorbed = false;
    const Numbers naive = numbers_of(testing::deepseek(3), workload, step);
    CHECK(absorbed.attention == 2.0 * 8 * 100 * (2 * 64 + 16) * 3);
    CHECK(naive.attention == 2.0 * 8 * 100 * (32 + 16 + 48) * 3);
    // The expansion runs over 100 latents instead of once over queries and outputs.
    const double expansion = 2.0 * 64 * 8 * (32 + 48) * 3;
    CHECK(naive.products - absorbed.products == doctest::Approx(99 * expansion));
    // Both read each latent once and write the new one: 64 + 16 numbers of 2 bytes.
    CHECK(absorbed.cache == 2.0 * 3 * (64 + 16) * 101);
    CHECK(naive.cache == absorbed.cache);
    // Scores of naive steps are those of a prompt.
    Workload shorter = prompt_of(99), longer = prompt_of(100);
    CHECK(numbers_of(testing::deepseek(3), longer).attention - numbers_of(testing::deepseek(3), shorter).attention ==
          doctest::Approx(naive.attention));
}

TEST_CASE("weights of experts that are read: the chosen ones for one token, all for many, and never more") {
    const auto model = model_of(testing::deepseek(3));
    const auto read = [&](Size batch) {
        Workload workload;
        workload.batch = batch;
        double bytes = 0;
        const auto fresh = model_of(testing::deepseek(3));
        for (const Operation& one : operations(*fresh, workload, {Pass::kDecode, {}})) {
            if (one.experts) bytes += one.weight_bytes.value();
        }
        return bytes;
    };
    const double each = 2.0 * 2 * 3 * 512 * 128;  // bytes, layers, matrices, sizes of one expert
    CHECK(read(1) == doctest::Approx(2 * each));
    // Two tokens that choose 2 of 16 meet with chance 1/8 each.
    CHECK(read(2) == doctest::Approx(16 * (1 - std::pow(14.0 / 16, 2)) * each));
    CHECK(read(2) < 4 * each);
    CHECK(read(4000) == doctest::Approx(16 * each));
}

TEST_CASE("one step reads every weight once, embeddings and unchosen experts aside") {
    const auto model = model_of(testing::llama_7b());
    const Inventory inventory = count_parameters(*model);
    Workload workload;
    const Work work = count_work(*model, workload, {Pass::kDecode, {}}, element_bytes(*model, workload));
    CHECK(work.weight_bytes.value() == 2 * (inventory.total.value() - 32000.0 * 4096 + 4096));
}

TEST_CASE("an image of twice the side has four times the patches and the same parameters") {
    Workload larger;
    larger.image_size = 448;
    const json config = testing::vit(768, 12, 12, 16);
    const auto small = model_of(config), large = model_of(config, 448);
    CHECK(large->architecture.image_rows.count() - 1 == 4 * (small->architecture.image_rows.count() - 1));
    CHECK(count_parameters(*small).total.count() == count_parameters(*large).total.count());
    const double rows = 785, wide = 768;
    CHECK(numbers_of(config, larger).macs ==
          doctest::Approx(784 * wide * wide + 12 * (12 * rows * wide * wide + 2 * rows * rows * wide) + wide * 1000));
    // Windows keep their size: four times the rows are four times the work, but for what does not grow.
    const json windows = testing::swin(96, {2, 2, 6, 2}, {3, 6, 12, 24});
    CHECK(numbers_of(windows, larger).macs == doctest::Approx(4 * numbers_of(windows, {}).macs).epsilon(0.001));
    CHECK_THROWS_AS(count_compute(*small, larger), DomainError);
}

TEST_CASE("scores that stand in memory are moved four times") {
    Workload tiled = prompt_of(128), whole = tiled;
    whole.tiled = false;
    CHECK(numbers_of(grouped(8), whole).activations - numbers_of(grouped(8), tiled).activations ==
          doctest::Approx(2.0 * 4 * 32 * 32 * 128 * 129 / 2));
}

json t5() {
    return {{"model_type", "t5"}, {"d_model", 512}, {"num_layers", 6},    {"num_heads", 8},
            {"d_kv", 64},         {"d_ff", 2048},   {"vocab_size", 32128}};
}

TEST_CASE("a step of an encoder-decoder neither runs the encoder nor projects its keys again") {
    Workload workload;
    workload.source = 300;
    const auto model = model_of(t5());
    for (const Operation& one : operations(*model, workload, {Pass::kDecode, 10})) CHECK(one.stream == Stream::kTokens);
    const double cross = 2.0 * 8 * 300 * 128 * 6, self = 2.0 * 8 * 10 * 128 * 6;
    CHECK(numbers_of(t5(), workload, {Pass::kDecode, 10}).attention == cross + self);
}

TEST_CASE("every number of compute and time is what its shown formula gives") {
    Workload workload = prompt_of(90);
    workload.batch = 3;
    workload.prefix_cached = 20;
    workload.generated = 40;
    workload.weights_by_class = {{"expert", "int4"}};
    workload.hardware = Hardware{"test", 80e9, 2e12, 3e14, 6e11, 400};
    workload.price = 2.5;
    workload.speculation = Speculation{};
    const json image_model = testing::swin(96, {2, 2}, {3, 6});
    for (const json& config : {grouped(8), windowed(33), testing::deepseek(3), t5(), image_model}) {
        for (const Size ways : {1, 2}) {
            Workload one = workload;
            if (config["model_type"] == "swin") one.prefix_cached = 0;
            one.devices = 8;
            one.tensor_parallel = one.pipeline_parallel = one.expert_parallel = ways;
            const auto model = model_of(config);
            estimate_time(*model, one, count_compute(*model, one));
            Size seen = 0;
            for (const Quantity quantity : model->ledger.named_quantities()) {
                const QuantityTerm term = model->ledger.term(quantity);
                if (term.section != "compute" && term.section != "time") continue;
                ++seen;
                const QuantityExplanation explanation = model->ledger.explain(term.name);
                CAPTURE(term.name);
                CAPTURE(explanation.formula);
                CAPTURE(explanation.substituted);
                CHECK(testing::Formula(explanation.substituted).value() == doctest::Approx(term.value).epsilon(1e-12));
                CHECK(std::isfinite(term.value));
                if (term.section == "time") CHECK((term.approximate || term.name == "replicas" || term.name == "copies"));
            }
            CHECK(seen > 40);
        }
    }
}

}  // namespace
}  // namespace clearformer::estimate
