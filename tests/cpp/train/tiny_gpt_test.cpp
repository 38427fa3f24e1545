#include "clearformer/train/tiny_gpt.hpp"

#include "clearformer/train/gradient_check.hpp"
#include "train/model.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

/// All entries of all parameters.
GradientCheckOptions check_everything(const TinyGptOptions& model) {
    GradientCheckOptions o;
    o.model = model;
    for (const NamedTensor& one : model.parameters) {
        const int columns = static_cast<int>(one.tensor.width());
        for (int i = 0; i < static_cast<int>(one.tensor.size()); ++i) {
            o.entries.push_back(
                {one.name, one.tensor.rank() == 1 ? std::vector<int>{i} : std::vector<int>{i / columns, i % columns}});
        }
    }
    return o;
}

void erase(TinyGptOptions& o, const std::string& name) {
    std::erase_if(o.parameters, [&](const NamedTensor& one) { return one.name == name; });
}

TinyGptOptions small_model() {
    TinyGptOptions o = tiny_model(small_config());
    o.tokens = {3, 1, 3, 0};
    o.targets = {1, 3, -100, 4};
    return o;
}

}  // namespace

TEST_CASE("every gradient of the tiny GPT equals the central difference, in all its variants") {
    for (int variant = 0; variant < 7; ++variant) {
        CAPTURE(variant);
        TinyGptConfig c = small_config();
        if (variant == 1) c.tied = false;
        if (variant == 2) c.norm_first = false;
        if (variant == 3) {
            c.rms = true;
            c.norm_biases = c.linear_biases = false;
            c.activation = "silu";
        }
        if (variant == 4) {
            c.norm_first = c.final_norm = false;
            c.positions = 0;
            c.activation = "gelu_exact";
        }
        if (variant == 5) c.layers = 0;
        TinyGptOptions o = tiny_model(c);
        o.tokens = {3, 1, 3, 0};
        o.targets = {1, 3, -100, 4};
        if (variant == 6) o.sequences = 2;
        const auto r = gradient_check(check_everything(o));
        CHECK(r.backward.size() > 20);
        CHECK(r.largest_error < 2e-8);
        double most = 0;
        for (double value : r.backward.data) most = std::max(most, std::fabs(value));
        CHECK(most > 0.01);
    }
}

TEST_CASE("no token sees a later one, and attention weights sum to 1") {
    TinyGptOptions o = small_model();
    o.targets.clear();
    const auto before = tiny_gpt(o);
    CHECK_FALSE(before.loss.has_value());
    CHECK(before.gradients.empty());
    CHECK(before.weights.shape == Shape{2, 2, 4, 4});
    for (Size row = 0; row < before.weights.rows(); ++row) {
        double sum = 0;
        for (Size s = 0; s < 4; ++s) sum += before.weights.row(row)[s];
        CHECK(sum == doctest::Approx(1));
        for (Size s = row % 4 + 1; s < 4; ++s) CHECK(before.weights.row(row)[s] == 0);
    }
    o.tokens[3] = 2;
    const auto after = tiny_gpt(o);
    for (Size i = 0; i < 15; ++i) CHECK(after.logits.data[i] == before.logits.data[i]);
    CHECK(after.logits.data[15] != before.logits.data[15]);
}

TEST_CASE("sequences side by side are the same as each by itself, and gradients are their mean") {
    TinyGptOptions both = small_model(), first = small_model(), second = small_model();
    both.sequences = 2;
    both.targets = {1, 3, 2, 4};
    first.tokens = {3, 1};
    first.targets = {1, 3};
    second.tokens = {3, 0};
    second.targets = {2, 4};
    const auto r = tiny_gpt(both), a = tiny_gpt(first), b = tiny_gpt(second);
    CHECK(r.weights.shape == Shape{2, 2, 2, 2, 2});
    std::vector<double> logits = a.logits.data;
    logits.insert(logits.end(), b.logits.data.begin(), b.logits.data.end());
    CHECK(distance(r.logits.data, logits) < 1e-14);
    CHECK(*r.loss == doctest::Approx((*a.loss + *b.loss) / 2));
    for (Size i = 0; i < r.gradients.size(); ++i) {
        std::vector<double> mean = a.gradients[i].tensor.data;
        for (Size j = 0; j < mean.size(); ++j) mean[j] = (mean[j] + b.gradients[i].tensor.data[j]) / 2;
        CHECK(distance(r.gradients[i].tensor.data, mean) < 1e-14);
    }
}

TEST_CASE("a tied table gets what an untied table and head would get together") {
    TinyGptOptions tied = small_model(), untied = small_model();
    untied.parameters.push_back({"lm_head", *find_tensor(tied.parameters, "wte")});
    const auto a = tiny_gpt(tied), b = tiny_gpt(untied);
    std::vector<double> sum = find_tensor(b.gradients, "wte")->data;
    const std::vector<double>& head = find_tensor(b.gradients, "lm_head")->data;
    for (Size i = 0; i < sum.size(); ++i) sum[i] += head[i];
    CHECK(distance(find_tensor(a.gradients, "wte")->data, sum) < 1e-14);
}

TEST_CASE(
    "in single precision, where the kernels are SIMD, loss and gradients are the double ones, in all variants and step by "
    "step") {
    for (int variant = 0; variant < 5; ++variant) {
        CAPTURE(variant);
        TinyGptConfig c;
        c.layers = variant == 4 ? 0 : 2;
        c.heads = 3;
        c.width = variant == 1 ? 12 : 30;
        c.hidden = 50;
        c.vocabulary = 37;
        c.positions = 21;
        if (variant == 1) c.tied = c.norm_first = false;
        if (variant == 2) {
            c.rms = true;
            c.norm_biases = c.linear_biases = false;
            c.activation = "silu";
        }
        if (variant == 3) c.final_norm = false;
        TinyGptOptions o = tiny_model(c);
        for (NamedTensor& one : o.parameters) {
            for (double& value : one.tensor.data) value *= one.tensor.rank() == 1 ? 1 : 0.3;
        }
        TinyGpt<double> exact = tiny_gpt_model("test", o);
        TinyGpt<float> fast(c);
        std::copy(exact.parameters().begin(), exact.parameters().end(), fast.parameters().begin());
        // The second batch is longer, the third as short as the first: nothing of the step before may remain.
        for (Size T : {13, 21, 13}) {
            CAPTURE(T);
            std::vector<int> tokens, targets;
            Random random(T);
            for (Size i = 0; i < 3 * T; ++i) {
                tokens.push_back(static_cast<int>(random.uniform() * 37));
                targets.push_back(i % 5 == 3 ? -100 : static_cast<int>(random.uniform() * 37));
            }
            exact.forward(tokens, 3);
            fast.forward(tokens, 3);
            CHECK(fast.loss(targets) == doctest::Approx(exact.loss(targets)).epsilon(1e-5));
            const std::vector<double>& gradient = exact.backward();
            double most = 0;
            for (double value : gradient) most = std::max(most, std::fabs(value));
            CHECK(most > 0.01);
            CHECK(distance(fast.backward(), gradient) < 2e-5 * std::max(1.0, most));
        }
    }
}

TEST_CASE("only targets that are ignored give a loss and gradients of 0") {
    TinyGptOptions o = small_model();
    o.targets.assign(4, -100);
    const auto r = tiny_gpt(o);
    CHECK(*r.loss == 0);
    for (const NamedTensor& one : r.gradients) {
        for (double value : one.tensor.data) CHECK(value == 0);
    }
}

TEST_CASE("a model that does not fit together is refused in a sentence") {
    const auto refused = [](auto change, const char* words) {
        TinyGptOptions o = small_model();
        change(o);
        CHECK_THROWS_WITH_AS(tiny_gpt(o), words, DomainError);
    };
    refused([](auto& o) { erase(o, "wte"); }, "tiny_gpt: the parameter wte is missing");
    refused([](auto& o) { erase(o, "h1_ln2_b"); }, "tiny_gpt: the parameter h1_ln2_b is missing");
    refused(
        [](auto& o) {
            o.parameters.push_back({"extra", Array<double>({1})});
        },
        "tiny_gpt: the model has no parameter \"extra\"");
    refused([](auto& o) { o.parameters.push_back(o.parameters[0]); },
            "tiny_gpt: parameters must have different names, got \"wte\" twice");
    refused(
        [](auto& o) {
            o.parameters[4].tensor = Array<double>({12, 5});
        },
        "tiny_gpt: h0_attn_w must have the shape [12, 4], got [12, 5]");
    refused([](auto& o) { o.heads = 3; }, "tiny_gpt: heads must divide the width, got width 4 and heads 3");
    refused([](auto& o) { o.tokens[1] = 5; }, "tiny_gpt: tokens must be at least 0 and below 5, got 5 at position 1");
    refused([](auto& o) { o.targets[1] = -1; },
            "tiny_gpt: targets must be at least 0 and below 5, or -100, got -1 at position 1");
    refused([](auto& o) { o.targets.pop_back(); }, "tiny_gpt: targets needs one token for each of the 4 tokens, got 3");
    refused([](auto& o) { o.tokens.push_back(1); }, "tiny_gpt: there are 4 positions, got 5 tokens");
    refused([](auto& o) { o.tokens.clear(); }, "tiny_gpt: there must be at least one token, got none");
    refused([](auto& o) { o.sequences = 3; }, "tiny_gpt: sequences must divide the tokens, got 3 sequences and 4 tokens");
    refused([](auto& o) { o.normalisation = "rms_norm"; }, "tiny_gpt: rms_norm has no biases, got lnf_b");
    refused(
        [](auto& o) {
            o.parameters[0].tensor = normal({5, 4}, 1, 1e200);
        },
        "tiny_gpt: the numbers are too large, entry 0 of logits became nan");
}

TEST_CASE("a gradient check refuses places that are not there") {
    GradientCheckOptions o;
    o.model = small_model();
    o.entries = {{"wte", {4, 4}}};
    CHECK_THROWS_WITH_AS(gradient_check(o), "gradient_check: index [4, 4] lies outside wte, [5, 4]", DomainError);
    o.entries = {{"wte", {4}}};
    CHECK_THROWS_AS(gradient_check(o), DomainError);
    o.entries = {{"wty", {4, 3}}};
    CHECK_THROWS_WITH_AS(gradient_check(o), "gradient_check: the model has no parameter \"wty\"", DomainError);
    o.entries = {{"wte", {4, 3}}};
    o.step = 0;
    CHECK_THROWS_AS(gradient_check(o), DomainError);
}
