// Mixture-of-experts against the results of Hugging Face Transformers and PyTorch.

#include "clearformer/moe/capacity.hpp"
#include "clearformer/moe/clamped_experts.hpp"
#include "clearformer/moe/deepseek_gate.hpp"
#include "clearformer/moe/expert_choice.hpp"
#include "clearformer/moe/layer.hpp"
#include "clearformer/moe/losses.hpp"
#include "clearformer/moe/router.hpp"
#include "clearformer/moe/soft_moe.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

/// A nested list of numbers, flattened.
std::vector<double> flat(const Json& list) {
    if (!list.is_array()) return {number_of(list)};
    std::vector<double> numbers;
    for (const Json& part : list) {
        const std::vector<double> inner = flat(part);
        numbers.insert(numbers.end(), inner.begin(), inner.end());
    }
    return numbers;
}

/// A list of the case, entry for entry.
template <class Numbers>
void check_list(const Numbers& actual, const char* name, const Json& c) {
    if (!c["expected"].contains(name)) return;
    CAPTURE(name);
    CHECK(std::vector<double>(actual.begin(), actual.end()) == flat(c["expected"][name]));
}

Array<double> input(const Json& c, const char* name) { return tensor_of(c["inputs"].at(name)); }

std::optional<Array<double>> input_if_given(const Json& c, const char* name) {
    if (!c["inputs"].contains(name)) return {};
    return input(c, name);
}

}  // namespace

TEST_CASE("the top-k router conforms") {
    for_each_case("moe", "topk_router", [](const Json& c) {
        TopKRouterOptions o;
        o.x = input(c, "x");
        o.router_weight = input(c, "Wg");
        o.router_bias = input_if_given(c, "b");
        o.k = c["params"]["k"];
        o.norm = c["params"]["norm"];
        const auto r = top_k_router(o);
        check_tensor(r.logits, "logits", c);
        check_tensor(r.probabilities, "probs", c);
        check_list(r.indices.data, "indices", c);
        check_tensor(r.weights, "weights", c);
        check_tensor(r.sum_weights, "sum_weights", c);
        check_list(r.load, "load", c);
    });
}

TEST_CASE("the top-k router splits ties as the reference does") {
    for_each_case("moe", "topk_router_ties", [](const Json& c) {
        TopKRouterOptions o;
        o.logits = input(c, "logits");
        o.k = c["params"]["k"];
        check_tensor(top_k_router(o).weights, "weights_sorted", c);
    });
}

TEST_CASE("noisy top-k gating conforms") {
    for_each_case("moe", "noisy_topk", [](const Json& c) {
        NoisyTopKOptions o;
        o.x = input(c, "x");
        o.router_weight = input(c, "Wg");
        o.noise_weight = input(c, "Wnoise");
        o.noise = input(c, "noise");
        o.k = c["params"]["k"];
        const auto r = noisy_top_k(o);
        check_tensor(r.noisy, "H", c);
        check_tensor(r.gates, "gates", c);
    });
}

TEST_CASE("mixture-of-experts layers conform, with and without a shared expert") {
    for (const char* op : {"moe_layer", "moe_layer_shared"}) {
        for_each_case("moe", op, [](const Json& c) {
            MoeLayerOptions o;
            o.x = input(c, "x");
            o.router_weight = input(c, "Wg");
            o.expert_gate = input(c, "W_gate");
            o.expert_up = input(c, "W_up");
            o.expert_down = input(c, "W_down");
            o.k = c["params"]["k"];
            o.norm = c["params"]["norm"];
            o.shared_gate = input_if_given(c, "shared_gate_proj");
            o.shared_up = input_if_given(c, "shared_up");
            o.shared_down = input_if_given(c, "shared_down");
            o.shared_score = input_if_given(c, "shared_expert_gate");
            check_tensor(moe_layer(o).y, "y", c);
        });
    }
}

TEST_CASE("experts with a clamped SwiGLU conform") {
    for_each_case("moe", "gptoss_experts", [](const Json& c) {
        ClampedExpertsOptions o;
        o.x = input(c, "x");
        o.router_weight = input(c, "Wg");
        o.gate_up = input(c, "gate_up");
        o.gate_up_bias = input(c, "gate_up_bias");
        o.down = input(c, "down");
        o.down_bias = input(c, "down_bias");
        o.k = c["params"]["k"];
        o.alpha = c["params"]["alpha"];
        o.limit = c["params"]["limit"];
        check_tensor(clamped_experts(o).y, "y", c);
    });
}

TEST_CASE("top-1 routing with a capacity conforms, and its capacity is the case's") {
    for_each_case("moe", "switch_capacity", [](const Json& c) {
        SwitchRouterOptions o;
        o.x = input(c, "x");
        o.router_weight = input(c, "Wg");
        o.capacity_factor = c["params"]["capacity_factor"];
        const auto r = switch_router(o);
        CHECK(r.capacity == c["params"]["capacity"]);
        check_list(r.expert, "expert", c);
        check_tensor(r.gate, "gate", c);
        check_list(r.kept, "kept", c);
        check_list(r.dropped, "dropped_tokens", c);
        check_list(r.load, "load_before_drop", c);
    });
}

TEST_CASE("top-k routing with a capacity conforms") {
    for_each_case("moe", "topk_capacity", [](const Json& c) {
        CapacityRouterOptions o;
        o.x = input(c, "x");
        o.router_weight = input(c, "Wg");
        o.k = c["params"]["k"];
        o.capacity = c["params"]["capacity"];
        o.priority = c["params"]["priority"];
        const auto r = capacity_router(o);
        check_list(r.experts.data, "experts", c);
        check_list(r.kept.data, "kept", c);
        check_list(r.slot.data, "slot", c);
    });
}

TEST_CASE("the Switch loss conforms") {
    for_each_case("moe", "switch_aux_loss", [](const Json& c) {
        const auto r = switch_balance_loss({input(c, "router_logits"), false});
        check_numbers({r.loss}, {c["expected"]["loss"]}, c);
        check_tensor(r.fractions, "f", c);
        check_tensor(r.probabilities, "P", c);
    });
}

TEST_CASE("the gradient of the Switch loss conforms") {
    for_each_case("moe", "switch_aux_loss_grad", [](const Json& c) {
        check_tensor(switch_balance_loss({input(c, "router_logits"), false}).gradient, "dlogits", c);
    });
}

TEST_CASE("the Mixtral loss conforms, with and without padding") {
    for_each_case("moe", "mixtral_aux_loss", [](const Json& c) {
        TopKBalanceLossOptions o;
        o.logits = input(c, "router_logits");
        o.k = c["params"]["k"];
        if (c["params"].contains("attention_mask")) o.attention_mask = c["params"]["attention_mask"].get<std::vector<int>>();
        check_numbers({top_k_balance_loss(o).loss}, {c["expected"]["loss"]}, c);
    });
}

TEST_CASE("the z loss conforms") {
    for_each_case("moe", "router_z_loss", [](const Json& c) {
        check_numbers({router_z_loss({input(c, "router_logits")}).loss}, {c["expected"]["loss"]}, c);
    });
}

TEST_CASE("the importance loss conforms") {
    for_each_case("moe", "importance_loss", [](const Json& c) {
        const auto r = importance_loss({input(c, "router_probs")});
        check_tensor(r.importance, "importance", c);
        check_numbers({r.cv_squared}, {c["expected"]["cv2"]}, c);
        check_numbers({r.cv_squared_unbiased}, {c["expected"]["cv2_unbiased"]}, c);
    });
}

TEST_CASE("the bias update conforms") {
    for_each_case("moe", "bias_update", [](const Json& c) {
        check_tensor(bias_update({input(c, "bias"), input(c, "load"), c["params"]["gamma"]}).bias, "bias", c);
    });
}

TEST_CASE("expert choice conforms") {
    for_each_case("moe", "expert_choice", [](const Json& c) {
        ExpertChoiceOptions o;
        o.x = input(c, "x");
        o.router_weight = input(c, "Wg");
        o.capacity = c["params"]["capacity"];
        const auto r = expert_choice(o);
        check_tensor(r.probabilities, "probs", c);
        check_list(r.tokens.data, "tokens_per_expert", c);
        check_tensor(r.gates, "gates", c);
        check_list(r.experts_per_token, "experts_per_token", c);
    });
}

TEST_CASE("soft mixtures conform") {
    for_each_case("moe", "soft_moe", [](const Json& c) {
        SoftMoeOptions o;
        o.x = input(c, "x");
        o.phi = input(c, "Phi");
        const auto r = soft_moe(o);
        check_tensor(r.dispatch, "dispatch", c);
        check_tensor(r.combine, "combine", c);
        check_tensor(r.slot_inputs, "slot_inputs", c);
        check_tensor(r.y, "y_identity_experts", c);
    });
}

TEST_CASE("the gate of DeepSeek-V3 conforms, and knows where a mask of zeros would choose otherwise") {
    for_each_case("moe", "deepseek_v3_gate", [](const Json& c) {
        DeepseekV3GateOptions o;
        o.logits = input(c, "router_logits");
        o.bias = input(c, "bias");
        o.groups = c["params"]["n_group"];
        o.open_groups = c["params"]["topk_group"];
        o.k = c["params"]["k"];
        o.renormalise = c["params"]["norm_topk_prob"];
        o.routed_scale = c["params"]["routed_scaling_factor"];
        const auto r = deepseek_v3_gate(o);
        check_list(r.indices.data, "indices", c);
        check_tensor(r.weights, "weights", c);
        check_list(r.groups.data, "groups", c);
        check_tensor(r.group_scores, "group_scores", c);
        check_list(r.rows_where_zero_mask_differs, "rows_where_hf_zero_mask_differs", c);
    });
}

TEST_CASE("the gate of DeepSeek-V2 conforms") {
    for_each_case("moe", "deepseek_v2_gate", [](const Json& c) {
        DeepseekV2GateOptions o;
        o.logits = input(c, "router_logits");
        o.groups = c["params"]["n_group"];
        o.open_groups = c["params"]["topk_group"];
        o.k = c["params"]["k"];
        o.routed_scale = c["params"]["routed_scaling_factor"];
        const auto r = deepseek_v2_gate(o);
        check_list(r.indices.data, "indices", c);
        check_tensor(r.weights, "weights", c);
    });
}
