#include "clearformer/vision/vector_quantization.hpp"

#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

VectorQuantizeOptions vectors() {
    VectorQuantizeOptions o;
    o.z = normal({2, 3, 4}, 1);
    o.codebook = normal({5, 4}, 2);
    return o;
}

FiniteScalarQuantizeResult quantize(std::vector<int> levels, std::vector<double> z, const char* variant) {
    FiniteScalarQuantizeOptions o;
    o.z = Array<double>({z.size() / levels.size(), levels.size()}, z);
    o.levels = std::move(levels);
    o.variant = variant;
    return finite_scalar_quantize(o);
}

}  // namespace

TEST_CASE("entries of the codebook are quantised to themselves without loss") {
    VectorQuantizeOptions o = vectors();
    o.z = o.codebook;
    const auto r = vector_quantize(o);
    CHECK(r.indices.data == std::vector<double>{0, 1, 2, 3, 4});
    CHECK(distance(r.quantized.data, o.codebook.data) == 0);
    CHECK(r.total == 0);
    CHECK(r.perplexity == doctest::Approx(5));
}

TEST_CASE("no entry lies nearer than the one chosen, and of equals the first is") {
    VectorQuantizeOptions o = vectors();
    const auto r = vector_quantize(o);
    CHECK(r.squared_distances.shape == Shape{2, 3, 5});
    CHECK(r.indices.shape == Shape{2, 3});
    for (Size i = 0; i < 6; ++i) {
        const double* row = r.squared_distances.row(i);
        CHECK(row[static_cast<Size>(r.indices.data[i])] == *std::min_element(row, row + 5));
    }
    o.z = Array<double>({1, 4});
    o.codebook = Array<double>({3, 4}, 1.0);
    CHECK(vector_quantize(o).indices.data[0] == 0);
    CHECK(vector_quantize(o).perplexity == 1);
}

TEST_CASE("the derivatives of the quantisation losses equal central differences, each side moved alone") {
    VectorQuantizeOptions o = vectors();
    const auto r = vector_quantize(o);
    constexpr double kStep = 1e-6;
    const auto slope = [&](double& x, auto loss) {
        const double kept = x;
        x = kept + kStep;
        const double above = loss();
        x = kept - kStep;
        const double below = loss();
        x = kept;
        return (above - below) / (2 * kStep);
    };
    for (Size i = 0; i < o.z.size(); ++i) {
        CHECK(std::fabs(r.d_z.data[i] - slope(o.z.data[i], [&] { return o.beta * vector_quantize(o).commitment_loss; })) <
              1e-8);
    }
    for (Size i = 0; i < o.codebook.size(); ++i) {
        CHECK(std::fabs(r.d_codebook.data[i] - slope(o.codebook.data[i], [&] { return vector_quantize(o).codebook_loss; })) <
              1e-8);
    }
}

TEST_CASE("every number of a vector quantisation opens") {
    VectorQuantizeOptions o = vectors();
    CHECK_FALSE(vector_quantize(o).trace);
    o.trace = true;
    const auto r = vector_quantize(o);
    for (const char* name :
         {"squaredDistances", "indices", "quantized", "squaredErrors", "codebookLoss", "commitmentLoss", "total"}) {
        check_every_entry(r.trace.value(), name);
    }
}

TEST_CASE("nothing to quantise and an empty codebook are refused") {
    VectorQuantizeOptions o = vectors();
    o.codebook = Array<double>({0, 4});
    CHECK_THROWS_WITH_AS(vector_quantize(o), "vector_quantize: codebook must have at least one entry, got shape [0, 4]",
                         DomainError);
    o = vectors();
    o.z = Array<double>({0, 4});
    CHECK_THROWS_AS(vector_quantize(o), DomainError);
    o = vectors();
    o.beta = -1;
    CHECK_THROWS_WITH_AS(vector_quantize(o), "vector_quantize: beta must be at least 0, got -1", DomainError);
}

TEST_CASE("scalar quantisation reaches every level of both parities and no other, in both variants") {
    for (const char* variant : {"paper", "vector_quantize_pytorch"}) {
        for (int levels : {2, 3, 4, 5, 8, 101}) {
            CAPTURE(levels);
            std::vector<double> z, seen(static_cast<Size>(levels));
            for (int i = -40000; i <= 40000; ++i) z.push_back(i / 5000.0);
            z.push_back(1e300);
            z.push_back(-1e300);
            const auto r = quantize({levels}, z, variant);
            for (double digit : r.digits.data) {
                REQUIRE(digit >= 0);
                REQUIRE(digit <= levels - 1);
                seen[static_cast<Size>(digit)] = 1;
            }
            CHECK(seen == std::vector<double>(static_cast<Size>(levels), 1.0));
            for (double code : r.codes.data) CHECK(std::fabs(code) <= 1);
        }
    }
}

TEST_CASE("digits count from the first coordinate, and the index tells codes apart") {
    const auto r = quantize({3, 2}, {-9, -9, 0, -9, 9, -9, -9, 9, 0, 9, 9, 9}, "paper");
    CHECK(r.index.data == std::vector<double>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("the paper's variant equals PyTorch") {
    const auto r = quantize({8, 6, 5}, {0.3, -1.2, 0.45}, "paper");
    CHECK(distance(r.bounded.data, std::vector<double>{0.957832217071834, -2.3990134513134, 0.842954212489516}) < 1e-13);
    CHECK(r.digits.data == std::vector<double>{5, 1, 3});
    CHECK(r.index.data[0] == 5 + 8 * (1 + 6 * 3));
}

TEST_CASE("zero stays zero in the library's variant") {
    const auto r = quantize({8, 5}, {0, 0}, "vector_quantize_pytorch");
    CHECK(std::fabs(r.bounded.data[0]) < 1e-15);
    CHECK(r.bounded.data[1] == 0);
}

TEST_CASE("levels that cannot be are refused") {
    CHECK_THROWS_WITH_AS(quantize({1}, {0}, "paper"),
                         "finite_scalar_quantize: every entry of levels must be at least 2, got 1", DomainError);
    CHECK_THROWS_AS(quantize({1001}, {0}, "paper"), DomainError);
    CHECK_THROWS_AS(quantize({8}, {0}, "rounded"), DomainError);
    CHECK_THROWS_AS(quantize(std::vector<int>(20, 900), std::vector<double>(20), "paper"), DomainError);
    FiniteScalarQuantizeOptions o;
    o.z = Array<double>({1, 1});
    o.levels = {2};
    o.eps = 0;
    o.variant = "vector_quantize_pytorch";
    CHECK_THROWS_WITH_AS(finite_scalar_quantize(o), "finite_scalar_quantize: eps must be above 0 for 2 levels, got 0",
                         DomainError);
}

TEST_CASE("quantisers conform") {
    for_each_case("vision", "vq", [](const Json& c) {
        VectorQuantizeOptions o;
        o.z = tensor_of(c["inputs"]["z"]);
        o.codebook = tensor_of(c["inputs"]["codebook"]);
        o.beta = c["params"]["beta"];
        const auto r = vector_quantize(o);
        check_tensor(r.squared_distances, "dist2", c);
        check_tensor(r.indices, "indices", c);
        check_tensor(r.quantized, "quantized", c);
        check_tensor(r.d_z, "d_z", c);
        check_tensor(r.d_codebook, "d_codebook", c);
        const Json& e = c["expected"];
        check_numbers({r.codebook_loss, r.commitment_loss, r.total, r.perplexity},
                      {e["codebook_loss"], e["commitment_loss"], e["total"], e["perplexity"]}, c);
    });
    for_each_case("vision", "fsq", [](const Json& c) {
        FiniteScalarQuantizeOptions o;
        o.z = tensor_of(c["inputs"]["z"]);
        o.levels = c["params"]["levels"].get<std::vector<int>>();
        o.eps = c["params"]["eps"];
        o.variant = c["params"]["variant"].get<std::string>().find("lucidrains") != std::string::npos
                        ? "vector_quantize_pytorch"
                        : "paper";
        const auto r = finite_scalar_quantize(o);
        check_tensor(r.bounded, "bounded", c);
        check_tensor(r.codes, "codes", c);
        check_tensor(r.digits, "digits", c);
        check_tensor(r.index, "index", c);
    });
}
