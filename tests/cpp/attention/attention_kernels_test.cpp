#include "clearformer/attention/attention_kernels.hpp"

#include "clearformer/attention/attention.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

struct Sizes {
    Size H, G, T, S, D, Dv;
};

AttentionOptions<float> problem(const Sizes& n, std::uint64_t seed = 1) {
    AttentionOptions<float> o;
    o.q = normal<float>({n.H, n.T, n.D}, seed);
    o.k = normal<float>({n.G, n.S, n.D}, seed + 1);
    o.v = normal<float>({n.G, n.S, n.Dv}, seed + 2);
    return o;
}

std::optional<Array<double>> in_double(const std::optional<Array<float>>& array) {
    return array ? std::optional(testing::in_double(*array)) : std::nullopt;
}

AttentionOptions<double> in_double(const AttentionOptions<float>& o) {
    AttentionOptions<double> wide;
    wide.q = testing::in_double(o.q);
    wide.k = testing::in_double(o.k);
    wide.v = testing::in_double(o.v);
    wide.scale = o.scale;
    wide.softcap = o.softcap;
    wide.bias = in_double(o.bias);
    wide.alibi_slopes = o.alibi_slopes;
    wide.sinks = in_double(o.sinks);
    wide.allow = in_double(o.allow);
    wide.mask = o.mask;
    wide.masked_row = o.masked_row;
    return wide;
}

/// Everything equals the double loops, whatever is kept.
void check_against_double(AttentionOptions<float> o) {
    const AttentionResult<double> expected = attention(in_double(o));
    const AttentionResult<float> all = attention(o);
    CHECK(distance(all.logits.data, expected.logits.data) < 2e-5);
    CHECK(distance(all.weights.data, expected.weights.data) < 3e-6);
    CHECK(distance(all.output.data, expected.output.data) < 1e-5);
    o.keep_logits = false;
    const AttentionResult<float> without_logits = attention(o);
    CHECK(without_logits.logits.shape == Shape{0});
    CHECK(without_logits.weights.shape == expected.weights.shape);
    CHECK(distance(without_logits.weights.data, expected.weights.data) < 3e-6);
    CHECK(distance(without_logits.output.data, expected.output.data) < 1e-5);
    o.keep_weights = false;
    const AttentionResult<float> output_only = attention(o);
    CHECK(output_only.weights.shape == Shape{0});
    CHECK(output_only.output.shape == expected.output.shape);
    CHECK(distance(output_only.output.data, expected.output.data) < 1e-5);
}

const std::vector<MaskOptions>& masks() {
    static const std::vector<MaskOptions> list = [] {
        std::vector<MaskOptions> made;
        for (const char* name : {"none", "causal", "sliding_causal", "sliding", "local(3)", "global(0,2)+local(1)",
                                 "chunked", "chunked_causal", "prefix", "causal&sliding", "causal&global(1)"}) {
            MaskOptions m;
            m.mask = name;
            m.window = 5;
            m.half_window = 4;
            m.chunk = 7;
            m.prefix = 3;
            made.push_back(m);
        }
        return made;
    }();
    return list;
}

}  // namespace

TEST_CASE("float attention equals the double loops at every size, under every mask") {
    for (const Sizes& n :
         {Sizes{1, 1, 1, 3, 1, 1}, Sizes{2, 1, 3, 3, 5, 4}, Sizes{2, 2, 7, 9, 8, 3}, Sizes{4, 2, 33, 33, 20, 12},
          Sizes{1, 1, 64, 64, 64, 64}, Sizes{1, 1, 67, 70, 17, 33}, Sizes{3, 3, 2, 40, 6, 9}}) {
        for (const MaskOptions& mask : masks()) {
            CAPTURE(n.T);
            CAPTURE(mask.mask);
            AttentionOptions<float> o = problem(n, n.T);
            o.mask = mask;
            check_against_double(o);
        }
    }
}

TEST_CASE("a mask of one range per query is the mask, range by range") {
    for (const Size queries : {1, 4, 30}) {
        for (const int offset : {-9, -1, 0, 3, 26}) {
            for (MaskOptions mask : masks()) {
                mask.queries = static_cast<int>(queries);
                mask.keys = 30;
                mask.query_offset = offset;
                const auto ranges = mask_ranges(mask);
                const bool one_range = mask.mask.find("global") == std::string::npos;
                CAPTURE(mask.mask);
                REQUIRE(ranges.has_value() == one_range);
                if (!ranges) continue;
                const Array<double> allow = attention_mask(mask).allow;
                for (Size t = 0; t < queries; ++t) {
                    for (Size s = 0; s < 30; ++s) {
                        const bool inside = s >= (*ranges)[t].first && s < (*ranges)[t].last;
                        CHECK(inside == (allow.row(t)[s] != 0));
                    }
                }
            }
        }
    }
}

TEST_CASE("float attention equals the double loops with every option that changes logits or rows") {
    for (const Sizes& n : {Sizes{2, 2, 3, 5, 4, 4}, Sizes{4, 2, 35, 37, 12, 10}}) {
        const AttentionOptions<float> plain = problem(n, 9);
        for (const char* mask : {"none", "causal"}) {
            CAPTURE(mask);
            CAPTURE(n.T);
            AttentionOptions<float> o = plain;
            o.mask.mask = mask;
            SUBCASE("softcap") {
                o.softcap = 1.5;
                check_against_double(o);
            }
            SUBCASE("scale") {
                o.scale = 0.1;
                check_against_double(o);
            }
            SUBCASE("bias for all heads") {
                o.bias = normal<float>({n.T, n.S}, 4);
                o.bias->data[1] = -std::numeric_limits<float>::infinity();
                check_against_double(o);
            }
            SUBCASE("bias and softcap for each head") {
                o.softcap = 2;
                o.bias = normal<float>({n.H, n.T, n.S}, 5);
                check_against_double(o);
            }
            SUBCASE("ALiBi") {
                for (Size h = 0; h < n.H; ++h) o.alibi_slopes.push_back(1 / static_cast<double>(h + 2));
                check_against_double(o);
            }
            SUBCASE("sinks") {
                o.sinks = normal<float>({n.H}, 6, 2);
                check_against_double(o);
            }
            SUBCASE("an arbitrary mask for each head") {
                o.allow = normal<float>({n.H, n.T, n.S}, 7);
                for (float& x : o.allow->data) x = x > 0 ? 1.0f : 0.0f;
                for (const char* policy : {"zeros", "uniform", "nan"}) {
                    o.masked_row = policy;
                    check_against_double(o);
                }
            }
            SUBCASE("rows that see nothing") {
                o.allow = Array<float>({n.T, n.S}, 1.0f);
                std::fill_n(o.allow->row(1), n.S, 0.0f);
                for (const char* policy : {"zeros", "uniform", "nan"}) {
                    o.masked_row = policy;
                    check_against_double(o);
                }
            }
            SUBCASE("padding on one side") {
                o.mask.mask = std::string(mask) + "&key_padding";
                o.mask.valid.assign(n.S, 1);
                o.mask.valid[0] = 0;
                for (const char* policy : {"zeros", "uniform"}) {
                    o.masked_row = policy;
                    check_against_double(o);
                }
            }
        }
    }
}

TEST_CASE("queries before the first key see nothing, in float as in double") {
    for (const char* policy : {"zeros", "uniform", "nan"}) {
        AttentionOptions<float> o = problem({1, 1, 40, 20, 8, 8});
        o.mask.mask = "causal";
        o.masked_row = policy;
        check_against_double(o);
    }
}

TEST_CASE("a batch of sequences equals each alone, in float") {
    AttentionOptions<float> o = problem({4, 2, 9, 9, 8, 6}, 3);
    o.mask.mask = "causal";
    const auto once = attention(o);
    AttentionOptions<float> batch = o;
    for (Array<float>* array : {&batch.q, &batch.k, &batch.v}) {
        array->shape = {2, array->shape[0] / 2, array->shape[1], array->shape[2]};
    }
    const auto r = attention(batch);
    CHECK(r.weights.shape == Shape{2, 2, 9, 9});
    CHECK(r.output.data == once.output.data);
    CHECK(r.weights.data == once.weights.data);
}

TEST_CASE("a logit that overflows float is refused, with its place") {
    AttentionOptions<float> o = problem({1, 1, 6, 6, 4, 4});
    std::fill_n(o.q.row(4), 4, 1e30f);
    std::fill_n(o.k.row(2), 4, 1e30f);
    for (const bool keep : {true, false}) {
        o.keep_logits = keep;
        CHECK_THROWS_WITH_AS(attention(o), "attention: logits must be below +inf, got inf at head 0, query 4, key 2",
                             DomainError);
    }
    o.mask.mask = "causal";
    std::fill_n(o.q.row(1), 4, 1e30f);
    std::fill_n(o.q.row(4), 4, 1.0f);
    CHECK_NOTHROW(attention(o));
    o.keep_logits = true;
    CHECK_THROWS_AS(attention(o), DomainError);
}

TEST_CASE("dropping results changes nothing else in double") {
    AttentionOptions<double> o = in_double(problem({2, 1, 5, 6, 4, 3}));
    o.mask.mask = "causal";
    const auto all = attention(o);
    o.keep_logits = o.keep_weights = false;
    const auto output = attention(o);
    CHECK(output.output.data == all.output.data);
    CHECK(output.logits.shape == Shape{0});
    CHECK(output.weights.shape == Shape{0});
}

TEST_CASE("a long sequence needs no matrix of weights") {
    AttentionOptions<float> o = problem({1, 1, 3000, 3000, 8, 8});
    o.mask.mask = "sliding_causal";
    o.mask.window = 1;  // every query sees itself alone
    o.keep_logits = o.keep_weights = false;
    CHECK(distance(attention(o).output.data, o.v.data) == 0);
}
