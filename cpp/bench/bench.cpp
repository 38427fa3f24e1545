// What scripts/bench.mjs times: the kernels as plain functions over memory, each run `times` times, so that a sample is long beside the
// clock and the boundary stays out of it. Everything is float32.

#include <cmath>
#include <cstdlib>
#include <optional>
#include <vector>

#include "clearformer/attention/attention_kernels.hpp"
#include "clearformer/attention/masks.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/packed.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/sampling/sampling_kernels.hpp"
#include "clearformer/simd.hpp"
#include "clearformer/train/optimizers.hpp"
#include "clearformer/train/tiny_gpt.hpp"

using namespace clearformer;

#define BENCH extern "C" [[gnu::used]]

namespace {

std::optional<PackedMatrix> packed;
SampleTopOptions<float> vocabulary;
std::optional<RotationTable> angles;

/// The rows of every head against every key, softmax, the weighted sum: plain loops.
void attend_plainly(Size T, Size D, bool causal, const float* q, const float* k, const float* v, float* weights,
                    float* output) {
    reference::matmul_transposed(q, k, weights, T, D, T, D, D, T);
    const float scale = 1 / std::sqrt(static_cast<float>(D));
    for (Size t = 0; t < T; ++t) {
        float* row = weights + t * T;
        const Size seen = causal ? t + 1 : T;
        for (Size s = 0; s < seen; ++s) row[s] *= scale;
        for (Size s = seen; s < T; ++s) row[s] = -std::numeric_limits<float>::infinity();
        reference::softmax_row(row, row, T);
    }
    reference::matmul(weights, v, output, T, T, D, T, D, D);
}

std::vector<Range> visible_keys(Size T, bool causal) {
    MaskOptions mask;
    mask.queries = mask.keys = static_cast<int>(T);
    mask.mask = causal ? "causal" : "none";
    return *mask_ranges(mask);
}

/// A tiny GPT that learns one batch: whole steps of forward, loss, backward and AdamW.
template <class Real>
struct Training {
    TinyGpt<Real> model;
    Optimizer optimizer;
    std::vector<Real> first, second;
    int step = 0;

    Training(const TinyGptConfig& config, const OptimizerRule& rule, const float* parameters)
        : model(config), optimizer("bench", rule), first(model.parameters().size()), second(first.size()) {
        std::copy_n(parameters, first.size(), model.parameters().begin());
    }

    /// Writes the gradient unless `out` is null; returns the loss.
    double take_step(const std::vector<int>& tokens, const std::vector<int>& targets, Size sequences, float* out) {
        model.forward(tokens, sequences);
        const double loss = model.loss(targets);
        const std::vector<Real>& gradient = model.backward();
        if (out) std::transform(gradient.begin(), gradient.end(), out, [](Real x) { return static_cast<float>(x); });
        optimizer.update(++step, model.parameters().data(), gradient.data(), first.data(), second.data(), first.size());
        return loss;
    }
};

struct Batch {
    std::vector<int> tokens, targets;
    Size sequences = 1;
} batch;
std::optional<Training<float>> fast_training;
std::optional<Training<double>> plain_training;

template <class Real>
double train(Training<Real>& training, int times, float* gradient) {
    double loss = 0;
    for (int i = 0; i < times; ++i) loss = training.take_step(batch.tokens, batch.targets, batch.sequences, gradient);
    return loss;
}

}  // namespace

BENCH float* bench_allocate(Size count) {
    return static_cast<float*>(std::aligned_alloc(16, (count * sizeof(float) + 15) / 16 * 16));
}
BENCH void bench_free(float* p) { std::free(p); }

/// The most multiply-adds that four-lane SIMD gives here: 12 independent chains, nothing from memory. 96 operations a step.
BENCH float bench_peak(int steps) {
    f32x4 chains[12];
    for (int i = 0; i < 12; ++i) chains[i] = f32x4::splat(static_cast<float>(i));
    const f32x4 factor = f32x4::splat(0.999f), term = f32x4::splat(0.001f);
    for (int step = 0; step < steps; ++step) {
        for (f32x4& chain : chains) chain = multiply_add(chain, factor, term);
    }
    f32x4 total = chains[0];
    for (int i = 1; i < 12; ++i) total = total + chains[i];
    return sum(total);
}

BENCH void bench_pack(const float* b, Size k, Size n) { packed = PackedMatrix::of(b, k, n, n); }
BENCH void bench_matmul_packed(int times, const float* a, float* y, Size m, Size k, Size n) {
    for (int i = 0; i < times; ++i) packed->multiply(a, y, m, k, n, k, n);
}
BENCH void bench_matmul(int times, const float* a, const float* b, float* y, Size m, Size k, Size n) {
    for (int i = 0; i < times; ++i) matmul(a, b, y, m, k, n, k, n, n);
}
BENCH void bench_matmul_plain(int times, const float* a, const float* b, float* y, Size m, Size k, Size n) {
    for (int i = 0; i < times; ++i) reference::matmul(a, b, y, m, k, n, k, n, n);
}

/// q, k, v, output [H, T, D]; weights [H, T, T], or null to keep none.
BENCH void bench_attention(int times, Size T, Size D, Size H, bool causal, const float* q, const float* k, const float* v,
                           float* weights, float* output) {
    for (int i = 0; i < times; ++i) {
        const std::vector<Range> visible = visible_keys(T, causal);
        for (Size h = 0; h < H; ++h) {
            HeadAttention head{T,
                               T,
                               D,
                               D,
                               q + h * T * D,
                               k + h * T * D,
                               v + h * T * D,
                               1 / std::sqrt(static_cast<float>(D)),
                               visible.data()};
            head.weights = weights ? weights + h * T * T : nullptr;
            head.output = output + h * T * D;
            attend(head, h);
        }
    }
}
/// One stage of the same work by itself, block by block in scratch [PackedMatrix::kRowBlock, T]: 0 packing keys and values, 1 scores,
/// 2 softmax, 3 the weighted sum.
BENCH void bench_attention_stage(int times, int stage, Size T, Size D, Size H, bool causal, const float* q, const float* k,
                                 const float* v, float* scratch, float* output) {
    const std::vector<Range> visible = visible_keys(T, causal);
    const float scale = 1 / std::sqrt(static_cast<float>(D));
    std::vector<PackedMatrix> keys(H), values(H);
    for (int i = 0; i < times; ++i) {
        for (Size h = 0; h < H; ++h) {
            const Size part = h * T * D;
            if (i == 0 || stage == 0) {
                keys[h].pack_transposed(k + part, D, T, D, scale);
                values[h].pack(v + part, T, D, D);
            }
            for (Size t = 0; stage > 0 && t < T; t += PackedMatrix::kRowBlock) {
                const Size rows = std::min(PackedMatrix::kRowBlock, T - t);
                if (stage == 1) keys[h].multiply_columns(q + part + t * D, scratch, rows, &visible[t], D, T);
                if (stage == 3) values[h].multiply_depths(scratch, output + part + t * D, rows, &visible[t], T, D);
                for (Size r = 0; stage == 2 && r < rows; ++r) {
                    const Size seen = visible[t + r].last;
                    softmax_row(scratch + r * T, scratch + r * T, seen);
                    std::fill(scratch + r * T + seen, scratch + (r + 1) * T, 0.0f);
                }
            }
        }
    }
}
BENCH Size bench_row_block() { return PackedMatrix::kRowBlock; }
BENCH void bench_attention_plain(int times, Size T, Size D, Size H, bool causal, const float* q, const float* k,
                                 const float* v, float* weights, float* output) {
    for (int i = 0; i < times; ++i) {
        for (Size h = 0; h < H; ++h) {
            const Size part = h * T * D;
            attend_plainly(T, D, causal, q + part, k + part, v + part, weights + h * T * T, output + part);
        }
    }
}

BENCH void bench_softmax(int times, const float* x, float* y, Size rows, Size n) {
    for (int i = 0; i < times; ++i) {
        for (Size r = 0; r < rows; ++r) softmax_row(x + r * n, y + r * n, n);
    }
}
BENCH void bench_softmax_plain(int times, const float* x, float* y, Size rows, Size n) {
    for (int i = 0; i < times; ++i) {
        for (Size r = 0; r < rows; ++r) reference::softmax_row(x + r * n, y + r * n, n);
    }
}

/// Temperature, top-k, top-p of the chain below.
BENCH void bench_vocabulary(const float* logits, Size count, double temperature, int top_k, double top_p) {
    vocabulary.logits = Array<float>({count}, std::vector<float>(logits, logits + count));
    vocabulary.temperature = temperature;
    vocabulary.top_k = top_k;
    vocabulary.top_p = top_p;
}
/// Writes the kept ids and their probabilities; returns how many.
BENCH Size bench_sample(int times, float* ids, float* probabilities) {
    SampleTopResult<float> kept;
    for (int i = 0; i < times; ++i) kept = sample_top(vocabulary);
    std::copy(kept.ids.begin(), kept.ids.end(), ids);
    std::copy(kept.probabilities.data.begin(), kept.probabilities.data.end(), probabilities);
    return kept.ids.size();
}

BENCH void bench_angles(Size length, Size width) {
    RopeOptions<float> o;
    o.x = Array<float>({length, width});
    for (Size t = 0; t < length; ++t) o.positions.push_back(static_cast<double>(t));
    const RopeResult<float> r = rope(o);
    angles.emplace(r.cos.data.data(), r.sin.data.data(), length, width / 2);
}
/// x [H, T, D], in place.
BENCH void bench_rope(int times, float* x, Size heads, Size width, bool interleaved) {
    for (int i = 0; i < times; ++i) angles->turn(x, heads, width, interleaved ? Pairing::kInterleaved : Pairing::kHalfSplit);
}
BENCH void bench_scale(int times, float* x, Size count, float factor) {
    const f32x4 by = f32x4::splat(factor);
    for (int i = 0; i < times; ++i) {
        for (Size j = 0; j + 4 <= count; j += 4) (f32x4::load(x + j) * by).store(x + j);
    }
}

/// A GPT of these sizes and one batch of it, tokens and targets [B, T]; parameters in the order of tiny_gpt_slots.
BENCH void bench_gpt(Size V, Size C, Size L, Size H, Size F, Size T, Size B, const float* parameters, const float* tokens,
                     const float* targets, double learning_rate) {
    TinyGptConfig c;
    c.layers = L;
    c.heads = H;
    c.width = C;
    c.hidden = F;
    c.vocabulary = V;
    c.positions = T;
    OptimizerRule rule;
    rule.name = "adamw";
    rule.learning_rate = learning_rate;
    batch = {{tokens, tokens + B * T}, {targets, targets + B * T}, B};
    fast_training.emplace(c, rule, parameters);
    plain_training.emplace(c, rule, parameters);
}
/// Steps of training in float, or plainly in double; returns the loss that the last one started from, and writes its gradient unless
/// `gradient` is null.
BENCH double bench_train(int times, bool plain, float* gradient) {
    return plain ? train(*plain_training, times, gradient) : train(*fast_training, times, gradient);
}
BENCH void bench_gpt_done() {
    fast_training.reset();
    plain_training.reset();
}
