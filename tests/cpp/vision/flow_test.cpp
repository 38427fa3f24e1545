#include "clearformer/vision/flow.hpp"

#include "clearformer/vision/guidance.hpp"
#include "clearformer/vision/timestep.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("a straight path starts at the data, ends at the noise, and its velocity is their difference") {
    FlowMatchingOptions o;
    o.x0 = normal({2, 3}, 1);
    o.eps = normal({2, 3}, 2);
    o.t = {0, 1, 0.5};
    const auto r = flow_matching(o);
    CHECK(r.x_t.shape == Shape{3, 2, 3});
    for (Size i = 0; i < 6; ++i) {
        CHECK(r.x_t.data[i] == o.x0.data[i]);
        CHECK(r.x_t.data[6 + i] == o.eps.data[i]);
        CHECK(r.x_t.data[12 + i] == doctest::Approx(o.x0.data[i] + 0.5 * r.velocity.data[i]));
    }
    CHECK(r.shifted_t.data == o.t);
    o.t = {1.5};
    CHECK_THROWS_WITH_AS(flow_matching(o), "flow_matching: every t must be from 0 to 1, got 1.5", DomainError);
    o.t = {0.5};
    o.shift = 0;
    CHECK_THROWS_AS(flow_matching(o), DomainError);
}

TEST_CASE("shifting the times by s and then by 1 / s gives them back") {
    FlowMatchingOptions o;
    o.x0 = o.eps = normal({1}, 1);
    o.t = {0, 0.1, 0.5, 0.9, 1};
    o.shift = 3;
    const auto there = flow_matching(o).shifted_t.data;
    CHECK(there[2] == doctest::Approx(0.75));
    FlowMatchingOptions back = o;
    back.t = there;
    back.shift = 1.0 / 3;
    CHECK(distance(flow_matching(back).shifted_t.data, o.t) < 1e-15);
}

TEST_CASE("Karras sigmas fall from the largest to the smallest, in equal steps of their rho-th root") {
    KarrasSigmasOptions o;
    o.n = 5;
    const auto sigmas = karras_sigmas(o).sigmas.data;
    CHECK(sigmas[0] == doctest::Approx(80));
    CHECK(sigmas[4] == doctest::Approx(0.002));
    const auto root = [&](Size i) { return std::pow(sigmas[i], 1.0 / 7); };
    for (Size i = 1; i < 4; ++i) CHECK(root(i) - root(i + 1) == doctest::Approx(root(i - 1) - root(i)));
    o.n = 1;
    CHECK(karras_sigmas(o).sigmas.data[0] == doctest::Approx(80));
    o.n = 0;
    CHECK_THROWS_WITH_AS(karras_sigmas(o), "karras_sigmas: n must be from 1 to 1000000, got 0", DomainError);
    o.n = 2;
    o.sigma_min = 100;
    CHECK_THROWS_AS(karras_sigmas(o), DomainError);
}

TEST_CASE("guidance of scale 0 and 1 is the prediction without and with the prompt") {
    ClassifierFreeGuidanceOptions o;
    o.eps_cond = normal({2, 4}, 1);
    o.eps_uncond = normal({2, 4}, 2);
    o.scale = 0;
    CHECK(distance(classifier_free_guidance(o).eps.data, o.eps_uncond.data) == 0);
    o.scale = 1;
    CHECK(distance(classifier_free_guidance(o).eps.data, o.eps_cond.data) < 1e-15);
    CHECK(classifier_free_guidance(o).factor.data == std::vector<double>{1, 1});
}

TEST_CASE("a rescale of 1 gives each sample the deviation of the prediction with the prompt") {
    ClassifierFreeGuidanceOptions o;
    o.eps_cond = normal({2, 3, 5}, 1);
    o.eps_uncond = normal({2, 3, 5}, 2);
    o.rescale = 1;
    const auto deviation = [](const double* x) {
        double mean = 0, sum = 0;
        for (Size i = 0; i < 15; ++i) mean += x[i] / 15;
        for (Size i = 0; i < 15; ++i) sum += (x[i] - mean) * (x[i] - mean);
        return std::sqrt(sum / 14);
    };
    const auto r = classifier_free_guidance(o);
    for (Size sample = 0; sample < 2; ++sample) {
        CHECK(deviation(&r.eps.data[sample * 15]) == doctest::Approx(deviation(&o.eps_cond.data[sample * 15])));
    }
    o.eps_cond = o.eps_uncond = Array<double>({1, 3}, 2.0);
    CHECK_THROWS_WITH_AS(classifier_free_guidance(o),
                         "classifier_free_guidance: rescale needs a guided prediction with some spread; sample 0 has none",
                         DomainError);
    o.eps_cond = o.eps_uncond = Array<double>({3}, 2.0);
    CHECK_THROWS_AS(classifier_free_guidance(o), DomainError);
}

TEST_CASE("the layouts of a timestep embedding hold the same numbers in different places") {
    TimestepEmbeddingOptions o;
    o.timesteps = {0, 3.5, 999};
    o.dim = 7;
    o.layout = "sin_cos";
    const auto a = timestep_embedding(o).embedding;
    o.layout = "cos_sin";
    const auto b = timestep_embedding(o).embedding;
    o.layout = "interleaved";
    const auto c = timestep_embedding(o).embedding;
    for (Size n = 0; n < 3; ++n) {
        CHECK(a.row(n)[6] == 0);
        for (Size i = 0; i < 3; ++i) {
            CHECK(a.row(n)[i] == b.row(n)[3 + i]);
            CHECK(a.row(n)[3 + i] == b.row(n)[i]);
            CHECK(a.row(n)[i] == c.row(n)[2 * i]);
            CHECK(a.row(n)[i] * a.row(n)[i] + b.row(n)[i] * b.row(n)[i] == doctest::Approx(1));
        }
    }
    o.layout = "mixed";
    CHECK_THROWS_AS(timestep_embedding(o), DomainError);
}

TEST_CASE("the frequency shift of DDPM makes the last frequency the reciprocal of the period") {
    TimestepEmbeddingOptions o;
    o.timesteps = {1};
    o.dim = 8;
    CHECK(timestep_embedding(o).frequencies.data[3] == doctest::Approx(1e-3));
    o.frequency_shift = 1;
    CHECK(timestep_embedding(o).frequencies.data[3] == doctest::Approx(1e-4));
    o.dim = 2;
    CHECK_THROWS_AS(timestep_embedding(o), DomainError);
}

TEST_CASE("flow matching, sigmas, guidance and timestep embeddings conform") {
    for_each_case("vision", "flow_matching", [](const Json& c) {
        FlowMatchingOptions o;
        o.x0 = tensor_of(c["inputs"]["x0_data"]);
        o.eps = tensor_of(c["inputs"]["eps"]);
        o.t = c["params"]["t"].get<std::vector<double>>();
        o.shift = c["params"].value("shift", 1.0);
        const auto r = flow_matching(o);
        check_tensor(r.x_t, "x_t", c);
        check_tensor(r.velocity, "velocity", c);
        check_tensor(r.shifted_t, "shifted_t", c);
    });
    for_each_case("vision", "karras_sigmas", [](const Json& c) {
        KarrasSigmasOptions o;
        o.n = c["params"]["n"];
        o.sigma_min = c["params"]["sigma_min"];
        o.sigma_max = c["params"]["sigma_max"];
        o.rho = c["params"]["rho"];
        check_tensor(karras_sigmas(o).sigmas, "sigmas", c);
    });
    for (const char* op : {"cfg", "cfg_rescale"}) {
        for_each_case("vision", op, [](const Json& c) {
            ClassifierFreeGuidanceOptions o;
            o.eps_cond = tensor_of(c["inputs"]["eps_cond"]);
            o.eps_uncond = tensor_of(c["inputs"]["eps_uncond"]);
            o.scale = c["params"]["scale"];
            o.rescale = c["params"].value("phi", 0.0);
            check_tensor(classifier_free_guidance(o).eps, "eps", c);
        });
    }
    for_each_case("vision", "timestep_embedding", [](const Json& c) {
        TimestepEmbeddingOptions o;
        o.timesteps = c["params"]["timesteps"].get<std::vector<double>>();
        o.dim = c["params"]["dim"];
        o.layout = c["params"]["layout"];
        o.max_period = c["params"]["max_period"];
        check_tensor(timestep_embedding(o).embedding, "emb", c);
    });
}
