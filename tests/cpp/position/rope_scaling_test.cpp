#include "clearformer/position/rope_scaling.hpp"

#include "clearformer/position/relative_bias.hpp"
#include "clearformer/position/rope.hpp"
#include "clearformer/position/rope_axes.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

RopeFrequenciesResult frequencies(int dim, double theta, RopeScaling scaling) {
    return rope_frequencies({dim, theta, scaling});
}

RopeScaling of_type(const char* type, double factor) {
    RopeScaling s;
    s.type = type;
    s.factor = factor;
    s.max_position_embeddings = 2048;
    return s;
}

double dot(const Array<double>& a, const Array<double>& b) {
    double sum = 0;
    for (Size i = 0; i < a.size(); ++i) sum += a.data[i] * b.data[i];
    return sum;
}

}  // namespace

TEST_CASE("a factor of 1 changes no frequency, whatever the scaling") {
    const auto plain = frequencies(32, 10000, {});
    for (const char* type : {"linear", "ntk", "dynamic", "yarn", "llama3"}) {
        CAPTURE(type);
        const auto scaled = frequencies(32, 10000, of_type(type, 1));
        CHECK(distance(scaled.inverse_frequencies.data, plain.inverse_frequencies.data) < 1e-15);
        CHECK(scaled.attention_factor == 1);
    }
}

TEST_CASE("NTK scaling leaves the fastest pair and stretches the slowest by the factor") {
    const auto plain = frequencies(64, 10000, {}), scaled = frequencies(64, 10000, of_type("ntk", 8));
    CHECK(scaled.inverse_frequencies.data.front() == 1);
    CHECK(scaled.inverse_frequencies.data.back() * 8 == doctest::Approx(plain.inverse_frequencies.data.back()));
}

TEST_CASE("dynamic NTK does nothing up to the trained length and grows beyond it") {
    RopeScaling s = of_type("dynamic", 2);
    const auto plain = frequencies(16, 10000, {});
    for (double length : {1.0, 2048.0}) {
        s.sequence_length = length;
        CHECK(distance(frequencies(16, 10000, s).inverse_frequencies.data, plain.inverse_frequencies.data) < 1e-15);
    }
    double last = 10000;
    for (double length : {4096.0, 8192.0, 65536.0}) {
        s.sequence_length = length;
        const double theta = *frequencies(16, 10000, s).theta_scaled;
        CHECK(theta > last);
        last = theta;
    }
}

TEST_CASE("YaRN and Llama 3 keep fast pairs, divide slow ones, and blend in between") {
    for (const char* type : {"yarn", "llama3"}) {
        CAPTURE(type);
        const auto plain = frequencies(128, 10000, {}), scaled = frequencies(128, 10000, of_type(type, 4));
        CHECK(scaled.inverse_frequencies.data.front() == 1);
        CHECK(scaled.inverse_frequencies.data.back() * 4 == doctest::Approx(plain.inverse_frequencies.data.back()));
        double last = 1;
        for (Size i = 0; i < 64; ++i) {
            const double kept = scaled.inverse_frequencies.data[i] / plain.inverse_frequencies.data[i];
            CHECK(kept <= last + 1e-15);
            CHECK(kept >= 0.25 - 1e-15);
            last = kept;
        }
    }
}

TEST_CASE("YaRN's attention factor is the one given, a ratio of the two mscales, or 0.1 ln s + 1") {
    RopeScaling s = of_type("yarn", 40);
    CHECK(frequencies(64, 10000, s).attention_factor == doctest::Approx(0.1 * std::log(40.0) + 1));
    s.mscale = s.mscale_all_dim = 1;
    CHECK(frequencies(64, 10000, s).attention_factor == 1);
    s.mscale_all_dim = 0.5;
    CHECK(frequencies(64, 10000, s).attention_factor ==
          doctest::Approx((0.1 * std::log(40.0) + 1) / (0.05 * std::log(40.0) + 1)));
    s.attention_factor = 0.25;
    CHECK(frequencies(64, 10000, s).attention_factor == 0.25);
}

TEST_CASE("LongRoPE divides by the long factors only beyond the original length") {
    RopeScaling s;
    s.type = "longrope";
    s.original_max_position_embeddings = 4096;
    s.max_position_embeddings = 131072;
    s.short_factor = {1, 2};
    s.long_factor = {4, 8};
    s.sequence_length = 4096;
    CHECK(frequencies(4, 10000, s).inverse_frequencies.data[1] == doctest::Approx(0.01 / 2));
    s.sequence_length = 4097;
    const auto longer = frequencies(4, 10000, s);
    CHECK(longer.inverse_frequencies.data[1] == doctest::Approx(0.01 / 8));
    CHECK(longer.attention_factor == doctest::Approx(std::sqrt(1 + std::log(32.0) / std::log(4096.0))));
}

TEST_CASE("scaled rotations open: every entry of a trace is its pair turned, times the attention factor") {
    RopeOptions<double> o;
    o.x = normal({2, 3, 8}, 5);
    o.positions = {0, 7, 90};
    o.rotary_dim = 6;
    o.scaling = of_type("yarn", 8);
    o.trace = true;
    for (const char* pairing : {"half_split", "interleaved"}) {
        for (const char* layout : {"same", "half_split"}) {
            o.pairing = pairing;
            o.output_layout = layout;
            check_every_entry(*rope(o).trace, "y");
        }
    }
}

TEST_CASE("every scheme of two-dimensional RoPE keeps lengths and sees only the offset of two places") {
    for (const char* scheme : {"pixtral", "qwen2vl", "split_halves"}) {
        CAPTURE(scheme);
        const Array<double> q = normal({1, 8}, 1), k = normal({1, 8}, 2);
        Rope2dOptions o;
        o.scheme = scheme;
        o.grid_height = 4;
        o.grid_width = 5;
        const auto everywhere = [&](const Array<double>& row) {
            o.x = Array<double>({20, 8});
            for (Size t = 0; t < 20; ++t) std::copy(row.data.begin(), row.data.end(), o.x.row(t));
            return rope_2d(o).y;
        };
        const Array<double> qs = everywhere(q), ks = everywhere(k);
        const auto at = [](const Array<double>& a, Size row, Size column) {
            return Array<double>({8}, std::vector<double>(a.row(row * 5 + column), a.row(row * 5 + column) + 8));
        };
        CHECK(dot(at(qs, 2, 3), at(qs, 2, 3)) == doctest::Approx(dot(q, q)));
        CHECK(dot(at(qs, 0, 0), at(q, 0, 0)) == doctest::Approx(dot(q, q)));
        CHECK(dot(at(qs, 1, 1), at(ks, 2, 3)) == doctest::Approx(dot(at(qs, 2, 2), at(ks, 3, 4))));
    }
}

TEST_CASE("M-RoPE with three equal positions is ordinary RoPE, in sections and dealt out in turn") {
    const Array<double> x = normal({4, 12}, 3);
    RopeOptions<double> plain;
    plain.x = x;
    plain.positions = {0, 2, 5, 11};
    RopeMultimodalOptions o;
    o.x = x;
    o.positions = Array<double>({3, 4}, {0, 2, 5, 11, 0, 2, 5, 11, 0, 2, 5, 11});
    o.sections = {2, 2, 2};
    for (bool interleaved : {false, true}) {
        o.interleaved = interleaved;
        CHECK(distance(rope_multimodal(o).y.data, rope(plain).y.data) < 1e-15);
    }
}

TEST_CASE("relative buckets are exact near, ordered, and the last one takes all that is far") {
    RelativeBucketsOptions o;
    o.bidirectional = false;
    for (int d = 0; d < 400; ++d) o.relative_position.data.push_back(-d);
    o.relative_position.shape = {400};
    const Array<double> bucket = relative_buckets(o).bucket;
    for (Size d = 0; d < 16; ++d) CHECK(bucket.data[d] == static_cast<double>(d));
    for (Size d = 1; d < 400; ++d) CHECK(bucket.data[d] >= bucket.data[d - 1]);
    for (Size d = 128; d < 400; ++d) CHECK(bucket.data[d] == 31);
}

TEST_CASE("the relative bias of a cached step is the last row of the whole one") {
    RelativeBiasOptions o;
    o.table = normal({8, 2}, 4);
    o.queries = o.keys = 6;
    const Array<double> whole = relative_bias(o).bias;
    o.queries = 1;
    const Array<double> step = relative_bias(o).bias;
    for (Size h = 0; h < 2; ++h) {
        for (Size s = 0; s < 6; ++s) CHECK(step.at({h, 0, s}) == whole.at({h, 5, s}));
    }
}

TEST_CASE("scalings that cannot be are refused with the value and the rule") {
    CHECK_THROWS_WITH_AS(frequencies(7, 10000, {}), "rope_frequencies: dim must be even and at least 2, got 7", DomainError);
    CHECK_THROWS_WITH_AS(frequencies(8, 10000, of_type("linear", 0)), "rope_frequencies: factor must be above 0, got 0",
                         DomainError);
    CHECK_THROWS_AS(frequencies(2, 10000, of_type("ntk", 2)), DomainError);
    CHECK_THROWS_AS(frequencies(8, 1, of_type("yarn", 2)), DomainError);
    CHECK_THROWS_AS(frequencies(8, 10000, of_type("stretch", 2)), DomainError);
    RopeScaling missing;
    missing.type = "linear";
    CHECK_THROWS_WITH_AS(frequencies(8, 10000, missing), "rope_frequencies: scaling type linear needs factor", KindError);
    RopeScaling longrope;
    longrope.type = "longrope";
    longrope.max_position_embeddings = 10;
    longrope.short_factor = {1, 1, 1};
    CHECK_THROWS_AS(frequencies(8, 10000, longrope), DomainError);
}
