// Losses, gradients, optimizers and schedules against PyTorch, Hugging Face Transformers and closed forms.

#include "clearformer/attention/attention_backward.hpp"
#include "clearformer/ops/activation_backward.hpp"
#include "clearformer/ops/norm_backward.hpp"
#include "clearformer/position/rope_backward.hpp"
#include "clearformer/train/clip.hpp"
#include "clearformer/train/losses.hpp"
#include "clearformer/train/optimizers.hpp"
#include "clearformer/train/preference.hpp"
#include "clearformer/train/schedules.hpp"
#include "clearformer/train/tiny_gpt.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

Array<double> input(const Json& c, const std::string& name) { return tensor_of(c["inputs"][name]); }

Array<double> with_head(Array<double> x) {
    x.shape.insert(x.shape.begin(), 1);
    return x;
}

Array<double> without_head(Array<double> x) {
    x.shape.erase(x.shape.begin());
    return x;
}

void check_number(double actual, const std::string& name, const Json& c) {
    CAPTURE(name);
    check_numbers({actual}, {number_of(c["expected"][name])}, c);
}

template <class Options>
Options schedule(const Json& c) {
    Options o;
    o.steps = c["params"]["steps"].get<std::vector<int>>();
    o.warmup = c["params"]["warmup"];
    return o;
}

}  // namespace

TEST_CASE("cross entropy conforms") {
    for_each_case("blocks", "cross_entropy", [](const Json& c) {
        CrossEntropyOptions o;
        o.logits = input(c, "logits");
        o.targets = c["params"]["targets"].get<std::vector<int>>();
        o.label_smoothing = c["params"].value("label_smoothing", 0.0);
        o.ignore_index = c["params"].value("ignore_index", -100);
        const auto r = cross_entropy(o);
        check_number(r.loss, "loss", c);
        check_tensor(r.d_logits, "dlogits", c);
        check_tensor(r.probabilities, "probs", c);
    });
}

TEST_CASE("distillation conforms") {
    for_each_case("blocks", "distillation", [](const Json& c) {
        DistillationOptions o;
        o.student = input(c, "student");
        o.teacher = input(c, "teacher");
        o.temperature = c["params"]["T"];
        check_number(distillation(o).loss, "loss", c);
    });
}

TEST_CASE("preferences and rewards conform") {
    for_each_case("blocks", "dpo", [](const Json& c) {
        DpoOptions o;
        o.policy_chosen = input(c, "policy_chosen");
        o.policy_rejected = input(c, "policy_rejected");
        o.reference_chosen = input(c, "ref_chosen");
        o.reference_rejected = input(c, "ref_rejected");
        o.beta = c["params"]["beta"];
        const auto r = dpo(o);
        check_tensor(r.margin, "margin", c);
        check_tensor(r.losses, "losses", c);
    });
    for_each_case("blocks", "grpo", [](const Json& c) {
        GrpoOptions o;
        o.rewards = input(c, "rewards");
        o.eps = c["params"]["eps"];
        const std::string deviation = c["params"]["std"];
        o.deviation = deviation.find("n-1") != std::string::npos ? "sample" : "population";
        check_tensor(grpo_advantages(o).advantages, "adv", c);
    });
    for_each_case("blocks", "ppo", [](const Json& c) {
        PpoOptions o;
        o.ratio = input(c, "ratio");
        o.advantages = input(c, "adv");
        o.clip = c["params"]["clip"];
        check_tensor(ppo_objective(o).objective, "obj", c);
    });
}

TEST_CASE("gradients conform") {
    for_each_case("blocks", "grad", [](const Json& c) {
        const std::string name = c["params"]["fn"];
        if (name == "layernorm") {
            LayerNormBackwardOptions o;
            o.x = input(c, "x");
            o.gamma = input(c, "gamma");
            o.beta = input(c, "beta");
            o.dy = input(c, "dy");
            const auto r = layer_norm_backward(o);
            check_tensor(r.y, "y", c);
            check_tensor(r.dx, "dx", c);
            check_tensor(r.d_gamma, "dgamma", c);
            check_tensor(r.d_beta, "dbeta", c);
        } else if (name == "attention_causal") {
            AttentionBackwardOptions o;
            o.forward.q = with_head(input(c, "q"));
            o.forward.k = with_head(input(c, "k"));
            o.forward.v = with_head(input(c, "v"));
            o.forward.mask.mask = "causal";
            o.dy = with_head(input(c, "dy"));
            const auto r = attention_backward(o);
            check_tensor(without_head(r.output), "y", c);
            check_tensor(without_head(r.dq), "dq", c);
            check_tensor(without_head(r.dk), "dk", c);
            check_tensor(without_head(r.dv), "dv", c);
        } else if (name == "rope_half_split_d4") {
            RopeBackwardOptions o;
            o.forward.x = input(c, "x");
            o.forward.positions = {0, 1, 2};
            o.dy = input(c, "dy");
            const auto r = rope_backward(o);
            check_tensor(r.y, "y", c);
            check_tensor(r.dx, "dx", c);
        } else {
            ActivationBackwardOptions o;
            o.x = input(c, "x");
            o.dy = input(c, "dy");
            o.name = name;
            const auto r = activation_backward(o);
            check_tensor(r.y, "y", c);
            check_tensor(r.dx, "dx", c);
        }
    });
}

TEST_CASE("the tiny GPT conforms, every gradient included") {
    for_each_case("blocks", "tiny_gpt", [](const Json& c) {
        TinyGptOptions o;
        for (const auto& [name, tensor] : c["inputs"].items()) o.parameters.push_back({name, tensor_of(tensor)});
        o.tokens = c["params"]["tokens"].get<std::vector<int>>();
        o.targets = c["params"]["targets"].get<std::vector<int>>();
        o.heads = c["params"]["n_head"];
        o.activation = c["params"]["act"];
        o.eps = c["params"]["eps"];
        const auto r = tiny_gpt(o);
        check_tensor(r.logits, "logits", c);
        check_number(*r.loss, "loss", c);
        CHECK(r.gradients.size() == c["inputs"].size());
        for (const NamedTensor& gradient : r.gradients) {
            REQUIRE(c["expected"].contains("grad_" + gradient.name));
            check_tensor(gradient.tensor, "grad_" + gradient.name, c);
        }
        const Size count = r.weights.size() / r.weights.shape[0];
        for (Size l = 0; l < r.weights.shape[0]; ++l) {
            const auto first = r.weights.data.begin() + static_cast<std::ptrdiff_t>(l * count);
            const Shape shape(r.weights.shape.begin() + 1, r.weights.shape.end());
            check_tensor(Array<double>(shape, {first, first + static_cast<std::ptrdiff_t>(count)}),
                         "attn_layer" + std::to_string(l), c);
        }
    });
}

TEST_CASE("optimizers conform") {
    for_each_case("blocks", "optimizer", [](const Json& c) {
        const Json& params = c["params"];
        const std::string name = params["name"];
        OptimizerPathOptions o;
        o.rule.name = name.substr(0, name.find('_'));
        o.rule.learning_rate = params["lr"];
        o.rule.momentum = params.value("momentum", 0.0);
        o.rule.nesterov = params.value("nesterov", false);
        o.rule.eps = params.value("eps", 1e-8);
        o.rule.alpha = params.value("alpha", 0.99);
        if (params.contains("betas")) o.rule.betas = params["betas"].get<std::vector<double>>();
        if (params.contains("weight_decay")) o.rule.weight_decay = params["weight_decay"].get<double>();
        o.weights = input(c, "w0");
        for (int i = 0; c["inputs"].contains("grad" + std::to_string(i)); ++i)
            o.gradients.push_back({"w" + std::to_string(i + 1), input(c, "grad" + std::to_string(i))});
        for (const NamedTensor& weights : optimizer_path(o).path) check_tensor(weights.tensor, weights.name, c);
    });
}

TEST_CASE("clipping conforms") {
    for_each_case("blocks", "clip_grad_norm", [](const Json& c) {
        ClipOptions o;
        for (const auto& [name, tensor] : c["inputs"].items()) o.gradients.push_back({name, tensor_of(tensor)});
        o.max_norm = c["params"]["max_norm"];
        o.eps = c["params"]["eps"];
        const auto r = clip_gradient_norm(o);
        check_number(r.total_norm, "total_norm", c);
        for (const NamedTensor& gradient : r.gradients) check_tensor(gradient.tensor, gradient.name, c);
    });
}

TEST_CASE("schedules conform") {
    for_each_case("blocks", "schedule_cosine", [](const Json& c) {
        auto o = schedule<CosineScheduleOptions>(c);
        o.total = c["params"]["total"];
        o.cycles = c["params"]["cycles"];
        check_tensor(cosine_schedule(o).factor, "factor", c);
    });
    for_each_case("blocks", "schedule_linear", [](const Json& c) {
        auto o = schedule<LinearScheduleOptions>(c);
        o.total = c["params"]["total"];
        check_tensor(linear_schedule(o).factor, "factor", c);
    });
    for_each_case("blocks", "schedule_inverse_sqrt", [](const Json& c) {
        auto o = schedule<InverseSqrtScheduleOptions>(c);
        o.timescale = c["params"]["timescale"].get<int>();
        check_tensor(inverse_sqrt_schedule(o).factor, "factor", c);
    });
    for_each_case("blocks", "schedule_noam", [](const Json& c) {
        auto o = schedule<NoamScheduleOptions>(c);
        o.d_model = c["params"]["d_model"];
        check_tensor(noam_schedule(o).learning_rate, "lr", c);
    });
    for_each_case("blocks", "schedule_cosine_min", [](const Json& c) {
        auto o = schedule<CosineMinimumScheduleOptions>(c);
        o.total = c["params"]["total"];
        o.highest = c["params"]["max_lr"];
        o.lowest = c["params"]["min_lr"];
        check_tensor(cosine_minimum_schedule(o).learning_rate, "lr", c);
    });
    for_each_case("blocks", "schedule_wsd", [](const Json& c) {
        auto o = schedule<WsdScheduleOptions>(c);
        o.total = c["params"]["total"];
        o.stable_until = c["params"]["stable_until"];
        check_tensor(wsd_schedule(o).factor, "factor", c);
    });
}
