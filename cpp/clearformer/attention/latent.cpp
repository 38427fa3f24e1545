#include "clearformer/attention/latent.hpp"

#include <cmath>

#include "clearformer/attention/flow.hpp"
#include "clearformer/attention/rules.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/rules.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = "latent_attention";

struct Widths {
    Size T, C, H, R, Dn, Dr, Dv;
};

Widths check(const LatentAttentionOptions& o) {
    const Letters letter = check_shapes(o);
    for (int width : {o.heads, o.nope_head_dim, o.rope_head_dim, o.v_head_dim}) {
        require(width >= 1 && width <= 65536, kName,
                ": heads, nope_head_dim, rope_head_dim and v_head_dim must be from 1 to 65536, got ", width);
    }
    require(static_cast<double>(o.heads) * (o.nope_head_dim + o.rope_head_dim + o.v_head_dim) <= 1e8, kName,
            ": at most 1e8 entries of all heads together are possible, got ", o.heads, " heads");
    require(o.rope_head_dim % 2 == 0, kName, ": rope_head_dim must be even, got ", o.rope_head_dim);
    const Widths w{letter["T"],
                   letter["C"],
                   static_cast<Size>(o.heads),
                   letter["R"],
                   static_cast<Size>(o.nope_head_dim),
                   static_cast<Size>(o.rope_head_dim),
                   static_cast<Size>(o.v_head_dim)};
    const bool compressed = o.q_a && o.q_a_norm && o.q_b;
    require_kind(o.q_weight.has_value() != compressed && (compressed || !(o.q_a || o.q_a_norm || o.q_b)), kName,
                 ": give either q_weight or all of q_a, q_a_norm and q_b");
    const auto rows = [](const char* what, Size got, Size wanted) {
        require(got == wanted, kName, ": ", what, " must be ", wanted, ", got ", got);
    };
    require(w.C > 0 && w.R > 0, kName, ": the model and the latent must be at least 1 wide, got ", w.C, " and ", w.R);
    rows("the query projection's rows, heads (nope_head_dim + rope_head_dim),", letter["Nq"], w.H * (w.Dn + w.Dr));
    rows("the rows of kv_a, the latent and rope_head_dim,", letter["Na"], w.R + w.Dr);
    rows("the rows of kv_b, heads (nope_head_dim + v_head_dim),", letter["Nb"], w.H * (w.Dn + w.Dv));
    rows("the columns of out_weight, heads v_head_dim,", letter["No"], w.H * w.Dv);
    require(o.pairing == "half_split" || o.pairing == "interleaved", kName,
            ": pairing must be half_split or interleaved, got \"", o.pairing, "\"");
    require(o.mask == "causal" || o.mask == "none", kName, ": mask must be causal or none, got \"", o.mask, "\"");
    require(o.position_offset >= 0, kName, ": position_offset must be at least 0, got ", o.position_offset);
    require(o.theta > 0, kName, ": theta must be above 0, got ", o.theta);
    require(o.eps >= 0, kName, ": eps must be at least 0, got ", o.eps);
    return w;
}

/// Rows first .. first + count - 1 of each of H blocks of a matrix [H block, R], as [H, count, R].
Array<double> rows_of_heads(const Array<double>& matrix, Size H, Size first, Size count) {
    const Size block = matrix.shape[0] / H, R = matrix.width();
    Array<double> rows({H, count, R});
    for (Size h = 0; h < H; ++h) std::copy_n(matrix.row(h * block + first), count * R, rows.row(h * count));
    return rows;
}

/// y[h, t, r] = sum over d of q[h, t, d] w[h, d, r].
Array<double> absorb(const Array<double>& q, const Array<double>& w) {
    const Size H = q.shape[0], T = q.shape[1], D = q.shape[2], R = w.shape[2];
    Array<double> y({H, T, R});
    for (Size h = 0; h < H; ++h) matmul(q.row(h * T), w.row(h * D), y.row(h * T), T, D, R, D, R, R);
    return y;
}

Rule absorb_rule(const char* q, const char* w, Size block, Size D) {
    return [=](const Index& at, Pen& pen) {
        pen.rule(
            "The query's part without position, carried into the space of the latent by the transposed key up-projection.",
            "\\sum_d q_{h,t,d}\\, (W_{UK})_{h,d,r}");
        pen.vector("q", q, D, [&](Size d) { return Index{at[0], at[1], d}; });
        pen.vector("w", w, D, [&](Size d) { return Index{at[0] * block + d, at[2]}; });
        pen.step("p", "products", "q * w");
        pen.step("y", "sum", "sum(p)");
    };
}

Rule up_value_rule(const char* mixed, const char* w, Size block, Size first, Size R) {
    return [=](const Index& at, Pen& pen) {
        pen.rule("The mixed latent, carried up by one row of the head's value projection.",
                 "\\sum_r (W_{UV})_{h,d,r}\\, \\bar{c}_{h,t,r}");
        pen.vector("c", mixed, R, [&](Size r) { return Index{at[0], at[1], r}; });
        pen.vector("w", w, R, [&](Size r) { return Index{at[0] * block + first + at[2], r}; });
        pen.step("p", "products", "c * w");
        pen.step("y", "sum", "sum(p)");
    };
}

}  // namespace

LatentAttentionResult latent_attention(const LatentAttentionOptions& o) {
    const Widths w = check(o);
    for (const Shape& shape : {Shape{w.H, w.T, w.T}, Shape{w.H, w.T, w.R}}) check_bytes(kName, shape, 8);
    Flow flow(o.trace);
    const char* weight = "Given: a weight.";
    // 1. Queries, through a bottleneck of their own or directly.
    const Value x = flow.input({"x", "X", "token vector entry", "residual", "T C"}, o.x, "Given: the token's row.");
    Value q;
    if (o.q_weight) {
        const Value wq = flow.input({"qWeight", "W_Q", "query weight", "q", "Nq C"}, *o.q_weight, weight);
        q = flow.linear({"q", "Q", "query entry", "q", "T Nq"}, x, wq);
    } else {
        const Value down = flow.input({"qA", "W_DQ", "query down-projection weight", "q", "Rq C"}, *o.q_a, weight);
        const Value gamma = flow.input({"qANorm", "γ_Q", "scale of the query latent", "q", "Rq"}, *o.q_a_norm, weight);
        const Value up = flow.input({"qB", "W_UQ", "query up-projection weight", "q", "Nq Rq"}, *o.q_b, weight);
        const Value latent = flow.linear({"qLatent", "c_Q", "query latent entry", "q", "T Rq"}, x, down);
        const Value normed =
            flow.rms_norm({"qLatentNormed", "c_Q'", "normalised query latent entry", "q", "T Rq"}, latent, &gamma, o.eps);
        q = flow.linear({"q", "Q", "query entry", "q", "T Nq"}, normed, up);
    }
    const Value q_heads = flow.split_heads({"qHeads", "Q_h", "query entry", "q", "H T D"}, q, w.H);
    const Value q_nope = flow.columns({"qNope", "q_C", "query entry without position", "q", "H T Dn"}, q_heads, 0, w.Dn);
    const Value q_rope = flow.columns({"qRope", "q_R'", "query entry to be turned", "q", "H T Dr"}, q_heads, w.Dn, w.Dr);
    // 2. The latent, and the key that carries the position.
    const Value kv_a = flow.input({"kvA", "W_DKV", "latent down-projection weight", "k", "Na C"}, o.kv_a, weight);
    const Value gamma = flow.input({"kvANorm", "γ_KV", "scale of the latent", "k", "R"}, o.kv_a_norm, weight);
    const Value kv_b = flow.input({"kvB", "W_UKV", "latent up-projection weight", "k", "Nb R"}, o.kv_b, weight);
    const Value compressed = flow.linear({"compressed", "c'", "compressed entry", "k", "T Na"}, x, kv_a);
    const Value raw = flow.columns({"latentRaw", "c_KV'", "latent entry", "k", "T R"}, compressed, 0, w.R);
    const Value latent = flow.rms_norm({"latent", "c_KV", "normalised latent entry", "k", "T R"}, raw, &gamma, o.eps);
    const Value unturned =
        flow.columns({"keyRope", "k_R'", "shared key entry to be turned", "k", "T Dr"}, compressed, w.R, w.Dr);
    // 3. RoPE on its own part.
    Rotation turn{{}, w.Dr, o.theta, o.pairing == "interleaved"};
    for (Size t = 0; t < w.T; ++t) turn.positions.push_back(static_cast<double>(t) + o.position_offset);
    const Value q_turned = flow.rotate({"qRotated", "q_R", "rotated query entry", "q", "H T Dr"}, q_rope, turn);
    const Value k_turned = flow.rotate({"rotatedKey", "k_R", "rotated shared key entry", "k", "T Dr"}, unturned, turn);
    // 4. Attend: over keys and values made from the latent, or over the latent itself.
    AttendOptions attend;
    attend.scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(w.Dn + w.Dr)));
    if (o.mask == "causal") attend.allow = causal_mask(w.T, w.T);
    const Array<double> up_key = rows_of_heads(o.kv_b, w.H, 0, w.Dn), up_value = rows_of_heads(o.kv_b, w.H, w.Dn, w.Dv);
    const Value q_absorbed =
        flow.record({"qAbsorbed", "q̃", "absorbed query entry", "q", "H T R"}, absorb(q_nope.array, up_key),
                    absorb_rule(q_nope.name, kv_b.name, w.Dn + w.Dv, w.Dn));
    const auto as_head = [](Value value) {
        value.array.shape.insert(value.array.shape.begin(), 1);
        return value;
    };
    const auto one_head = [&](const char* name, const Value& value, const char* letters) {
        const char* from = value.name;
        const Rule rule = [from](const Index& at, Pen& pen) {
            pen.rule("The same for every head.", "x");
            pen.scalar("x", from, {at[1], at[2]});
            pen.step("y", "copied", "x");
        };
        return flow.record({name, "c", "entry shared by the heads", "k", letters}, as_head(value).array, rule);
    };
    Attended attended;
    if (o.absorbed) {
        const Value query = flow.beside({"query", "[q̃; q_R]", "query entry", "q", "H T D"}, q_absorbed, q_turned);
        const Value key =
            flow.beside({"key", "[c; k_R]", "key entry", "k", "G S D"}, one_head("latentHead", latent, "G S R"),
                        one_head("rotatedKeyHead", k_turned, "G S Dr"));
        const Value value = one_head("value", latent, "G S R");
        const Attended over = flow.attend(query, key, value, attend);
        Array<double> lifted({w.H, w.T, w.Dv});
        for (Size h = 0; h < w.H; ++h) {
            matmul_transposed(over.output.array.row(h * w.T), up_value.row(h * w.Dv), lifted.row(h * w.T), w.T, w.R, w.Dv,
                              w.R, w.R, w.Dv);
        }
        attended = {over.weights, flow.record({"lifted", "O", "head output entry", "v", "H T Dv"}, std::move(lifted),
                                              up_value_rule(over.output.name, kv_b.name, w.Dn + w.Dv, w.Dn, w.R))};
    } else {
        const Value kv = flow.linear({"kv", "KV", "key or value entry", "k", "T Nb"}, latent, kv_b);
        const Value kv_heads = flow.split_heads({"kvHeads", "KV_h", "key or value entry", "k", "H T D"}, kv, w.H);
        const Value k_nope = flow.columns({"kNope", "k_C", "key entry without position", "k", "H T Dn"}, kv_heads, 0, w.Dn);
        const Value v = flow.columns({"v", "V", "value entry", "v", "H T Dv"}, kv_heads, w.Dn, w.Dv);
        const Value query = flow.beside({"query", "[q_C; q_R]", "query entry", "q", "H T D"}, q_nope, q_turned);
        const Value key = flow.beside({"key", "[k_C; k_R]", "key entry", "k", "H T D"}, k_nope,
                                      one_head("rotatedKeyHead", k_turned, "G S Dr"));
        attended = flow.attend(query, key, v, attend);
    }
    // 5. Heads side by side, and out.
    const Value joined = flow.join_heads({"joined", "concat(O)", "joined head output", "v", "T No"}, attended.output);
    const Value wo = flow.input({"outWeight", "W_O", "output weight", "residual", "C No"}, o.out_weight, weight);
    const Value y = flow.linear({"y", "Y", "output entry", "residual", "T C"}, joined, wo);

    LatentAttentionResult r;
    r.rotated_gram = Array<double>({w.T, w.T});
    matmul_transposed(k_turned.array.data.data(), k_turned.array.data.data(), r.rotated_gram.data.data(), w.T, w.Dr, w.T,
                      w.Dr, w.Dr, w.T);
    r.latent = latent.array;
    r.rotated_key = k_turned.array;
    r.q_absorbed = q_absorbed.array;
    r.weights = attended.weights.array;
    r.y = y.array;
    r.cache_per_token = static_cast<int>(w.R + w.Dr);
    r.full_cache_per_token = static_cast<int>(w.H * (w.Dn + w.Dr + w.Dv));
    r.trace = flow.take();
    return r;
}

}  // namespace clearformer
