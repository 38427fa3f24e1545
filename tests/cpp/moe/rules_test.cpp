// Every number of the traces, opened: its steps are evaluated once more from nothing but the operands, and must give the
// kernel's value.

#include "clearformer/moe/rules.hpp"

#include "clearformer/moe/deepseek_gate.hpp"
#include "clearformer/moe/layer.hpp"
#include "clearformer/moe/losses.hpp"
#include "clearformer/moe/router.hpp"
#include "clearformer/moe/soft_moe.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

const char* const kNorms[] = {"softmax_after_topk", "softmax_before_topk", "softmax_before_topk_renormalised", "sigmoid"};

/// Opens every computed tensor and returns the names of all, joined.
std::string open_all(const std::optional<Trace>& trace) {
    REQUIRE(trace.has_value());
    std::string names;
    for (const Node& node : trace->nodes()) {
        names += (names.empty() ? "" : " ") + std::string(node.label.name);
        Index first;
        first.resize(node.shape.size());
        if (!trace->explain(node.label.name, first).is_input) check_every_entry(*trace, node.label.name);
    }
    return names;
}

}  // namespace

TEST_CASE("the top-k router opens, from the token to the weights, by every norm") {
    for (const char* norm : kNorms) {
        for (double temperature : {1.0, 0.7}) {
            CAPTURE(norm);
            TopKRouterOptions o;
            o.x = normal({5, 6}, 1);
            o.router_weight = normal({4, 6}, 2);
            o.router_bias = normal({4}, 3);
            o.k = 2;
            o.norm = norm;
            o.temperature = temperature;
            o.trace = true;
            const auto r = top_k_router(o);
            const std::string names = open_all(r.trace);
            CHECK(names.rfind("x routerWeight routerBias logits ", 0) == 0);
            CHECK(distance(r.trace->tensor("weights").data, r.weights.data) == 0);
            CHECK((names.find("tempered") != std::string::npos) == (temperature != 1));
        }
    }
}

TEST_CASE("a router whose logits are given opens down to them") {
    TopKRouterOptions o;
    o.logits = normal({3, 4}, 1);
    o.k = 3;
    o.trace = true;
    CHECK(open_all(top_k_router(o).trace) ==
          "logits rowMax exponentials rowSum probabilities indices load chosenLogits chosenMax chosenExponentials chosenSum "
          "weights "
          "sumWeights");
}

TEST_CASE("a layer opens from its output to its inputs, shared expert included") {
    for (const char* norm : kNorms) {
        for (int shared : {0, 1, 2}) {
            CAPTURE(norm);
            CAPTURE(shared);
            MoeLayerOptions o;
            o.x = normal({3, 4}, 1);
            o.router_weight = normal({5, 4}, 2);
            o.expert_gate = normal({5, 3, 4}, 3);
            o.expert_up = normal({5, 3, 4}, 4);
            o.expert_down = normal({5, 4, 3}, 5);
            o.k = 2;
            o.norm = norm;
            o.routed_scale = shared == 1 ? 1 : 2.5;
            o.activation = shared == 1 ? "silu" : "gelu_tanh";
            o.trace = true;
            if (shared > 0) {
                o.shared_gate = normal({2, 4}, 6);
                o.shared_up = normal({2, 4}, 7);
                o.shared_down = normal({4, 2}, 8);
            }
            if (shared > 1) o.shared_score = normal({1, 4}, 9);
            const auto r = moe_layer(o);
            const std::string names = open_all(r.trace);
            CHECK(names.substr(names.size() - 2) == " y");
            CHECK(distance(r.trace->tensor("y").data, r.y.data) == 0);
            o.trace = false;
            CHECK_FALSE(moe_layer(o).trace.has_value());
            CHECK(moe_layer(o).y.data == r.y.data);
        }
    }
}

TEST_CASE("a soft mixture opens, with and without experts") {
    for (bool experts : {false, true}) {
        SoftMoeOptions o;
        o.x = normal({5, 4}, 1);
        o.phi = normal({4, 6}, 2);
        o.trace = true;
        if (experts) {
            o.expert_gate = normal({3, 2, 4}, 3);
            o.expert_up = normal({3, 2, 4}, 4);
            o.expert_down = normal({3, 4, 2}, 5);
        }
        const auto r = soft_moe(o);
        open_all(r.trace);
        CHECK(distance(r.trace->tensor("y").data, r.y.data) == 0);
        CHECK(r.trace->value("dispatch", {1, 3}) == r.dispatch.row(3)[1]);
    }
}

TEST_CASE("DeepSeek-V3's gate opens") {
    for (bool renormalise : {true, false}) {
        for (int groups : {2, 8}) {
            DeepseekV3GateOptions o;
            o.logits = normal({4, 8}, 1);
            o.bias = normal({8}, 2, 0.2);
            o.groups = groups;
            o.open_groups = groups / 2;
            o.k = 3;
            o.renormalise = renormalise;
            o.routed_scale = 2.5;
            o.trace = true;
            const auto r = deepseek_v3_gate(o);
            open_all(r.trace);
            CHECK(distance(r.trace->tensor("weights").data, r.weights.data) == 0);
        }
    }
}

TEST_CASE("the Switch loss opens into shares and mean probabilities, ties included") {
    SwitchBalanceLossOptions o;
    o.logits = normal({6, 4}, 1);
    for (Size e = 0; e < 4; ++e) o.logits.row(2)[e] = 1;
    o.trace = true;
    const auto r = switch_balance_loss(o);
    open_all(r.trace);
    CHECK(r.trace->value("loss", {0}) == r.loss);
    CHECK(r.trace->value("chosen", {2, 0}) == 1);
}
