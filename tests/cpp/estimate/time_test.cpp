// What must hold of estimated times, whatever the machine; and the published rule of speculative decoding.

#include "clearformer/estimate/time.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "clearformer/estimate/device.hpp"
#include "clearformer/estimate/inventory.hpp"
#include "clearformer/estimate/memory.hpp"
#include "estimate/configs.hpp"

namespace clearformer::estimate {
namespace {

using nlohmann::json;
using testing::config_of;

/// A model with its times: the quantities live as long as it does.
struct Timed {
    std::unique_ptr<Model> model;
    Compute compute;
    Time time;
};
Timed timed(const json& config, const Workload& workload) {
    Timed t;
    t.model = read_model(config_of(config), workload.image_size);
    t.compute = count_compute(*t.model, workload);
    t.time = estimate_time(*t.model, workload, t.compute);
    return t;
}

/// 3e14 FLOP/s, 2e12 B/s, 6e11 B/s between devices, 400 W.
Workload on_device() {
    Workload workload;
    workload.hardware = Hardware{"test", 80e9, 2e12, 3e14, 6e11, 400};
    return workload;
}
Workload parallel(Size tensor, Size pipeline, Size expert) {
    Workload workload = on_device();
    workload.tensor_parallel = tensor;
    workload.pipeline_parallel = pipeline;
    workload.expert_parallel = expert;
    workload.devices = std::max(tensor, expert) * pipeline;
    return workload;
}

TEST_CASE("one operation takes the longer of computing and moving, and a pass the sum") {
    const Workload workload = on_device();
    const Timed t = timed(testing::llama_7b(), workload);
    double sum = 0;
    bool both[2] = {false, false};
    for (const auto* pass : {&t.time.prefill, &t.time.decode}) {
        const Work& work = pass == &t.time.prefill ? t.compute.prefill : t.compute.decode;
        REQUIRE(pass->operations.size() == work.operations.size());
        sum = 0;
        for (std::size_t i = 0; i < work.operations.size(); ++i) {
            const Operation& one = work.operations[i];
            const double computing = one.flops ? one.flops.value() / (3e14 * 0.5) : 0,
                         moving = one.bytes().value() / (2e12 * 0.7);
            CHECK(pass->operations[i].seconds.value() == doctest::Approx(std::fmax(computing, moving)));
            CHECK(pass->operations[i].compute_bound == (computing >= moving));
            both[pass->operations[i].compute_bound] = true;
            sum += pass->operations[i].seconds.value();
        }
        CHECK(pass->seconds.value() == doctest::Approx(sum));
    }
    CHECK(both[0]);
    CHECK(both[1]);
    CHECK(t.time.seconds_per_token.value() * t.time.tokens_per_second.value() == doctest::Approx(1));
}

TEST_CASE("one sequence at a time, a step takes at least as long as reading the weights") {
    const Timed t = timed(testing::llama_7b(), on_device());
    CHECK(t.time.seconds_per_token.value() >= 2 * 6.6e9 / (2e12 * 0.7));
    CHECK(t.time.seconds_per_token.value() <= 1.2 * 2 * 6.6e9 / (2e12 * 0.7));
}

TEST_CASE("what is cached of a prompt makes the first token come sooner") {
    Workload workload = on_device();
    const double whole = timed(testing::llama_7b(), workload).time.time_to_first_token.value();
    workload.prefix_cached = 768;
    const double rest = timed(testing::llama_7b(), workload).time.time_to_first_token.value();
    CHECK(rest < whole / 2);
}

TEST_CASE("devices that share layers are sooner done, but never as much sooner as there are more of them") {
    const double one = timed(testing::llama_7b(), on_device()).time.seconds_per_token.value();
    double before = one;
    for (const Size ways : {2, 4, 8}) {
        const Timed t = timed(testing::llama_7b(), parallel(ways, 1, 1));
        const double seconds = t.time.seconds_per_token.value();
        CHECK(seconds < before);
        CHECK(seconds * static_cast<double>(ways) > one);
        // Two ring all-reduces a layer: 64 × 4096 numbers of 2 bytes, over half of 6e11 × 0.7 bytes per second.
        const double all_reduce =
            64 * 4096 * 2.0 * (2.0 * (static_cast<double>(ways) - 1) / static_cast<double>(ways)) / 2.1e11;
        CHECK(t.time.decode.communication_seconds.value() == doctest::Approx(all_reduce));
        CHECK(t.time.decode.operations_seconds.value() == doctest::Approx(one / static_cast<double>(ways)));
        before = seconds;
    }
}

TEST_CASE("a cache with fewer heads than devices is copied, not cut") {
    json config = testing::llama_7b();
    config["num_key_value_heads"] = 2;
    Workload two = parallel(2, 1, 1), eight = parallel(8, 1, 1);
    for (Workload* one : {&two, &eight}) {
        one->prompt = 100000;
        one->batch = 16;
    }
    const auto attention = [](const Timed& t) {
        for (std::size_t i = 0; i < t.compute.decode.operations.size(); ++i) {
            if (t.compute.decode.operations[i].type == OperationKind::kAttention)
                return t.time.decode.operations[i].seconds.value();
        }
        return 0.0;
    };
    CHECK(attention(timed(config, eight)) > 0.99 * attention(timed(config, two)));
    config["num_key_value_heads"] = 8;
    CHECK(attention(timed(config, eight)) < 0.3 * attention(timed(config, two)));
}

TEST_CASE("stages one behind the other make more tokens, none sooner") {
    const Timed one = timed(testing::llama_7b(), on_device()), four = timed(testing::llama_7b(), parallel(1, 4, 1));
    CHECK(four.time.seconds_per_token.value() > one.time.seconds_per_token.value());
    CHECK(four.time.tokens_per_second_total.value() > 3.9 * one.time.tokens_per_second_total.value());
    CHECK(four.time.tokens_per_second_total.value() < 4 * one.time.tokens_per_second_total.value());
    Workload copies = on_device();
    copies.devices = 4;
    CHECK(timed(testing::llama_7b(), copies).time.tokens_per_second_total.value() ==
          doctest::Approx(4 * one.time.tokens_per_second_total.value()));
}

TEST_CASE("tensor and expert parallelism share their devices, in memory and in time") {
    const json config = testing::deepseek(3);
    const auto seconds = [&](Size tensor, Size expert) {
        Workload workload = parallel(tensor, 1, expert);
        workload.batch = 64;
        const Timed t = timed(config, workload);
        plan_memory(*t.model, count_parameters(*t.model), workload);
        return t.time.decode.operations_seconds.value();
    };
    // As many ranks hold the experts either way. Latents cannot be cut, so of more copies each reads fewer of them.
    CHECK(seconds(4, 4) == doctest::Approx(seconds(4, 1)));
    CHECK(seconds(1, 4) < seconds(2, 4));
    CHECK(seconds(2, 4) < seconds(2, 2));
    CHECK_THROWS_AS(seconds(3, 2), DomainError);
}

TEST_CASE("experts spread over devices are read sooner, and rows travel") {
    Workload one = on_device(), four = parallel(1, 1, 4);
    one.batch = four.batch = 64;
    const Timed alone = timed(testing::deepseek(3), one), spread = timed(testing::deepseek(3), four);
    for (std::size_t i = 0; i < alone.compute.decode.operations.size(); ++i) {
        if (!alone.compute.decode.operations[i].experts) continue;
        CHECK(spread.time.decode.operations[i].seconds.value() ==
              doctest::Approx(alone.time.decode.operations[i].seconds.value() / 4));
    }
    // 2 layers, 2 experts, there and back, a quarter of 64 rows of 512 numbers of 2 bytes, three quarters of them elsewhere.
    CHECK(spread.time.decode.communication_seconds.value() == doctest::Approx(2 * 2 * 2 * 16 * 512 * 2.0 * 0.75 / 2.1e11));
}

TEST_CASE("at the batch that is said to be compute-bound the products are, and one sequence less they are not") {
    for (const json& config : {testing::llama_7b(), testing::deepseek(3)}) {
        Workload workload = on_device();
        workload.hardware->flops = config["model_type"] == "llama" ? 3e14 : 3e13;
        const Timed t = timed(config, workload);
        REQUIRE(t.time.compute_bound_batch);
        const std::int64_t batch = t.time.compute_bound_batch.count();
        CHECK(batch > 1);
        const auto excess = [&](std::int64_t at) {
            Workload other = workload;
            other.batch = static_cast<Size>(at);
            const Timed there = timed(config, other);
            double difference = 0;
            for (const Operation& one : there.compute.decode.operations) {
                if (one.type == OperationKind::kProduct)
                    difference += one.flops.value() / (workload.hardware->flops * 0.5) - one.bytes().value() / (2e12 * 0.7);
            }
            return difference;
        };
        CHECK(excess(batch) >= 0);
        CHECK(excess(batch - 1) < 0);
        // Where the search starts does not matter.
        Workload elsewhere = workload;
        elsewhere.batch = 7;
        CHECK(timed(config, elsewhere).time.compute_bound_batch.count() == batch);
    }
}

TEST_CASE("a machine that moves too little for its products never turns compute-bound") {
    Workload workload = on_device();
    workload.hardware->bandwidth = 1e9;
    CHECK_FALSE(timed(testing::llama_7b(), workload).time.compute_bound_batch);
}

TEST_CASE("drafting: expected tokens and speed-up are those of Leviathan et al. 2023") {
    // The paper's table 1, computed by its theorem 3.8: α = 0.8, γ = 5 gives 3.69 tokens; α = 0.6, γ = 2 gives 1.96.
    const auto speculation = [](double acceptance, Size proposed, double cost) {
        Workload workload = on_device();
        workload.speculation = Speculation{proposed, acceptance, cost};
        const Timed t = timed(testing::llama_7b(), workload);
        CHECK(t.time.speculation.tokens_per_second.value() ==
              doctest::Approx(t.time.tokens_per_second.value() * t.time.speculation.speed_up.value()));
        return std::pair{t.time.speculation.tokens_per_step.value(), t.time.speculation.speed_up.value()};
    };
    CHECK(speculation(0.8, 5, 0).first == doctest::Approx(3.69).epsilon(0.001));
    CHECK(speculation(0.6, 2, 0).first == doctest::Approx(1.96));
    CHECK(speculation(0.8, 5, 0.1).second == doctest::Approx(3.68928 / 1.5));
    // The geometric sum 1 + α + α² + ..., also where its closed form has no value.
    CHECK(speculation(0, 4, 0.05).first == doctest::Approx(1));
    CHECK(speculation(1, 4, 0.05).first == 5);
    CHECK(speculation(1 - 1e-9, 4, 0.05).first == doctest::Approx(5));
    CHECK_THROWS_AS(speculation(1.1, 4, 0.05), DomainError);
    CHECK_THROWS_AS(speculation(0.5, 0, 0.05), DomainError);
}

TEST_CASE("cost and energy follow from devices, price and speed") {
    Workload workload = on_device();
    workload.price = 3.6;
    workload.batch = 8;
    const Timed t = timed(testing::llama_7b(), workload);
    const double rate = 8 / t.time.seconds_per_token.value();
    CHECK(t.time.tokens_per_second_total.value() == doctest::Approx(rate));
    CHECK(t.time.usd_per_million_tokens.value() == doctest::Approx(1e6 * 0.001 / rate));
    CHECK(t.time.joules_per_token.value() == doctest::Approx(400 / rate));
    CHECK_FALSE(timed(testing::llama_7b(), on_device()).time.usd_per_million_tokens);
}

TEST_CASE("models of images have images per second and no tokens") {
    Workload workload = on_device();
    workload.images = 32;
    const Timed t = timed(testing::vit(768, 12, 12, 16), workload);
    CHECK(t.time.images_per_second.value() == doctest::Approx(32 / t.time.prefill.seconds.value()));
    CHECK_FALSE(t.time.tokens_per_second);
    CHECK(t.compute.decode.operations.empty());
}

TEST_CASE("what cannot be estimated is an error that says why") {
    const auto fails = [](void (*change)(Workload&)) {
        Workload workload = on_device();
        change(workload);
        CHECK_THROWS_AS(timed(testing::llama_7b(), workload), DomainError);
    };
    fails([](Workload& w) { w.hardware.reset(); });
    fails([](Workload& w) { w.hardware->flops = 0; });
    fails([](Workload& w) { w.hardware->bandwidth = -1; });
    fails([](Workload& w) { w.compute_utilisation = 0; });
    fails([](Workload& w) { w.bandwidth_utilisation = 1.5; });
    fails([](Workload& w) { w.tensor_parallel = 2; });  // one device
    fails([](Workload& w) {
        w.tensor_parallel = w.devices = 2;
        w.hardware->link = 0;
    });
    fails([](Workload& w) { w.weights = "fp3"; });
    fails([](Workload& w) { w.weights_by_class = {{"brain", "fp8"}}; });
    fails([](Workload& w) { w.batch = 0; });
    fails([](Workload& w) { w.price = -1; });
}

TEST_CASE("what is left out is said, and more of it where more is taken for granted") {
    const Timed one = timed(testing::llama_7b(), on_device()), many = timed(testing::llama_7b(), parallel(2, 2, 1));
    CHECK(one.time.left_out.size() >= 4);
    CHECK(many.time.left_out.size() > one.time.left_out.size());
}

TEST_CASE("the loops that measure a device do what they are counted for") {
    // x -> x / 2 + 3 / 4 tends to 3 / 2 in each of 48 places.
    CHECK(multiply_adds(200) == 72);
    // One round from 0, 1, ..., 11: the sum is halved, and 12 × 3 / 4 added, in each of 4 lanes.
    CHECK(multiply_adds(1) == 4 * (66 * 0.5f + 12 * 0.75f));
    std::vector<float> from(1003), to(1003, -1);
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
    copy_floats(from.data(), to.data(), from.size());
    CHECK(from == to);
}

TEST_CASE("a measured device computes and copies, and says how long it took") {
    const MeasureDeviceResult measured = measure_device({5});
    CHECK(measured.flops > 0);
    CHECK(measured.bandwidth > 0);
    CHECK(measured.seconds > 0);
    CHECK(std::isfinite(measured.flops));
    CHECK_THROWS_AS(measure_device({0}), DomainError);
    CHECK_THROWS_AS(measure_device({2001}), DomainError);
}

}  // namespace
}  // namespace clearformer::estimate
