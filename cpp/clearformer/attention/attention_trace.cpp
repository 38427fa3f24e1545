#include "clearformer/attention/attention_trace.hpp"

#include <cmath>

#include "clearformer/attention/flow.hpp"
#include "clearformer/attention/rules.hpp"
#include "clearformer/ops/rules.hpp"

namespace clearformer {
namespace {

/// [B, H, T, D] as [B H, T, D].
Array<double> in_heads(const Array<double>& a) {
    const Shape& shape = a.shape;
    if (a.rank() == 3) return a;
    return {{shape[0] * shape[1], shape[2], shape[3]}, a.data};
}

/// Which keys of block n query t sees, and how the running values of [h, t] go on from block to block.
struct Blocks {
    Size block, keys, queries, group;
    bool causal;

    Size first(Size n) const { return std::min(n * block, keys); }
    Size count(Size t, Size n) const {
        const Size last = t + 1 + keys < queries ? 0 : t + 1 + keys - queries;
        const Size end = std::min(first(n + 1), causal ? last : keys);
        return end > first(n) ? end - first(n) : 0;
    }
    /// The block's scores as `x`.
    Size write_scores(Pen& pen, const Index& at) const {
        const Size from = first(at[2]), seen = count(at[1], at[2]);
        pen.vector("x", "scaled", seen, [&](Size i) { return Index{at[0], at[1], from + i}; });
        return seen;
    }
    /// The same, with the new maximum m and the factor f that brings what was summed before to it; false where the row saw no key yet.
    bool write_exponentials(Pen& pen, const Index& at) const {
        const Index now{at[0], at[1], at[2]}, before{at[0], at[1], at[2] - 1};
        if (pen.value("maxima", now) == -kInfinity) {
            pen.rule("The row has seen no key yet.", "0");
            pen.step("y", "nothing yet", "0");
            return false;
        }
        write_scores(pen, at);
        pen.scalar("m", "maxima", now);
        if (at[2] > 0) {
            pen.scalar("p", "maxima", before);
            pen.step("f", "what brings the old maximum to the new", "exp(p - m)");
        }
        pen.step("e", "exponentials", "exp(x - m)");
        return true;
    }
};

Rule running_max_rule(const Blocks& blocks) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The largest score of the keys seen so far, this block's included.", "m_n = \\max(m_{n-1}, \\max_s x_s)");
        blocks.write_scores(pen, at);
        pen.step("a", "largest of the block", "max(x)");
        if (at[2] == 0) return;
        const Index before{at[0], at[1], at[2] - 1};
        pen.scalar("p", "maxima", before);
        pen.step("m", "the larger", pen.value("maxima", before) == pen.value("maxima", at) ? "p" : "a");
    };
}

Rule running_sum_rule(const Blocks& blocks) {
    return [=](const Index& at, Pen& pen) {
        if (!blocks.write_exponentials(pen, at)) return;
        pen.rule("What was summed before, brought to the new maximum, plus the block's exponentials.",
                 "\\ell_n = e^{m_{n-1} - m_n}\\, \\ell_{n-1} + \\sum_s e^{x_s - m_n}");
        if (at[2] > 0) pen.scalar("l", "sums", {at[0], at[1], at[2] - 1});
        pen.step("y", "sum", at[2] > 0 ? "f * l + sum(e)" : "sum(e)");
    };
}

Rule running_accumulator_rule(const Blocks& blocks) {
    return [=](const Index& at, Pen& pen) {
        if (!blocks.write_exponentials(pen, at)) return;
        pen.rule("What was accumulated before, brought to the new maximum, plus the block's values by their exponentials.",
                 "a_n = e^{m_{n-1} - m_n}\\, a_{n-1} + \\sum_s e^{x_s - m_n}\\, v_s");
        const Size from = blocks.first(at[2]);
        pen.vector("v", "v", blocks.count(at[1], at[2]), [&](Size i) {
            return Index{at[0] / blocks.group, from + i, at[3]};
        });
        if (at[2] > 0) pen.scalar("a", "accumulators", {at[0], at[1], at[2] - 1, at[3]});
        pen.step("y", "sum", at[2] > 0 ? "f * a + sum(e * v)" : "sum(e * v)");
    };
}

Rule last_of_running_rule(Size N) {
    return [=](const Index& at, Pen& pen) {
        const bool none = pen.value("sums", {at[0], at[1], N - 1}) == 0;
        pen.rule(
            none ? "The row sees no key: it gives 0." : "What was accumulated after the last block, divided by the sum.",
            none ? "0" : "a_N / \\ell_N");
        pen.scalar("a", "accumulators", {at[0], at[1], N - 1, at[2]});
        pen.scalar("l", "sums", {at[0], at[1], N - 1});
        pen.step("o", none ? "no key" : "quotient", none ? "0" : "a / l");
    };
}

}  // namespace

Trace trace_of(const AttentionOptions<double>& o) {
    Flow flow(true);
    const Value q = flow.input({"q", "Q", "query entry", "q", "H T D"}, in_heads(o.q), "Given: a query.");
    const Value k = flow.input({"k", "K", "key entry", "k", "G S D"}, in_heads(o.k), "Given: a key.");
    const Value v = flow.input({"v", "V", "value entry", "v", "G S D"}, in_heads(o.v), "Given: a value.");
    const Size T = q.extent(1), S = k.extent(1);
    AttendOptions attend;
    attend.scale = o.scale.value_or(1.0 / std::sqrt(static_cast<double>(q.extent(2))));
    attend.softcap = o.softcap;
    attend.bias = o.bias ? &*o.bias : nullptr;
    attend.alibi_slopes = o.alibi_slopes.empty() ? nullptr : &o.alibi_slopes;
    attend.offset = o.mask.query_offset.value_or(static_cast<int>(S) - static_cast<int>(T));
    attend.sinks = o.sinks ? &*o.sinks : nullptr;
    MaskOptions mask = o.mask;
    mask.queries = static_cast<int>(T);
    mask.keys = static_cast<int>(S);
    const Array<double> named = attention_mask(mask).allow;
    attend.allow = o.allow.value_or(named);
    for (Size i = 0; i < attend.allow.size(); ++i) attend.allow.data[i] *= named.data[i % named.size()];
    attend.empty_row = o.masked_row == "nan" ? kNaN : o.masked_row == "uniform" ? 1 / static_cast<double>(S) : 0;
    flow.attend(q, k, v, attend);
    return std::move(*flow.take());
}

Trace trace_of(const EntropyOptions& o) {
    EntropyOptions plain = o;
    plain.trace = false;
    const EntropyResult r = attention_entropy(plain);
    const Shape& shape = o.weights ? o.weights->shape : o.logits->shape;
    const Size S = shape.empty() ? 1 : shape.back();
    const bool bits = o.unit == "bits";
    Trace trace;
    const Label weights{"weights", "A", "attention weight", "weights", ".. S"};
    add_given(trace, weights, o.weights);
    if (o.logits) {
        const char* logits = add_given(trace, {"logits", "x", "logit", "scores", ".. S"}, *o.logits);
        add_exponentials(trace, logits, shape.size() - 1);
        trace.derive(weights, shape, normalise_rule("exponentials", "rowSum"));
    }
    const Label entropy{"entropy", "H", "entropy of the row", "weights", ".."},
        keys{"effectiveKeys", "n", "effective keys", "weights", ".."}, most{"max", "max", "largest weight", "weights", ".."};
    if (S == 0) return trace;
    add_made(trace, entropy, r.entropy, entropy_rule("weights", S, bits));
    const Rule keys_rule = [bits](const Index& at, Pen& pen) {
        pen.rule("Over how many keys an even spread would have this entropy.", bits ? "2^H" : "e^H");
        pen.scalar("H", "entropy", at);
        pen.step("n", "keys", bits ? "exp(H * log(2))" : "exp(H)");
    };
    add_made(trace, keys, r.effective_keys, keys_rule);
    const Rule max_rule = [S](const Index& at, Pen& pen) {
        pen.rule("The largest weight of the row.", "\\max_s A_{t,s}");
        pen.vector("a", "weights", S, [&](Size s) {
            Index index = at;
            index.push_back(s);
            return index;
        });
        pen.step("m", "largest", "max(a)");
    };
    add_made(trace, most, r.max, max_rule);
    return trace;
}

Trace trace_of(const RunningAttention& run) {
    const Size H = run.q.shape[0], T = run.q.shape[1], D = run.q.width(), S = run.k.shape[1], Dv = run.v.width();
    const Size group = H / run.k.shape[0], N = (S + run.block - 1) / run.block;
    const Blocks blocks{run.block, S, T, group, run.causal};
    Trace trace;
    add_given(trace, {"q", "Q", "query entry", "q", "H T D"}, run.q);
    add_given(trace, {"k", "K", "key entry", "k", "G S D"}, run.k);
    add_given(trace, {"v", "V", "value entry", "v", "G S D"}, run.v);
    Array<double> scores({H, T, S});
    for (Size h = 0; h < H; ++h)
        matmul_transposed(run.q.row(h * T), run.k.row(h / group * S), scores.row(h * T), T, D, S, D, D, S);
    add_made(trace, {"scores", "S", "raw score", "scores", "H T S"}, scores, score_rule("q", "k", D, group));
    for (double& value : scores.data) value *= run.scale;
    add_made(trace, {"scaled", "S·c", "scaled score", "scores", "H T S"}, scores, scale_rule("scores", run.scale, "scale"));
    add_made(trace, {"maxima", "m", "running maximum", "scores", "H T N"}, {{H, T, N}, run.maxima},
             running_max_rule(blocks));
    add_made(trace, {"sums", "ℓ", "running sum", "scores", "H T N"}, {{H, T, N}, run.sums}, running_sum_rule(blocks));
    add_made(trace, {"accumulators", "a", "accumulator entry", "v", "H T N D"}, {{H, T, N, Dv}, run.accumulators},
             running_accumulator_rule(blocks));
    if (N == 0) return trace;
    add_made(trace, {"output", "O", "output entry", "v", "H T D"}, {{H, T, Dv}, run.output}, last_of_running_rule(N));
    const Rule rule = [N](const Index& at, Pen& pen) {
        pen.rule("The logarithm of the sum of the row's exponentials, with the maximum put back.", "m_N + \\ln \\ell_N");
        pen.scalar("m", "maxima", {at[0], at[1], N - 1});
        pen.scalar("l", "sums", {at[0], at[1], N - 1});
        pen.step("y", "log of the sum", "m + log(l)");
    };
    add_made(trace, {"logsumexp", "L", "logarithm of the sum of exponentials", "scores", "H T"}, {{H, T}, run.logsumexp},
             rule);
    return trace;
}

}  // namespace clearformer
