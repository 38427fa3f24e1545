// Every number of a loss and of the small GPT, opened: its steps are evaluated once more from nothing but the operands.

#include "clearformer/train/rules.hpp"

#include "clearformer/train/losses.hpp"
#include "trace_support.hpp"
#include "train/model.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("cross entropy opens, from the logits to the mean loss and its gradient") {
    for (double smoothing : {0.0, 0.2}) {
        for (const Shape& shape : {Shape{4, 3}, Shape{2, 2, 3}}) {
            CrossEntropyOptions o;
            o.logits = normal(shape, 1, 2);
            o.targets = {0, -100, 2, 1};
            o.label_smoothing = smoothing;
            o.trace = true;
            const auto r = cross_entropy(o);
            REQUIRE(r.trace.has_value());
            check_every_tensor(*r.trace);
            CHECK(r.trace->value("loss", {}) == r.loss);
        }
    }
    CrossEntropyOptions o;
    o.logits = normal({1, 3}, 1);
    o.targets = {-100};
    CHECK_FALSE(cross_entropy(o).trace.has_value());
    o.trace = true;
    check_every_tensor(*cross_entropy(o).trace);
}

TEST_CASE("the small GPT opens, from the tables to the loss, in all its variants") {
    for (int variant = 0; variant < 4; ++variant) {
        CAPTURE(variant);
        TinyGptConfig c = small_config();
        if (variant == 1) c.norm_first = false;
        if (variant == 2) {
            c.rms = true;
            c.norm_biases = c.linear_biases = c.tied = false;
            c.activation = "gelu_exact";
        }
        if (variant == 3) {
            c.final_norm = false;
            c.positions = 0;
        }
        TinyGptOptions o = tiny_model(c);
        o.tokens = {3, 1, 3};
        o.targets = {1, 3, -100};
        o.trace = true;
        const auto r = tiny_gpt(o);
        REQUIRE(r.trace.has_value());
        check_every_tensor(*r.trace);
        CHECK(distance(r.trace->tensor("logits").data, r.logits.data) == 0);
        CHECK(r.trace->value("loss", {}) == doctest::Approx(*r.loss));
        const Array<double> weights = r.trace->tensor("h1_weights");
        for (Size i = 0; i < weights.size(); ++i)
            CHECK(weights.data[i] == doctest::Approx(r.weights.data[weights.size() + i]));
        CHECK(r.trace->has("h0_ln1") == true);
        CHECK(r.trace->has("wpe") == (variant != 3));
    }
}

TEST_CASE("a trace holds one sequence of a readable length") {
    TinyGptOptions o = tiny_model(small_config());
    o.tokens = {3, 1, 3, 2};
    o.sequences = 2;
    o.trace = true;
    CHECK_THROWS_WITH_AS(tiny_gpt(o), "tiny_gpt: a trace holds one sequence, got 2", DomainError);
}
