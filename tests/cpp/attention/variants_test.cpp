#include "clearformer/attention/variants.hpp"

#include "clearformer/attention/attention.hpp"
#include "clearformer/attention/kv_cache.hpp"
#include "clearformer/attention/latent.hpp"
#include "clearformer/attention/streaming.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

LatentAttentionOptions latent_options(bool compressed) {
    LatentAttentionOptions o;
    o.x = normal({5, 8}, 1);
    o.heads = 2;
    o.nope_head_dim = 3;
    o.rope_head_dim = 4;
    o.v_head_dim = 5;
    if (compressed) {
        o.q_a = normal({6, 8}, 2);
        o.q_a_norm = normal({6}, 3);
        o.q_b = normal({14, 6}, 4);
    } else {
        o.q_weight = normal({14, 8}, 2);
    }
    o.kv_a = normal({11, 8}, 5);
    o.kv_a_norm = normal({7}, 6);
    o.kv_b = normal({16, 7}, 7);
    o.out_weight = normal({8, 10}, 8);
    return o;
}

template <class Options>
Options heads_of(Size H, Size G, Size T, Size S, Size D, Size Dv) {
    Options o;
    o.q = normal({H, T, D}, 11);
    o.k = normal({G, S, D}, 12);
    o.v = normal({G, S, Dv}, 13);
    return o;
}

}  // namespace

TEST_CASE("absorbed latent attention gives the numbers of the written-out one") {
    for (bool compressed : {false, true}) {
        for (const char* pairing : {"interleaved", "half_split"}) {
            LatentAttentionOptions o = latent_options(compressed);
            o.pairing = pairing;
            o.position_offset = 3;
            const auto naive = latent_attention(o);
            o.absorbed = true;
            const auto absorbed = latent_attention(o);
            CHECK(distance(naive.weights.data, absorbed.weights.data) < 1e-14);
            CHECK(distance(naive.y.data, absorbed.y.data) < 1e-12);
        }
    }
}

TEST_CASE("latent attention depends on relative positions alone") {
    LatentAttentionOptions o = latent_options(true);
    const auto first = latent_attention(o);
    o.position_offset = 1000;
    CHECK(distance(first.y.data, latent_attention(o).y.data) < 1e-10);
}

TEST_CASE("every number of latent attention opens, written out and absorbed") {
    for (bool absorbed : {false, true}) {
        LatentAttentionOptions o = latent_options(absorbed);
        o.absorbed = absorbed;
        o.trace = true;
        check_every_tensor(*latent_attention(o).trace);
    }
}

TEST_CASE("latent attention refuses what does not fit") {
    LatentAttentionOptions o = latent_options(false);
    o.rope_head_dim = 3;
    CHECK_THROWS_AS(latent_attention(o), DomainError);
    o = latent_options(false);
    o.q_a = normal({6, 8}, 2);
    CHECK_THROWS_AS(latent_attention(o), KindError);
    o = latent_options(false);
    o.mask = "prefix";
    CHECK_THROWS_WITH_AS(latent_attention(o), "latent_attention: mask must be causal or none, got \"prefix\"", DomainError);
}

TEST_CASE("attention with normalised queries and keys ignores their lengths, and opens") {
    auto o = heads_of<QkNormAttentionOptions>(4, 2, 3, 5, 4, 6);
    o.query_gamma = normal({4}, 14);
    o.key_gamma = normal({4}, 15);
    o.eps = 0;
    o.mask = "causal";
    const auto first = qk_norm_attention(o);
    for (double& value : o.q.data) value *= 7;
    for (double& value : o.k.data) value *= 0.01;
    o.trace = true;
    const auto second = qk_norm_attention(o);
    CHECK(distance(first.output.data, second.output.data) < 1e-13);
    check_every_tensor(*second.trace);
}

TEST_CASE("linear attention from running sums equals its written-out weights times the values") {
    for (const char* map : {"elu+1", "relu", "exp", "squared_relu"}) {
        for (bool causal : {false, true}) {
            CAPTURE(map);
            auto o = heads_of<LinearAttentionOptions>(2, 2, 6, 6, 4, 3);
            o.feature_map = map;
            o.causal = causal;
            const auto r = linear_attention(o);
            for (Size h = 0; h < 2; ++h) {
                for (Size t = 0; t < 6; ++t) {
                    double sum = 0;
                    std::vector<double> mixed(3);
                    for (Size s = 0; s < 6; ++s) {
                        const double w = r.weights.at({h, t, s});
                        sum += w;
                        if (causal && s > t) CHECK(w == 0);
                        for (Size d = 0; d < 3; ++d) mixed[d] += w * o.v.at({h, s, d});
                    }
                    CHECK((std::fabs(sum - 1) < 1e-12 || sum == 0));
                    for (Size d = 0; d < 3; ++d) CHECK(std::fabs(mixed[d] - r.output.at({h, t, d})) < 1e-12);
                }
            }
        }
    }
}

TEST_CASE("streaming attention equals attention for any blocks, causal or not") {
    for (bool causal : {false, true}) {
        auto whole = heads_of<AttentionOptions<double>>(4, 2, 7, 9, 5, 3);
        whole.mask.mask = causal ? "causal" : "none";
        const auto expected = attention(whole);
        for (int across : {1, 3, 64}) {
            for (int along : {1, 4, 9, 100}) {
                auto o = heads_of<StreamingAttentionOptions>(4, 2, 7, 9, 5, 3);
                o.query_block = across;
                o.key_block = along;
                o.causal = causal;
                o.steps = true;
                const auto r = streaming_attention(o);
                CHECK(distance(r.output.data, expected.output.data) < 1e-13);
                const Size N = r.maxima->width();
                for (Size row = 0; row < 28; ++row) {
                    CHECK(r.logsumexp.data[row] ==
                          doctest::Approx(r.maxima->row(row)[N - 1] + std::log(r.sums->row(row)[N - 1])));
                }
            }
        }
    }
}

TEST_CASE("causal tiles: all above the diagonal are skipped, only those on it are cut") {
    auto o = heads_of<StreamingAttentionOptions>(1, 1, 8, 8, 2, 2);
    o.query_block = o.key_block = 2;
    o.causal = true;
    const auto r = streaming_attention(o);
    REQUIRE(r.tiles.size() == 16);
    for (const Tile& tile : r.tiles) {
        const char* kind = tile.first_key > tile.first_query    ? "skipped"
                           : tile.first_key == tile.first_query ? "partial"
                                                                : "full";
        CHECK(tile.kind == kind);
    }
    CHECK(r.scores_at_once == 4);
}

TEST_CASE("a query before all keys sees nothing: zeros, and a logsumexp of minus infinity") {
    auto o = heads_of<StreamingAttentionOptions>(1, 1, 4, 2, 3, 3);
    o.causal = true;
    const auto r = streaming_attention(o);
    CHECK(r.logsumexp.data[0] == -kInfinity);
    CHECK(r.output.data[0] == 0);
    CHECK(std::isfinite(r.logsumexp.data[2]));
}

TEST_CASE("cached steps, one or several tokens at a time, equal the whole pass") {
    const Size H = 4, G = 2, T = 9, D = 4, Dv = 3;
    auto whole = heads_of<AttentionOptions<double>>(H, G, T, T, D, Dv);
    whole.mask.mask = "causal";
    const auto expected = attention(whole).output;
    const auto slice = [](const Array<double>& a, Size first, Size count) {
        Array<double> part({a.shape[0], count, a.width()});
        for (Size h = 0; h < a.shape[0]; ++h)
            std::copy_n(a.row(h * a.shape[1] + first), count * a.width(), part.row(h * count));
        return part;
    };
    for (Size step : {Size(1), Size(3)}) {
        KvCacheOptions o;
        o.heads = static_cast<int>(G);
        o.head_dim = static_cast<int>(D);
        o.value_dim = static_cast<int>(Dv);
        KvCache cache(o);
        for (Size t = 0; t < T; t += step) {
            cache.append(slice(whole.k, t, step), slice(whole.v, t, step));
            const auto r = cache.attend(slice(whole.q, t, step), {});
            CHECK(distance(r.output.data, slice(expected, t, step).data) < 1e-14);
        }
        CHECK(cache.state().bytes == 2.0 * T * G * (D + Dv));
    }
}

TEST_CASE("a cache with a window keeps the sinks and the newest tokens, and equals windowed attention") {
    KvCacheOptions o;
    o.head_dim = 4;
    o.window = 3;
    o.sinks = 1;
    KvCache cache(o);
    const Array<double> k = normal({1, 8, 4}, 21), v = normal({1, 8, 4}, 22);
    for (Size t = 0; t < 8; ++t) {
        cache.append(Array<double>({1, 1, 4}, {k.row(t), k.row(t) + 4}), Array<double>({1, 1, 4}, {v.row(t), v.row(t) + 4}));
    }
    CHECK(cache.state().positions == std::vector<int>{0, 5, 6, 7});
    CHECK(cache.state().appended == 8);
    cache.evict(1);
    CHECK(cache.state().positions == std::vector<int>{5, 6, 7});
    AttentionOptions<double> windowed;
    windowed.q = normal({1, 1, 4}, 23);
    windowed.k = k;
    windowed.v = v;
    windowed.mask.mask = "sliding_causal";
    windowed.mask.window = 3;
    CHECK(distance(cache.attend(windowed.q, {}).output.data, attention(windowed).output.data) < 1e-15);
    CHECK_THROWS_WITH_AS(cache.evict(9), "cache_evict: count must be at most the 3 tokens kept, got 9", DomainError);
    CHECK_THROWS_AS(cache.append(normal({2, 1, 4}, 1), normal({2, 1, 4}, 1)), DomainError);
    CHECK(cache.state().length == 3);
}
