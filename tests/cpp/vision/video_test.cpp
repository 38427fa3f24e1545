#include "clearformer/vision/video.hpp"

#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("factorised attention conforms") {
    for_each_case("vision", "factorised_attention", [](const Json& c) {
        const FactorisedAttentionResult r =
            factorised_attention({tensor_of(c["inputs"]["x_thwd"]), c["params"]["scale"].get<double>()});
        check_tensor(r.spatial_weights, "spatial_weights", c);
        check_tensor(r.after_spatial, "after_spatial", c);
        check_tensor(r.temporal_weights, "temporal_weights", c);
        check_tensor(r.y, "y", c);
    });
}

TEST_CASE("the cost of attending to a video conforms") {
    for_each_case("vision", "video_attention_cost", [](const Json& c) {
        const Json &p = c["params"], &e = c["expected"];
        const VideoAttentionCostResult r = video_attention_cost({p["T"], p["H"], p["W"]});
        CHECK(r.tokens == e["tokens"].get<double>());
        CHECK(r.joint_pairs == e["joint_pairs"].get<double>());
        CHECK(r.factorised_pairs == e["factorised_pairs"].get<double>());
        CHECK(r.window_pairs == e["window_pairs_2x7x7"].get<double>());
    });
}

TEST_CASE("the pairs counted are the weights computed") {
    const FactorisedAttentionResult r = factorised_attention({normal({3, 2, 5, 4}, 1)});
    const VideoAttentionCostResult cost = video_attention_cost({3, 2, 5, {3, 2, 5}});
    CHECK(static_cast<double>(r.spatial_weights.size() + r.temporal_weights.size()) == cost.factorised_pairs);
    CHECK(cost.window_pairs == cost.joint_pairs);
}

TEST_CASE("one frame has nothing to attend to in time") {
    const FactorisedAttentionResult r = factorised_attention({normal({1, 3, 2, 4}, 1)});
    for (double weight : r.temporal_weights.data) CHECK(weight == 1);
    CHECK(r.y.data == r.after_spatial.data);
}

TEST_CASE("every number opens, in space (0) and in time (1)") {
    const FactorisedAttentionResult r = factorised_attention({normal({3, 2, 3, 4}, 1), 0.7, true});
    CHECK(check_whole_trace(*r.trace) == 1);
    CHECK(r.trace->tensor("weights0").data == r.spatial_weights.data);
    CHECK(r.trace->tensor("weights1").data == r.temporal_weights.data);
    CHECK(r.trace->tensor("y").data == r.y.data);
}

TEST_CASE("windows are padded to whole ones") { CHECK(video_attention_cost({3, 8, 8}).window_pairs == 8 * 98 * 98); }

TEST_CASE("videos that cannot be are refused") {
    CHECK_THROWS_AS(factorised_attention({Array<double>({0, 2, 2, 4})}), DomainError);
    CHECK_THROWS_WITH_AS(video_attention_cost({0, 2, 2}), "video_attention_cost: frames must be from 1 to 65536, got 0",
                         DomainError);
    CHECK_THROWS_AS(video_attention_cost({2, 2, 2, {2, 7}}), DomainError);
    CHECK_THROWS_AS(video_attention_cost({2, 2, 2, {2, 0, 7}}), DomainError);
}
