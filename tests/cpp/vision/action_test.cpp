#include "clearformer/vision/action.hpp"

#include <numbers>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

DiscreteCosineTransformResult transform(const Array<double>& x, int type, const char* norm, int axis = 0,
                                        double scale = 10) {
    DiscreteCosineTransformOptions o;
    o.x = x;
    o.type = type;
    o.norm = norm;
    o.axis = axis;
    o.scale = scale;
    return discrete_cosine_transform(o);
}

}  // namespace

TEST_CASE("every decoded RT-1 action lies at or below the action, by less than a step, and its ends are exact") {
    Rt1ActionTokensOptions o;
    o.action = normal({500}, 1, 0.4);
    o.bins = 17;
    const auto r = rt1_action_tokens(o);
    for (Size i = 0; i < 500; ++i) {
        const double action = std::clamp(o.action.data[i], -1.0, 1.0);
        CHECK(r.decoded.data[i] <= action + 1e-12);
        CHECK(action - r.decoded.data[i] < 2.0 / 16 + 1e-12);
    }
    o.action = Array<double>({4}, {-7, -1, 1, 7});
    CHECK(rt1_action_tokens(o).tokens.data == std::vector<double>{0, 0, 16, 16});
    CHECK(rt1_action_tokens(o).decoded.data == std::vector<double>{-1, -1, 1, 1});
    o.low = 1;
    CHECK_THROWS_WITH_AS(rt1_action_tokens(o), "rt1_action_tokens: low must be below high, got 1 and 1", DomainError);
    o.low = -1;
    o.bins = 1;
    CHECK_THROWS_WITH_AS(rt1_action_tokens(o), "rt1_action_tokens: bins must be from 2 to 1000000, got 1", DomainError);
}

TEST_CASE("every decoded OpenVLA action lies within half an interval of the action, and the middles decode to themselves") {
    OpenvlaActionTokensOptions o;
    o.action = normal({500}, 1, 0.4);
    o.bins = 17;
    const auto r = openvla_action_tokens(o);
    for (Size i = 0; i < 500; ++i) {
        CHECK(std::fabs(r.decoded.data[i] - std::clamp(o.action.data[i], -1.0, 1.0)) <= 1.0 / 16 + 1e-12);
        CHECK(r.token_ids.data[i] + r.digitized.data[i] == 32000);
    }
    o.action = r.decoded;
    CHECK(distance(openvla_action_tokens(o).decoded.data, r.decoded.data) == 0);
    o.vocab_size = 16;
    CHECK_THROWS_WITH_AS(openvla_action_tokens(o), "openvla_action_tokens: vocab_size must be at least bins, got 16 and 17",
                         DomainError);
}

TEST_CASE("predictions that agree are kept, and only chunks that hold an action for the time count") {
    TemporalEnsembleOptions o;
    o.chunks = Array<double>({4, 2, 3}, 1.5);
    o.t = 2;
    const auto r = temporal_ensemble(o);
    CHECK(r.weights.shape == Shape{2});  // of chunks 1 and 2
    CHECK(r.weights.data[0] > r.weights.data[1]);
    CHECK(r.weights.data[0] + r.weights.data[1] == doctest::Approx(1));
    for (double value : r.action.data) CHECK(value == doctest::Approx(1.5));
    o.m = 0;
    CHECK(temporal_ensemble(o).weights.data[0] == 0.5);
    o.m = -1e6;
    CHECK(temporal_ensemble(o).weights.data[1] == 1);
    o.t = 0;
    CHECK(temporal_ensemble(o).weights.data == std::vector<double>{1});
    for (int t : {-1, 5, 2000000000}) {
        o.t = t;
        CHECK_THROWS_AS(temporal_ensemble(o), DomainError);
    }
}

TEST_CASE("every cosine transform has its inverse: 1 and 4 themselves, 2 and 3 each other") {
    for (Size N : {2, 5, 8}) {
        const Array<double> x = normal({N}, N);
        for (const auto& [there, back] : {std::pair(1, 1), std::pair(2, 3), std::pair(3, 2), std::pair(4, 4)}) {
            CAPTURE(there);
            CHECK(distance(transform(transform(x, there, "ortho").y, back, "ortho").y.data, x.data) < 1e-14);
            CHECK(distance(transform(transform(x, there, "backward").y, back, "forward").y.data, x.data) < 1e-14);
        }
    }
}

TEST_CASE("cosine transforms equal their sums") {
    const Array<double> x = normal({6}, 3);
    const double pi = std::numbers::pi;
    for (Size at = 0; at < 6; ++at) {
        const double k = static_cast<double>(at);
        double one = x.data[0] + (at % 2 ? -1 : 1) * x.data[5], two = 0, three = x.data[0], four = 0;
        for (Size i = 0; i < 6; ++i) {
            const double n = static_cast<double>(i), value = 2 * x.data[i];
            if (i > 0 && i < 5) one += value * std::cos(pi * k * n / 5);
            two += value * std::cos(pi * k * (2 * n + 1) / 12);
            if (i > 0) three += value * std::cos(pi * (2 * k + 1) * n / 12);
            four += value * std::cos(pi * (2 * k + 1) * (2 * n + 1) / 24);
        }
        CHECK(transform(x, 1, "backward").y.data[at] == doctest::Approx(one));
        CHECK(transform(x, 2, "backward").y.data[at] == doctest::Approx(two));
        CHECK(transform(x, 3, "backward").y.data[at] == doctest::Approx(three));
        CHECK(transform(x, 4, "backward").y.data[at] == doctest::Approx(four));
    }
}

TEST_CASE("an orthonormal cosine transform keeps the sum of squares, along whichever axis") {
    const Array<double> x = normal({3, 4, 2}, 1);
    double squares = 0;
    for (double value : x.data) squares += value * value;
    for (int axis : {0, 1, 2, -1, -3}) {
        double transformed = 0;
        for (double value : transform(x, 2, "ortho", axis).y.data) transformed += value * value;
        CHECK(transformed == doctest::Approx(squares));
    }
    CHECK(distance(transform(x, 2, "ortho", -1).y.data, transform(x, 2, "ortho", 2).y.data) == 0);
}

TEST_CASE("a constant trajectory has one coefficient only, and quantised values are whole") {
    const auto r = transform(Array<double>({8, 1}, 0.5), 2, "ortho");
    CHECK(r.y.data[0] == doctest::Approx(0.5 * std::sqrt(8.0)));
    for (Size k = 1; k < 8; ++k) CHECK(std::fabs(r.y.data[k]) < 1e-15);
    CHECK(r.quantised.data == std::vector<double>{14, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("cosine transforms that do not exist are refused") {
    const Array<double> x({1, 4});
    CHECK_THROWS_WITH_AS(transform(x, 5, "ortho"), "discrete_cosine_transform: type must be from 1 to 4, got 5",
                         DomainError);
    CHECK_THROWS_WITH_AS(transform(x, 1, "ortho"), "discrete_cosine_transform: type 1 needs at least two entries, got 1",
                         DomainError);
    CHECK_THROWS_AS(transform(x, 2, "unitary"), DomainError);
    CHECK_THROWS_AS(transform(x, 2, "ortho", 2), DomainError);
    CHECK_THROWS_AS(transform(Array<double>(Shape{}), 2, "ortho"), DomainError);
    CHECK(transform(Array<double>({0, 3}), 2, "ortho").y.empty());
    CHECK_THROWS_AS(transform(Array<double>({2}, 1e300), 2, "ortho", 0, 1e300), DomainError);
}

TEST_CASE("actions conform") {
    for_each_case("vision", "action_bins_rt1", [](const Json& c) {
        Rt1ActionTokensOptions o;
        o.action = tensor_of(c["inputs"]["action"]);
        o.bins = c["params"]["bins"];
        o.low = c["params"]["low"];
        o.high = c["params"]["high"];
        const auto r = rt1_action_tokens(o);
        check_tensor(r.tokens, "token", c);
        check_tensor(r.decoded, "decoded", c);
    });
    for_each_case("vision", "action_bins_openvla", [](const Json& c) {
        OpenvlaActionTokensOptions o;
        o.action = tensor_of(c["inputs"]["action"]);
        o.bins = c["params"]["bins"];
        o.vocab_size = c["params"]["vocab_size"];
        const auto r = openvla_action_tokens(o);
        check_tensor(r.digitized, "digitized", c);
        check_tensor(r.token_ids, "token_id", c);
        check_tensor(r.decoded, "decoded", c);
    });
    for_each_case("vision", "temporal_ensemble", [](const Json& c) {
        TemporalEnsembleOptions o;
        for (const char* name : {"chunk_from_t0", "chunk_from_t1", "chunk_from_t2"}) {
            const auto chunk = tensor_of(c["inputs"][name]);
            if (o.chunks.shape.empty()) o.chunks.shape = {0, chunk.shape[0], chunk.shape[1]};
            o.chunks.data.insert(o.chunks.data.end(), chunk.data.begin(), chunk.data.end());
            ++o.chunks.shape[0];
        }
        o.t = c["params"]["t"];
        o.m = c["params"]["m"];
        const auto r = temporal_ensemble(o);
        check_tensor(r.weights, "weights", c);
        check_tensor(r.action, "action", c);
    });
    for_each_case("vision", "dct", [](const Json& c) {
        DiscreteCosineTransformOptions o;
        o.x = tensor_of(c["inputs"]["actions"]);
        o.type = c["params"]["type"];
        o.norm = c["params"]["norm"];
        o.scale = c["params"]["scale"];
        const auto r = discrete_cosine_transform(o);
        check_tensor(r.y, "dct", c);
        check_tensor(r.quantised, "quantised", c);
    });
}
