#include <doctest/doctest.h>

#include "clearformer/attention/attention.hpp"
#include "clearformer/attention/multi_head.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

template <class T>
void take(const Json& from, const char* name, T& value) {
    if (from.contains(name) && !from[name].is_null()) value = from[name].get<T>();
}
template <class T>
void take(const Json& from, const char* name, std::optional<T>& value) {
    if (from.contains(name) && !from[name].is_null()) value = from[name].get<T>();
}
void take_tensor(const Json& from, const char* name, std::optional<Array<double>>& value) {
    if (from.contains(name)) value = tensor_of(from[name]);
}

AttentionOptions<double> options_of(const Json& test_case) {
    const Json &params = test_case["params"], &inputs = test_case["inputs"];
    AttentionOptions<double> o;
    o.q = tensor_of(inputs["q"]);
    o.k = tensor_of(inputs["k"]);
    o.v = tensor_of(inputs["v"]);
    take(params, "scale", o.scale);
    take(params, "softcap", o.softcap);
    take(params, "alibi_slopes", o.alibi_slopes);
    take(params, "mask", o.mask.mask);
    take(params, "valid", o.mask.valid);
    take(params, "window", o.mask.window);
    take(params, "half_window", o.mask.half_window);
    take(params, "chunk", o.mask.chunk);
    take(params, "prefix", o.mask.prefix);
    take(params, "doc_ids", o.mask.documents);
    take(params, "q_offset", o.mask.query_offset);
    take_tensor(inputs, "bias", o.bias);
    take_tensor(inputs, "sinks", o.sinks);
    if (!params.contains("mask")) take_tensor(inputs, "allow", o.allow);
    return o;
}

}  // namespace

TEST_CASE("attention equals the reference cases, with the mask built from its name") {
    for (const char* op : {"attention", "attention_batched"}) {
        for_each_case("attention", op, [](const Json& test_case) {
            const AttentionResult<double> r = attention(options_of(test_case));
            check_tensor(r.logits, "logits", test_case);
            check_tensor(r.weights, "weights", test_case);
            check_tensor(r.output, "output", test_case);
        });
    }
}

TEST_CASE("a mask built from its name is the one the case gives") {
    for_each_case("attention", "attention", [](const Json& test_case) {
        if (!test_case["params"].contains("mask")) return;
        AttentionOptions<double> o = options_of(test_case);
        o.mask.queries = static_cast<int>(o.q.shape[1]);
        o.mask.keys = static_cast<int>(o.k.shape[1]);
        CHECK(attention_mask(o.mask).allow.data == tensor_of(test_case["inputs"]["allow"]).data);
    });
}

TEST_CASE("fully masked rows equal the reference under each policy") {
    for_each_case("attention", "attention_masked_row", [](const Json& test_case) {
        AttentionOptions<double> o = options_of(test_case);
        o.masked_row = test_case["params"]["policy"].get<std::string>();
        const AttentionResult<double> r = attention(o);
        check_tensor(r.weights, "weights", test_case);
        check_tensor(r.output, "output", test_case);
    });
}

TEST_CASE("online softmax equals the reference, step by step") {
    for_each_case("attention", "online_softmax", [](const Json& test_case) {
        OnlineSoftmaxOptions<double> o;
        o.q = tensor_of(test_case["inputs"]["q"]);
        o.k = tensor_of(test_case["inputs"]["k"]);
        o.v = tensor_of(test_case["inputs"]["v"]);
        take(test_case["params"], "block", o.block);
        take(test_case["params"], "scale", o.scale);
        const OnlineSoftmaxResult<double> r = online_softmax(o);
        check_tensor(r.output, "output", test_case);
        const Json& steps = test_case["expected"]["steps"];
        for (Size n = 0; n < steps.size(); ++n) {
            check_numbers({r.maxima.data[n]}, {steps[n]["m"].get<double>()}, test_case);
            check_numbers({r.sums.data[n]}, {steps[n]["l"].get<double>()}, test_case);
            const double* row = r.accumulators.row(n);
            check_numbers(std::vector<double>(row, row + r.accumulators.width()), numbers_of(steps[n]["acc_unnormalised"]),
                          test_case);
        }
    });
}

TEST_CASE("row entropies equal the reference") {
    for_each_case("attention", "row_entropy", [](const Json& test_case) {
        EntropyOptions o;
        o.logits = tensor_of(test_case["inputs"]["weights_logits"]);
        take(test_case["params"], "unit", o.unit);
        const EntropyResult r = attention_entropy(o);
        check_tensor(r.entropy, "entropy", test_case);
        check_tensor(r.effective_keys, "effective_keys", test_case);
        check_tensor(r.max, "max", test_case);
    });
}

TEST_CASE("multi-head attention equals torch.nn.MultiheadAttention") {
    for_each_case("attention", "torch_multihead_attention", [](const Json& test_case) {
        const Json &params = test_case["params"], &inputs = test_case["inputs"];
        MultiHeadOptions<double> o;
        o.query = tensor_of(inputs["query"]);
        o.key = tensor_of(inputs["key"]);
        o.value = tensor_of(inputs["value"]);
        o.out_weight = tensor_of(inputs["out_proj_weight"]);
        take(params, "num_heads", o.heads);
        take(params, "causal", o.causal);
        take(params, "add_zero_attn", o.add_zero_attention);
        take(params, "key_valid", o.key_valid);
        take_tensor(inputs, "in_proj_weight", o.in_proj_weight);
        take_tensor(inputs, "in_proj_bias", o.in_proj_bias);
        take_tensor(inputs, "q_proj_weight", o.q_weight);
        take_tensor(inputs, "k_proj_weight", o.k_weight);
        take_tensor(inputs, "v_proj_weight", o.v_weight);
        take_tensor(inputs, "out_proj_bias", o.out_bias);
        take_tensor(inputs, "bias_k", o.bias_k);
        take_tensor(inputs, "bias_v", o.bias_v);
        const MultiHeadResult<double> r = multi_head_attention(o);
        check_tensor(r.output, "output", test_case);
        check_tensor(r.weights_per_head, "weights_per_head", test_case);
        check_tensor(r.weights_mean, "weights_mean", test_case);
    });
}

TEST_CASE("multi-head attention refuses heads that do not divide the width, and half-given projections") {
    MultiHeadOptions<double> o;
    o.query = o.key = o.value = Array<double>({3, 8}, 0.5);
    o.out_weight = Array<double>({8, 8}, 0.1);
    o.in_proj_weight = Array<double>({24, 8}, 0.1);
    o.heads = 3;
    CHECK_THROWS_WITH_AS(multi_head_attention(o),
                         "multi_head_attention: heads must divide the model width, got 3 heads and width 8", DomainError);
    o.heads = 2;
    CHECK_NOTHROW(multi_head_attention(o));
    o.in_proj_weight.reset();
    CHECK_THROWS_AS(multi_head_attention(o), KindError);
}
