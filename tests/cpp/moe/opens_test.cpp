// Traces of routers, layers and losses: every tensor that was not given opens.

#include "clearformer/moe/capacity.hpp"
#include "clearformer/moe/clamped_experts.hpp"
#include "clearformer/moe/deepseek_gate.hpp"
#include "clearformer/moe/expert_choice.hpp"
#include "clearformer/moe/losses.hpp"
#include "clearformer/moe/router.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("places open, given, rounded down and rounded up, with logits and with weights") {
    SwitchRouterOptions o;
    o.x = normal({5, 3}, 1);
    o.router_weight = normal({4, 3}, 2);
    o.router_bias = normal({4}, 3);
    o.trace = true;
    for (const char* rounding : {"floor", "ceil"}) {
        o.rounding = rounding;
        const auto r = switch_router(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->value("capacity", {}) == r.capacity);
    }
    o.capacity = 1;
    check_every_tensor(*switch_router(o).trace);
    for (const char* priority : {"choice_major", "token_major", "batch_priority"}) {
        CapacityRouterOptions c;
        c.logits = normal({6, 3}, 4);
        c.priority = priority;
        c.trace = true;
        const auto r = capacity_router(c);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("kept").data == r.kept.data);
    }
}

TEST_CASE("noisy gates, group-limited gates and the choices of experts open") {
    NoisyTopKOptions n;
    n.x = normal({4, 3}, 1);
    n.router_weight = normal({5, 3}, 2);
    n.noise_weight = normal({5, 3}, 3);
    n.noise = normal({4, 5}, 4);
    n.k = 2;
    n.trace = true;
    check_every_tensor(*noisy_top_k(n).trace);
    for (bool renormalise : {false, true}) {
        DeepseekV2GateOptions o;
        o.logits = normal({4, 6}, 5);
        o.groups = 3;
        o.open_groups = 2;
        o.k = 3;
        o.renormalise = renormalise;
        o.routed_scale = 2.5;
        o.trace = true;
        const auto r = deepseek_v2_gate(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->tensor("weights").data == r.weights.data);
    }
    ExpertChoiceOptions e;
    e.logits = normal({5, 3}, 6);
    e.capacity = 2;
    e.trace = true;
    check_every_tensor(*expert_choice(e).trace);
}

TEST_CASE("clamped experts open, clamped and not") {
    ClampedExpertsOptions o;
    o.x = normal({3, 4}, 1);
    o.router_weight = normal({4, 4}, 2);
    o.gate_up = normal({4, 4, 6}, 3);
    o.gate_up_bias = normal({4, 6}, 4);
    o.down = normal({4, 3, 4}, 5);
    o.down_bias = normal({4, 4}, 6);
    o.k = 2;
    o.limit = 0.5;
    o.trace = true;
    const auto r = clamped_experts(o);
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("y").data == r.y.data);
}

TEST_CASE("balance losses and loads open, with padding and with experts that nobody chose") {
    TopKBalanceLossOptions t;
    t.logits = normal({6, 4}, 1);
    t.attention_mask = {1, 0, 1};
    t.trace = true;
    check_every_tensor(*top_k_balance_loss(t).trace);
    SwitchBalanceLossOptions s;
    s.logits = t.logits;
    s.trace = true;
    const auto balance = switch_balance_loss(s);
    check_every_tensor(*balance.trace);
    CHECK(balance.trace->tensor("gradient").data == balance.gradient.data);
    RouterZLossOptions z;
    z.logits = t.logits;
    z.trace = true;
    check_every_tensor(*router_z_loss(z).trace);
    for (Size E : {Size(1), Size(3)}) {
        ImportanceLossOptions i;
        i.probabilities = Array<double>({2, E}, 0.25);
        i.probabilities.data[0] = 1;
        i.trace = true;
        check_every_tensor(*importance_loss(i).trace);
    }
    BiasUpdateOptions b;
    b.bias = normal({3}, 2);
    b.load = Array<double>({3}, {1, 2, 3});
    b.trace = true;
    check_every_tensor(*bias_update(b).trace);
    ExpertLoadOptions l;
    l.indices = Array<double>({3, 2}, {0, 1, 0, 3, 0, 1});
    l.experts = 4;
    l.trace = true;
    const auto load = expert_load(l);
    check_every_tensor(*load.trace);
    CHECK(load.trace->value("unused", {}) == 1);
    l.indices = Array<double>(Shape{0, 2});
    check_every_tensor(*expert_load(l).trace);
}
