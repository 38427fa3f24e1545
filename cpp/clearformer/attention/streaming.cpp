#include "clearformer/attention/streaming.hpp"

#include <cmath>

#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/ops/matmul.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = StreamingAttentionOptions::kFunction;

/// What one query keeps between blocks of keys.
struct Row {
    double most = -kInfinity, sum = 0;
    std::vector<double> accumulator;
};

/// Takes the scores of `visible` keys into the row.
void take_in(Row& row, const double* scores, Size visible, const double* v, Size Dv) {
    double next = row.most;
    for (Size s = 0; s < visible; ++s) next = std::max(next, scores[s]);
    if (next == -kInfinity) return;
    // What was summed relative to the old maximum is brought to the new one.
    const double shrink = std::exp(row.most - next);
    row.sum *= shrink;
    for (double& value : row.accumulator) value *= shrink;
    for (Size s = 0; s < visible; ++s) {
        const double e = std::exp(scores[s] - next);
        row.sum += e;
        for (Size d = 0; d < Dv; ++d) row.accumulator[d] += e * v[s * Dv + d];
    }
    row.most = next;
}

/// With the running values of every block, which the trace explains.
StreamingAttentionResult traced(StreamingAttentionOptions o) {
    const bool steps = o.steps;
    o.trace = false;
    o.steps = true;
    StreamingAttentionResult r = streaming_attention(o);
    const double scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(o.q.width())));
    const Size block = std::min(static_cast<Size>(o.key_block), std::max<Size>(o.k.shape[1], 1));
    r.trace = trace_of(RunningAttention{o.q, o.k, o.v, scale, block, o.causal, r.maxima->data, r.sums->data,
                                        r.accumulators->data, r.output.data, r.logsumexp.data});
    if (!steps) r.maxima = r.sums = r.accumulators = {};
    return r;
}

}  // namespace

StreamingAttentionResult streaming_attention(const StreamingAttentionOptions& o) {
    if (o.trace) return traced(o);
    const Letters letter = check_shapes(o);
    const Size H = letter["H"], G = letter["G"], T = letter["T"], S = letter["S"], D = letter["D"], Dv = letter["Dv"];
    require(G > 0 && H > 0 && H % G == 0, kName, ": the query heads must be a multiple of the key/value heads, got ", H,
            " and ", G);
    require(D > 0, kName, ": the head width must be at least 1, got 0");
    require(o.query_block >= 1 && o.key_block >= 1, kName, ": query_block and key_block must be at least 1, got ",
            o.query_block, " and ", o.key_block);
    const Size across = std::min(static_cast<Size>(o.query_block), std::max<Size>(T, 1));
    const Size along = std::min(static_cast<Size>(o.key_block), std::max<Size>(S, 1));
    const Size rows = (T + across - 1) / across, N = (S + along - 1) / along;
    require(static_cast<double>(rows) * static_cast<double>(N) <= 1e6, kName, ": at most 1000000 tiles are possible, got ",
            rows, " x ", N);
    check_bytes(kName, {across, along}, sizeof(double));
    if (o.steps) check_bytes(kName, {H, T, N, std::max<Size>(Dv, 1)}, sizeof(double));
    const double scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(D)));

    StreamingAttentionResult r;
    r.output = Array<double>({H, T, Dv});
    r.logsumexp = Array<double>({H, T}, -kInfinity);
    r.scores_at_once = static_cast<int>(across * along);
    if (o.steps) {
        r.maxima = r.sums = Array<double>({H, T, N});
        r.accumulators = Array<double>({H, T, N, Dv});
    }
    // How many of the keys before `end` query t may see.
    const auto visible_before = [&](Size t, Size end) {
        const Size last = t + 1 + S < T ? 0 : t + 1 + S - T;  // bottom-right
        return o.causal ? std::min(end, last) : end;
    };
    std::vector<double> scores(across * along);
    for (Size h = 0; h < H; ++h) {
        const Size kv = h / (H / G);
        for (Size first = 0; first < T; first += across) {
            const Size queries = std::min(across, T - first);
            std::vector<Row> running(queries, Row{-kInfinity, 0, std::vector<double>(Dv, 0.0)});
            for (Size n = 0; n < N; ++n) {
                const Size begin = n * along, keys = std::min(along, S - begin), end = begin + keys;
                const Size least = visible_before(first, end), most = visible_before(first + queries - 1, end);
                const bool skipped = most <= begin;
                if (h == 0) {
                    r.tiles.push_back({static_cast<int>(first), static_cast<int>(queries), static_cast<int>(begin),
                                       static_cast<int>(keys),
                                       skipped        ? "skipped"
                                       : least == end ? "full"
                                                      : "partial"});
                }
                if (!skipped) {
                    matmul_transposed(o.q.row(h * T + first), o.k.row(kv * S + begin), scores.data(), queries, D, keys, D, D,
                                      keys);
                    for (Size i = 0; i < queries * keys; ++i) scores[i] *= scale;
                    for (Size t = 0; t < queries; ++t) {
                        const Size seen = visible_before(first + t, end);
                        if (seen > begin) take_in(running[t], &scores[t * keys], seen - begin, o.v.row(kv * S + begin), Dv);
                    }
                }
                for (Size t = 0; o.steps && t < queries; ++t) {
                    const Size place = (h * T + first + t) * N + n;
                    r.maxima->data[place] = running[t].most;
                    r.sums->data[place] = running[t].sum;
                    std::copy(running[t].accumulator.begin(), running[t].accumulator.end(), r.accumulators->row(place));
                }
            }
            for (Size t = 0; t < queries; ++t) {
                const Row& row = running[t];
                if (row.sum == 0) continue;
                require(std::isfinite(row.most) && std::isfinite(row.sum), kName, ": the scores must be finite, got ",
                        row.most);
                for (Size d = 0; d < Dv; ++d) r.output.row(h * T + first + t)[d] = row.accumulator[d] / row.sum;
                r.logsumexp.row(h)[first + t] = row.most + std::log(row.sum);
            }
        }
    }
    return r;
}

}  // namespace clearformer
