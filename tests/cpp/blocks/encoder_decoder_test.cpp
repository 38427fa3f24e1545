#include "clearformer/blocks/encoder_decoder.hpp"

#include "clearformer/ops/norm.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

constexpr Size C = 4, F = 6;

/// The parameters of a layer: attention under each prefix, a feed-forward layer, norms.
std::vector<NamedTensor> layer(const std::string& name, std::vector<std::string> attentions, int norms, std::uint64_t seed) {
    std::vector<NamedTensor> list;
    const auto add = [&](const std::string& own, Shape shape) {
        list.push_back({name + own, normal(std::move(shape), seed * 100 + list.size())});
    };
    for (const std::string& part : attentions) {
        add(part + "in_weight", {3 * C, C});
        add(part + "in_bias", {3 * C});
        add(part + "out_weight", {C, C});
        add(part + "out_bias", {C});
    }
    add("w1", {F, C});
    add("b1", {F});
    add("w2", {C, F});
    add("b2", {C});
    for (int n = 1; n <= norms; ++n) {
        add("gamma" + std::to_string(n), {C});
        add("beta" + std::to_string(n), {C});
    }
    return list;
}

void append(std::vector<NamedTensor>& list, const std::vector<NamedTensor>& more) {
    list.insert(list.end(), more.begin(), more.end());
}

EncoderDecoderOptions model(const char* placement) {
    EncoderDecoderOptions o;
    o.source_tokens = {3, 1, 4, 1, 0};
    o.target_tokens = {2, 0, 5, 2};
    o.heads = 2;
    o.placement = placement;
    o.embedding_scale = 2;
    o.parameters = {{"source_embedding", normal({5, C}, 1)}, {"target_embedding", normal({6, C}, 2)},
                    {"positions", normal({7, C}, 3)},        {"encoder_gamma", normal({C}, 4)},
                    {"encoder_beta", normal({C}, 5)},        {"decoder_gamma", normal({C}, 6)},
                    {"decoder_beta", normal({C}, 7)}};
    for (std::uint64_t n = 0; n < 2; ++n) {
        append(o.parameters, layer("encoder." + std::to_string(n) + ".", {""}, 2, n + 1));
        append(o.parameters, layer("decoder." + std::to_string(n) + ".", {"self_", "cross_"}, 3, n + 3));
    }
    return o;
}

const Array<double>& parameter(const EncoderDecoderOptions& o, const std::string& name) {
    for (const NamedTensor& one : o.parameters) {
        if (one.name == name) return one.tensor;
    }
    FAIL("no parameter ", name);
    return o.parameters[0].tensor;
}

Array<double> rows(const EncoderDecoderOptions& o, const char* table, const std::vector<int>& tokens) {
    Array<double> x({tokens.size(), C});
    for (Size i = 0; i < x.size(); ++i) {
        x.data[i] = 2 * parameter(o, table).row(static_cast<Size>(tokens[i / C]))[i % C] + parameter(o, "positions").data[i];
    }
    return x;
}

Array<double> normed(const EncoderDecoderOptions& o, const Array<double>& x, const std::string& stack) {
    LayerNormOptions<double> norm;
    norm.x = x;
    norm.gamma = parameter(o, stack + "_gamma");
    norm.beta = parameter(o, stack + "_beta");
    return layer_norm(norm).y;
}

}  // namespace

TEST_CASE("an encoder-decoder is its blocks, one after the other") {
    for (const char* placement : {"post", "pre"}) {
        CAPTURE(placement);
        EncoderDecoderOptions o = model(placement);
        o.source_valid = {1, 1, 1, 1, 0};
        const EncoderDecoderResult whole = encoder_decoder(o);
        Array<double> x = rows(o, "source_embedding", o.source_tokens);
        for (Size n = 0; n < 2; ++n) {
            const auto of = [&](const char* name) { return parameter(o, "encoder." + std::to_string(n) + "." + name); };
            EncoderBlockOptions e;
            e.x = x;
            e.heads = 2;
            e.placement = placement;
            e.valid = o.source_valid;
            e.in_weight = of("in_weight");
            e.in_bias = of("in_bias");
            e.out_weight = of("out_weight");
            e.out_bias = of("out_bias");
            e.w1 = of("w1");
            e.b1 = of("b1");
            e.w2 = of("w2");
            e.b2 = of("b2");
            e.gamma1 = of("gamma1");
            e.beta1 = of("beta1");
            e.gamma2 = of("gamma2");
            e.beta2 = of("beta2");
            const EncoderBlockResult block = encoder_block(e);
            const double* weights = whole.encoder_weights.row(n * 2 * 5);
            CHECK(std::vector<double>(weights, weights + 50) == block.weights.data);
            x = block.y;
        }
        const Array<double> memory = normed(o, x, "encoder");
        CHECK(whole.memory.data == memory.data);
        x = rows(o, "target_embedding", o.target_tokens);
        for (Size n = 0; n < 2; ++n) {
            const auto of = [&](const char* name) { return parameter(o, "decoder." + std::to_string(n) + "." + name); };
            DecoderBlockOptions d;
            d.x = x;
            d.memory = memory;
            d.heads = 2;
            d.placement = placement;
            d.memory_valid = o.source_valid;
            d.self_in_weight = of("self_in_weight");
            d.self_in_bias = of("self_in_bias");
            d.self_out_weight = of("self_out_weight");
            d.self_out_bias = of("self_out_bias");
            d.cross_in_weight = of("cross_in_weight");
            d.cross_in_bias = of("cross_in_bias");
            d.cross_out_weight = of("cross_out_weight");
            d.cross_out_bias = of("cross_out_bias");
            d.w1 = of("w1");
            d.b1 = of("b1");
            d.w2 = of("w2");
            d.b2 = of("b2");
            d.gamma1 = of("gamma1");
            d.beta1 = of("beta1");
            d.gamma2 = of("gamma2");
            d.beta2 = of("beta2");
            d.gamma3 = of("gamma3");
            d.beta3 = of("beta3");
            const DecoderBlockResult block = decoder_block(d);
            const double* weights = whole.cross_weights.row(n * 2 * 4);
            CHECK(std::vector<double>(weights, weights + 40) == block.cross_weights.data);
            x = block.y;
        }
        CHECK(whole.output.data == normed(o, x, "decoder").data);
        REQUIRE(whole.logits->shape == Shape{4, 6});
        double first = 0;
        for (Size c = 0; c < C; ++c) first += whole.output.data[c] * parameter(o, "target_embedding").data[c];
        CHECK(whole.logits->data[0] == doctest::Approx(first));
    }
}

TEST_CASE("the target sees no future: a changed token leaves the outputs before it") {
    EncoderDecoderOptions o = model("post");
    const auto before = encoder_decoder(o);
    o.target_tokens[2] = 1;
    const auto after = encoder_decoder(o);
    for (Size i = 0; i < 2 * C; ++i) CHECK(before.output.data[i] == after.output.data[i]);
    for (Size i = 2 * C; i < 4 * C; ++i) CHECK(before.output.data[i] != after.output.data[i]);
    CHECK(before.memory.data == after.memory.data);
}

TEST_CASE("padding at the end of the source changes nothing that is valid, whatever stands there") {
    for (const char* placement : {"post", "pre"}) {
        EncoderDecoderOptions o = model(placement);
        o.source_tokens = {3, 1, 4};
        const auto plain = encoder_decoder(o);
        for (const std::vector<int>& padding : {std::vector<int>{0, 0}, {2, 1}}) {
            EncoderDecoderOptions padded = o;
            padded.source_tokens.insert(padded.source_tokens.end(), padding.begin(), padding.end());
            padded.source_valid = {1, 1, 1, 0, 0};
            const auto r = encoder_decoder(padded);
            CHECK(distance(r.output.data, plain.output.data) < 1e-14);
            CHECK(distance(std::vector<double>(r.memory.data.begin(), r.memory.data.begin() + 3 * C), plain.memory.data) <
                  1e-14);
            for (Size i = 0; i < r.cross_weights.size(); ++i) {
                if (i % 5 >= 3) CHECK(r.cross_weights.data[i] == 0);
            }
        }
    }
}

TEST_CASE("every number of an encoder-decoder opens, layer by layer") {
    EncoderDecoderOptions o = model("pre");
    o.source_valid = {1, 1, 0, 1, 1};
    o.parameters.push_back({"head", normal({3, C}, 8)});
    o.trace = true;
    const auto r = encoder_decoder(o);
    for (const char* name : {"source", "encoder1.attention.weights", "memory", "decoder0.cross.weights", "output", "logits"})
        CHECK(r.trace->has(name));
    CHECK(r.logits->shape == Shape{4, 3});
    check_every_tensor(*r.trace);
}

TEST_CASE("an encoder-decoder takes rows instead of tokens, and has logits where there is a head") {
    EncoderDecoderOptions o;
    o.source = normal({3, C}, 1);
    o.target = normal({2, C}, 2);
    const auto r = encoder_decoder(o);
    CHECK(r.memory.data == o.source->data);
    CHECK(r.output.data == o.target->data);
    CHECK_FALSE(r.logits);
    CHECK(r.cross_weights.shape == Shape{0, 1, 2, 3});
    o.source_tokens = {1};
    CHECK_THROWS_WITH_AS(encoder_decoder(o), "encoder_decoder: needs either source or source_tokens", DomainError);
    o = model("post");
    o.parameters.pop_back();
    CHECK_THROWS_WITH_AS(encoder_decoder(o), "encoder_decoder: the parameter decoder.1.beta3 is missing", KindError);
    o = model("post");
    o.target_tokens = std::vector<int>(8, 0);
    CHECK_THROWS_WITH_AS(encoder_decoder(o), "encoder_decoder: there are 7 positions for the 8 tokens of the target",
                         DomainError);
    o = model("sandwich");
    CHECK_THROWS_AS(encoder_decoder(o), DomainError);
}
