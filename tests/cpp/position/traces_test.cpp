// The traces of the position encodings: every tensor that was not given opens, and the results are the function's own.

#include "clearformer/position/relative_bias.hpp"
#include "clearformer/position/rope_axes.hpp"
#include "clearformer/position/rope_properties.hpp"
#include "clearformer/position/sinusoidal.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("the sinusoidal table opens in both layouts") {
    for (const char* layout : {"interleaved", "concatenated"}) {
        const SinusoidalResult r = sinusoidal_positions({7, 6, layout, true});
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("table").data == r.table.data);
    }
    CHECK_FALSE(sinusoidal_positions({2, 4}).trace);
}

TEST_CASE("the two pairings open, and so does the permutation between them") {
    RopePairingsOptions o{normal({3, 6}, 1), {0, 3, 50}, {0, 2, 4, 1, 3, 5}, 1000, true};
    const RopePairingsResult r = rope_pairings(o);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("halfSplitOfPermuted").data == r.half_split_of_permuted.data);
}

TEST_CASE("rotation by row and column opens, in every scheme") {
    for (const char* scheme : {"pixtral", "qwen2vl", "split_halves"}) {
        Rope2dOptions o{normal({2, 8, 8}, 1), 2, 4, scheme, 100};
        o.trace = true;
        if (o.scheme == "qwen2vl") o.spatial_merge_size = 2;
        const RopeAxesResult r = rope_2d(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("y").data == r.y.data);
        CHECK(r.trace->tensor("angles").data == r.angles.data);
    }
}

TEST_CASE("rotation by time, height and width opens, sections in a row or interleaved") {
    for (bool interleaved : {false, true}) {
        RopeMultimodalOptions o{
            normal({2, 3, 12}, 1), {{3, 3}, {0, 1, 2, 0, 3, 5, 0, 2, 4}}, {2, 2, 2}, 100, interleaved, true};
        const RopeAxesResult r = rope_multimodal(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("y").data == r.y.data);
    }
}

TEST_CASE("frequencies open, however they are scaled") {
    std::vector<RopeScaling> scalings;
    for (const char* type : {"default", "linear", "ntk", "dynamic", "yarn", "llama3", "longrope"}) {
        RopeScaling s;
        s.type = type;
        s.factor = 4;
        s.max_position_embeddings = 512;
        s.original_max_position_embeddings = 128;
        s.sequence_length = 1000;
        s.short_factor = s.long_factor = std::vector<double>(16, 1.5);
        scalings.push_back(s);
        s.beta_fast = s.beta_slow;
        s.sequence_length.reset();
        scalings.push_back(s);
    }
    for (const RopeScaling& s : scalings) {
        CAPTURE(s.type);
        const RopeFrequenciesResult r = rope_frequencies({32, 10000, s, true});
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("inverseFrequencies").data == r.inverse_frequencies.data);
    }
    check_every_tensor(*rope_frequencies({6, 500, {}, true}).trace);
}

TEST_CASE("relative biases open into the table and the bucket, near, far and beyond") {
    for (bool bidirectional : {false, true}) {
        RelativeBiasOptions o{normal({8, 2}, 1), 6, 60, bidirectional, 20, {}, true};
        const RelativeBiasResult r = relative_bias(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("bias").data == r.bias.data);
        RelativeBucketsOptions b{{{6}, {-90, -3, 0, 1, 12, 400}}, bidirectional, 16, 50, true};
        check_every_tensor(*relative_buckets(b).trace);
    }
}
