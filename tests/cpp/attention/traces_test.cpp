// The traces of attention and its relatives: every tensor that was not given opens, and the results are the function's own.

#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/attention/streaming.hpp"
#include "clearformer/attention/variants.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

AttentionOptions<double> heads(Size H, Size G, Size T, Size S) {
    AttentionOptions<double> o;
    o.q = normal({H, T, 4}, 1);
    o.k = normal({G, S, 4}, 2);
    o.v = normal({G, S, 3}, 3);
    o.trace = true;
    return o;
}

void check_attention(const AttentionOptions<double>& o) {
    const AttentionResult<double> r = traced<&attention<double>>(o);
    check_every_tensor(*r.trace);
    CHECK(distance(r.trace->tensor("weights").data, r.weights.data) < 1e-15);
    CHECK(distance(r.trace->tensor("headOutputs").data, r.output.data) < 1e-14);
    const char* logits = r.trace->has("alibi")    ? "alibi"
                         : r.trace->has("biased") ? "biased"
                         : r.trace->has("capped") ? "capped"
                                                  : "scaled";
    CHECK(r.trace->tensor(logits).data == r.logits.data);
}

}  // namespace

TEST_CASE("attention opens, from the weighted sum down to queries, keys and values") {
    AttentionOptions<double> o = heads(4, 2, 3, 5);
    check_attention(o);
    CHECK(traced<&attention<double>>(o).trace->tensor("weights").data == traced<&attention<double>>(o).weights.data);
    CHECK(traced<&attention<double>>(o).trace->tensor("headOutputs").data == traced<&attention<double>>(o).output.data);
    o.trace = false;
    CHECK_FALSE(traced<&attention<double>>(o).trace);
}

TEST_CASE("attention opens with everything that may change a score") {
    AttentionOptions<double> o = heads(4, 2, 3, 5);
    o.scale = 0.4;
    o.softcap = 2;
    o.bias = normal({4, 3, 5}, 4);
    o.alibi_slopes = {0.5, 0.25, 0.125, 0.0625};
    o.sinks = normal({4}, 5);
    o.allow = Array<double>({4, 3, 5}, 1);
    for (Size i = 0; i < o.allow->size(); i += 3) o.allow->data[i] = 0;
    o.mask.mask = "causal";
    check_attention(o);
    o.bias = normal({3, 5}, 4);
    o.allow = Array<double>({3, 5}, 1);
    o.allow->data[2] = 0;
    check_attention(o);
}

TEST_CASE("a batch opens as more heads") {
    AttentionOptions<double> o;
    o.q = normal({2, 4, 3, 4}, 1);
    o.k = normal({2, 2, 5, 4}, 2);
    o.v = normal({2, 2, 5, 3}, 3);
    o.bias = normal({4, 3, 5}, 4);
    o.alibi_slopes = {0.5, 0.25, 0.125, 0.0625};
    o.sinks = normal({4}, 5);
    o.allow = Array<double>({4, 3, 5}, 1);
    for (Size i = 0; i < o.allow->size(); i += 4) o.allow->data[i] = 0;
    o.trace = true;
    check_attention(o);
}

TEST_CASE("a row that sees no key opens, as zeros or as uniform weights") {
    AttentionOptions<double> o = heads(2, 1, 4, 2);
    o.mask.mask = "causal";  // bottom-right: the first two queries see nothing
    check_attention(o);
    o.masked_row = "uniform";
    check_attention(o);
    o.masked_row = "nan";
    CHECK(std::isnan(traced<&attention<double>>(o).trace->explain("weights", {0, 0, 1}).value));
}

TEST_CASE("the trace of attention in single precision is that of the same numbers in double") {
    AttentionOptions<float> o;
    o.q = normal<float>({2, 3, 4}, 1);
    o.k = normal<float>({2, 5, 4}, 2);
    o.v = normal<float>({2, 5, 4}, 3);
    o.trace = true;
    const AttentionResult<float> r = traced<&attention<float>>(o);
    check_every_tensor(*r.trace);
    CHECK(distance(r.trace->tensor("weights").data, r.weights.data) < 1e-6);
}

TEST_CASE("online softmax opens block by block") {
    for (int block : {1, 2, 7, 9}) {
        OnlineSoftmaxOptions<double> o{normal({1, 1, 4}, 1), normal({1, 7, 4}, 2), normal({1, 7, 3}, 3), block, {}, true};
        const OnlineSoftmaxResult<double> r = traced<&online_softmax<double>>(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("maxima").data == r.maxima.data);
        CHECK(r.trace->tensor("accumulators").data == r.accumulators.data);
        CHECK(r.trace->tensor("output").data == r.output.data);
        CHECK(r.trace->value("logsumexp", {0, 0}) == r.logsumexp);
    }
}

TEST_CASE("streaming attention opens block by block, rows that see nothing yet included") {
    for (bool causal : {false, true}) {
        for (int block : {1, 2, 3, 64}) {
            StreamingAttentionOptions o;
            o.q = normal({4, 5, 4}, 1);
            o.k = normal({2, 3, 4}, 2);
            o.v = normal({2, 3, 2}, 3);
            o.query_block = 2;
            o.key_block = block;
            o.causal = causal;
            const StreamingAttentionResult plain = streaming_attention(o);
            o.trace = true;
            const StreamingAttentionResult r = streaming_attention(o);
            CHECK_FALSE(plain.trace);
            CHECK_FALSE(r.sums);
            check_every_tensor(*r.trace);
            CHECK(r.trace->tensor("output").data == plain.output.data);
            CHECK(r.trace->tensor("logsumexp").data == plain.logsumexp.data);
        }
    }
}

TEST_CASE("entropy opens into the weights, and those into the logits") {
    for (const char* unit : {"nats", "bits"}) {
        EntropyOptions o;
        o.unit = unit;
        o.trace = true;
        o.logits = normal({2, 3, 5}, 1, 3);
        o.logits->data[4] = -kInfinity;
        const EntropyResult r = traced<&attention_entropy>(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("entropy").data == r.entropy.data);
        o.weights = Array<double>({2, 2}, {1, 0, 0.5, 0.5});
        o.logits.reset();
        check_every_tensor(*traced<&attention_entropy>(o).trace);
    }
}

TEST_CASE("multi-head attention opens, stacked or separate projections, appended keys and padding included") {
    for (int form : {0, 1, 2}) {
        MultiHeadOptions<double> o;
        o.query = normal({3, 4}, 1);
        o.key = normal({5, form == 1 ? Size(6) : Size(4)}, 2);
        o.value = normal({5, form == 1 ? Size(2) : Size(4)}, 3);
        o.heads = 2;
        if (form == 1) {
            o.q_weight = normal({4, 4}, 4);
            o.k_weight = normal({4, 6}, 5);
            o.v_weight = normal({4, 2}, 6);
        } else {
            o.in_proj_weight = normal({12, 4}, 4);
            o.in_proj_bias = normal({12}, 5);
        }
        o.out_weight = normal({4, 4}, 7);
        if (form != 1) o.out_bias = normal({4}, 8);
        if (form == 2) {
            o.bias_k = normal({1, 1, 4}, 9);
            o.bias_v = normal({1, 1, 4}, 10);
        }
        o.add_zero_attention = form != 0;
        o.causal = form == 2;
        o.key_valid = {1, 1, 0, 1, 1};
        o.trace = true;
        const MultiHeadResult<double> r = traced<&multi_head_attention<double>>(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("output").data == r.output.data);
        CHECK(r.trace->tensor("weights").data == r.weights_per_head.data);
        CHECK(r.trace->tensor("weightsMean").data == r.weights_mean.data);
    }
}

TEST_CASE("linear attention opens into its running sums, for every feature map") {
    for (const char* map : {"elu+1", "relu", "exp", "identity", "squared_relu"}) {
        for (bool causal : {false, true}) {
            CAPTURE(map);
            LinearAttentionOptions o{normal({2, 4, 3}, 11), normal({2, 4, 3}, 12), normal({2, 4, 5}, 13), map, causal, true};
            const LinearAttentionResult r = linear_attention(o);
            check_every_tensor(*r.trace);
            CHECK(r.trace->tensor("output").data == r.output.data);
            CHECK(r.trace->tensor("weights").data == r.weights.data);
            const Array<double> last = r.trace->tensor("states", {1, causal ? Size(3) : Size(0)});
            CHECK(distance(last.data, std::vector<double>(r.state.data.end() - 15, r.state.data.end())) < 1e-14);
        }
    }
}
