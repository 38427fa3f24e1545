// How fast the kernels are, as shares of what this processor can do, measured in one run: the same file runs natively
// and as WebAssembly.
//
// Every figure is the median of interleaved samples. GFLOP/s count 2 per multiply-add. Ratios carry over from machine
// to machine, the absolute numbers do not.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/packed.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/random.hpp"
#include "clearformer/simd.hpp"

using namespace clearformer;

namespace {

volatile float sink;  // what is written here must be computed

std::vector<float> normal(Size count, std::uint64_t seed) {
    Random random(seed);
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
}

struct Contender {
    std::string name;
    double work;  // operations of one run
    std::function<void()> run;
    std::vector<double> seconds = {};

    double rate() {
        std::sort(seconds.begin(), seconds.end());
        return work / seconds[seconds.size() / 2] * 1e-9;
    }
};

double seconds_of(const std::function<void()>& run, int times) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times;
}

/// Runs the contenders in turn, each sample at least 5 ms long, and prints rates and their ratios to the first.
void compare(const char* title, const char* unit, std::vector<Contender> contenders) {
    std::vector<int> times;
    for (Contender& c : contenders) times.push_back(1 + static_cast<int>(5e-3 / seconds_of(c.run, 1)));
    for (int sample = 0; sample < 15; ++sample) {
        for (Size i = 0; i < contenders.size(); ++i)
            contenders[i].seconds.push_back(seconds_of(contenders[i].run, times[i]));
    }
    std::printf("%s\n", title);
    const double first = contenders[0].rate();
    for (Contender& c : contenders)
        std::printf("  %-34s %8.2f %s  %6.1f %%\n", c.name.c_str(), c.rate(), unit, 100 * c.rate() / first);
}

/// The most multiply-adds that four-lane SIMD gives here: 12 independent chains, nothing from memory.
constexpr double kPeakSteps = 100000;
void peak() {
    f32x4 chains[12];
    for (int i = 0; i < 12; ++i) chains[i] = f32x4::splat(static_cast<float>(i));
    const f32x4 factor = f32x4::splat(0.999f + 0 * sink), term = f32x4::splat(0.001f);
    for (int step = 0; step < static_cast<int>(kPeakSteps); ++step) {
        for (f32x4& chain : chains) chain = multiply_add(chain, factor, term);
    }
    f32x4 total = chains[0];
    for (int i = 1; i < 12; ++i) total = total + chains[i];
    sink = sum(total);
}

void bench_matmul(Size m, Size k, Size n) {
    const std::vector<float> a = normal(m * k, 1), b = normal(k * n, 2);
    const std::vector<double> a64(a.begin(), a.end()), b64(b.begin(), b.end());
    std::vector<float> y(m * n);
    std::vector<double> y64(m * n);
    const PackedMatrix packed = PackedMatrix::of(b.data(), k, n, n);
    const double work = 2.0 * static_cast<double>(m) * static_cast<double>(k) * static_cast<double>(n);
    char title[80];
    std::snprintf(title, sizeof title, "matmul %u x %u x %u", static_cast<unsigned>(m), static_cast<unsigned>(k),
                  static_cast<unsigned>(n));
    compare(title, "GFLOP/s",
            {{"peak of this build", 24 * 4 * kPeakSteps, peak},
             {"packed before", work, [&] { packed.multiply(a.data(), y.data(), m, k, n, k, n); }},
             {"float, SIMD", work, [&] { matmul(a.data(), b.data(), y.data(), m, k, n, k, n, n); }},
             {"float, SIMD, B transposed", work, [&] { matmul_transposed(a.data(), b.data(), y.data(), m, k, n, k, k, n); }},
             {"float, reference", work, [&] { reference::matmul(a.data(), b.data(), y.data(), m, k, n, k, n, n); }},
             {"double, reference", work, [&] { reference::matmul(a64.data(), b64.data(), y64.data(), m, k, n, k, n, n); }}});
    sink = y[0] + static_cast<float>(y64[0]);
}

void bench_softmax(Size n) {
    const std::vector<float> x = normal(n, 1);
    std::vector<float> y(n);
    char title[80];
    std::snprintf(title, sizeof title, "softmax of %u logits", static_cast<unsigned>(n));
    compare(title, "G/s",
            {{"float, SIMD", static_cast<double>(n), [&] { softmax_row(x.data(), y.data(), n); }},
             {"float, reference", static_cast<double>(n), [&] { reference::softmax_row(x.data(), y.data(), n); }}});
    sink = y[0];
}

void bench_rope(Size heads, Size length, Size width) {
    const Size rows = heads * length;
    RopeOptions<float> o;
    o.x = Array<float>({heads, length, width}, normal(rows * width, 1));
    for (Size t = 0; t < length; ++t) o.positions.push_back(static_cast<double>(t));
    const std::vector<float> half = normal(length * width / 2, 2);
    std::vector<float> y(rows * width);
    const auto turn = [&](Pairing pairing) {
        rotate_rows(o.x.data.data(), y.data(), half.data(), half.data(), rows, length, width, width / 2, pairing, pairing);
    };
    const double bytes = 2.0 * sizeof(float) * static_cast<double>(rows * width);
    compare("RoPE 32 x 1024 x 64", "GB/s",
            {{"scale of the same size", bytes,
              [&] {
                  const f32x4 factor = f32x4::splat(1.0f + 0 * sink);
                  const float* from = o.x.data.data();
                  float* to = y.data();
                  for (Size i = 0, count = y.size(); i < count; i += 4) (f32x4::load(from + i) * factor).store(to + i);
              }},
             {"half-split, tables ready", bytes, [&] { turn(Pairing::kHalfSplit); }},
             {"interleaved, tables ready", bytes, [&] { turn(Pairing::kInterleaved); }},
             {"rope(), angles included", bytes, [&] { sink = rope(o).y.data[0]; }}});
    sink = y[0];
}

}  // namespace

int main() {
    for (Size size : {64, 256, 512}) bench_matmul(size, size, size);
    bench_matmul(512, 64, 512);  // scores of one head
    bench_matmul(512, 512, 64);  // weighted values of one head
    for (Size n : {64, 512, 4096}) bench_softmax(n);
    bench_rope(32, 1024, 64);
    return 0;
}
