// Quantisation to whole numbers: symmetric, affine, and the block formats of ggml.

#include <cmath>

#include "clearformer/quantization/absmax.hpp"
#include "clearformer/quantization/errors.hpp"
#include "clearformer/quantization/ggml.hpp"
#include "clearformer/quantization/granularity.hpp"
#include "clearformer/quantization/zero_point.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

QuantizeAbsmaxOptions symmetric(Array<double> x, const char* granularity = "tensor") {
    QuantizeAbsmaxOptions o;
    o.x = std::move(x);
    o.granularity = granularity;
    return o;
}

QuantizeZeroPointOptions affine(Array<double> x, const char* granularity = "tensor") {
    QuantizeZeroPointOptions o;
    o.x = std::move(x);
    o.granularity = granularity;
    return o;
}

}  // namespace

TEST_CASE("symmetric quantisation is off by half a scale at most, and the largest magnitude gets the largest code") {
    for (const char* granularity : {"tensor", "row", "column", "group"}) {
        for (int bits : {2, 3, 4, 8, 16}) {
            CAPTURE(granularity);
            CAPTURE(bits);
            QuantizeAbsmaxOptions o = symmetric(normal({2, 3, 10}, 1), granularity);
            o.bits = bits;
            o.group = 4;
            const auto r = quantize_absmax(o);
            const Granularity shared("test", granularity, 4, o.x.shape);
            const double qmax = std::ldexp(1.0, bits - 1) - 1;
            std::vector<double> most(shared.count(), 0);
            for (Size i = 0; i < o.x.size(); ++i) {
                const double scale = r.scale.data[shared.of(i)];
                CHECK(std::fabs(o.x.data[i] - r.dequant.data[i]) <= scale / 2 * (1 + 1e-12));
                CHECK(r.q.data[i] == std::round(r.q.data[i]));
                most[shared.of(i)] = std::max(most[shared.of(i)], std::fabs(r.q.data[i]));
            }
            for (double code : most) CHECK(code == qmax);
        }
    }
}

TEST_CASE("the scales have one entry for a tensor, one for each row, column or group") {
    const Array<double> x = normal({2, 3, 10}, 1);
    CHECK(quantize_absmax(symmetric(x)).scale.shape == Shape{});
    CHECK(quantize_absmax(symmetric(x, "row")).scale.shape == Shape{2, 3});
    CHECK(quantize_absmax(symmetric(x, "column")).scale.shape == Shape{10});
    QuantizeAbsmaxOptions o = symmetric(x, "group");
    o.group = 4;
    const auto r = quantize_absmax(o);
    CHECK(r.scale.shape == Shape{2, 3, 3});
    CHECK(r.scale.at({1, 0, 2}) == std::max(std::fabs(x.at({1, 0, 8})), std::fabs(x.at({1, 0, 9}))) / 127);
    CHECK(quantize_zero_point(affine(x, "column")).zero_point.shape == Shape{10});
}

TEST_CASE("finer scales lose less where rows differ in size") {
    Array<double> x = normal({4, 32}, 2);
    for (Size c = 0; c < 32; ++c) x.row(2)[c] *= 100;
    CHECK(quantize_absmax(symmetric(x, "row")).mse < quantize_absmax(symmetric(x)).mse);
    QuantizeAbsmaxOptions o = symmetric(x, "group");
    o.group = 8;
    CHECK(quantize_absmax(o).mse < quantize_absmax(symmetric(x, "row")).mse);
}

TEST_CASE("the roundings differ at halves and below") {
    struct Expected {
        const char* name;
        std::vector<double> q;
    };
    const Array<double> x({6}, {7, 0.5, 1.5, -0.5, -1.5, 2.3});  // scale 1 with 4 bits
    for (const Expected& one : std::vector<Expected>{{"half_to_even", {7, 0, 2, 0, -2, 2}},
                                                     {"half_away_from_zero", {7, 1, 2, -1, -2, 2}},
                                                     {"half_up", {7, 1, 2, 0, -1, 2}},
                                                     {"floor", {7, 0, 1, -1, -2, 2}},
                                                     {"ceiling", {7, 1, 2, 0, -1, 3}},
                                                     {"toward_zero", {7, 0, 1, 0, -1, 2}}}) {
        CAPTURE(one.name);
        QuantizeAbsmaxOptions o = symmetric(x);
        o.bits = 4;
        o.rounding = one.name;
        CHECK(quantize_absmax(o).q.data == one.q);
    }
}

TEST_CASE("a qmax of 2^(bits - 1) clips the largest positive value") {
    QuantizeAbsmaxOptions o = symmetric({{2}, {8, -8}});
    o.bits = 4;
    o.qmax = 8;
    CHECK(quantize_absmax(o).q.data == std::vector<double>{7, -8});
}

TEST_CASE("zeros come back as zeros, and so do values at either end of what a double holds") {
    CHECK(quantize_absmax(symmetric(Array<double>({2, 2}))).dequant.data == std::vector<double>{0, 0, 0, 0});
    CHECK(quantize_zero_point(affine(Array<double>({2, 2}))).dequant.data == std::vector<double>{0, 0, 0, 0});
    for (double value : quantize_absmax(symmetric({{2}, {5e-324, -5e-324}})).dequant.data) CHECK(std::isfinite(value));
    for (double value : quantize_zero_point(affine({{2}, {5e-324, -5e-324}})).dequant.data) CHECK(std::isfinite(value));
    CHECK_THROWS_AS(quantize_absmax(symmetric({{2}, {1e300, 1}})), DomainError);
    CHECK_THROWS_AS(quantize_zero_point(affine({{2}, {1.7e308, -1.7e308}})), DomainError);
}

TEST_CASE("affine quantisation brings zero back exactly and everything else within one step") {
    for (const char* granularity : {"tensor", "row", "column", "group"}) {
        for (bool is_signed : {false, true}) {
            Array<double> x = normal({6, 9}, 3);
            for (Size i = 0; i < x.size(); i += 5) x.data[i] = 0;
            QuantizeZeroPointOptions o = affine(x, granularity);
            o.bits = 5;
            o.group = 4;
            o.is_signed = is_signed;
            const auto r = quantize_zero_point(o);
            const Granularity shared("test", granularity, 4, x.shape);
            for (Size i = 0; i < x.size(); ++i) {
                CHECK(std::fabs(x.data[i] - r.dequant.data[i]) <= r.scale.data[shared.of(i)] * (1 + 1e-12));
                if (x.data[i] == 0) CHECK(r.dequant.data[i] == 0);
                CHECK(r.q.data[i] >= (is_signed ? -16 : 0));
                CHECK(r.q.data[i] <= (is_signed ? 15 : 31));
            }
        }
    }
}

TEST_CASE("the plain range spends no codes on zero") {
    QuantizeZeroPointOptions o = affine({{4}, {3, 4, 5, 6}});
    o.bits = 2;
    o.range = "min/max";
    const auto r = quantize_zero_point(o);
    CHECK(r.scale.data[0] == 1);
    CHECK(r.zero_point.data[0] == -3);
    CHECK(r.dequant.data == o.x.data);
    o.range = "min/max including 0";
    CHECK(quantize_zero_point(o).scale.data[0] == 2);
    o.range = "min/max";
    o.x = {{2}, {-5, -5}};
    CHECK(quantize_zero_point(o).dequant.data == o.x.data);
}

TEST_CASE("signed codes are the unsigned ones moved") {
    QuantizeZeroPointOptions o = affine(normal({20}, 4));
    const auto plain = quantize_zero_point(o);
    o.is_signed = true;
    const auto moved = quantize_zero_point(o);
    for (Size i = 0; i < 20; ++i) CHECK(moved.q.data[i] == plain.q.data[i] - 128);
    CHECK(moved.dequant.data == plain.dequant.data);
}

TEST_CASE("a Q4_0 block stores its scale and two codes to a byte") {
    QuantizeGgmlOptions o;
    o.x = normal({2, 64}, 5);
    const auto r = quantize_ggml(o);
    CHECK(r.d.shape == Shape{2, 2});
    CHECK(r.bytes.shape == Shape{2, 2, 18});
    CHECK(r.bits_per_value == 4.5);
    for (Size block = 0; block < 4; ++block) {
        const double* bytes = r.bytes.data.data() + 18 * block;
        for (Size i = 0; i < 16; ++i) {
            CHECK(bytes[2 + i] == r.q.data[32 * block + i] + 16 * r.q.data[32 * block + 16 + i]);
        }
    }
    double least = 15;
    for (double code : r.q.data) least = std::min(least, code);
    CHECK(least == 0);  // the value of largest magnitude
}

TEST_CASE("a Q8_0 block comes back within half a step, and its negative codes are stored modulo 256") {
    QuantizeGgmlOptions o;
    o.x = normal({32}, 6);
    o.format = "q8_0";
    const auto r = quantize_ggml(o);
    CHECK(r.bits_per_value == 8.5);
    for (Size i = 0; i < 32; ++i) {
        CHECK(std::fabs(o.x.data[i] - r.dequant.data[i]) <= r.d.data[0] * (0.5 + 127.0 / 2048));
        CHECK(r.bytes.data[2 + i] == std::fmod(r.q.data[i] + 256, 256));
    }
    o.x.data[0] = 127;
    for (Size i = 1; i < 32; ++i) o.x.data[i] = static_cast<double>(i) - 15.5;
    CHECK(quantize_ggml(o).q.data[15] == -1);  // -0.5 rounds away from zero
}

TEST_CASE("blocks without a scale come back as zeros") {
    for (const char* format : {"q4_0", "q8_0"}) {
        QuantizeGgmlOptions o;
        o.format = format;
        o.x = Array<double>({64});
        o.x.data[40] = 1e-42;
        const auto r = quantize_ggml(o);
        CHECK(r.d.data == std::vector<double>{0, 0});
        CHECK(r.dequant.data == std::vector<double>(64, 0));
    }
}

TEST_CASE("the error statistics are what their names say") {
    QuantizationErrorOptions o;
    o.x = {{4}, {3, 0, -4, 0}};
    o.y = {{4}, {3, 0.5, -4, 0}};
    const auto r = quantization_error(o);
    CHECK(r.mse == 0.0625);
    CHECK(r.mean_absolute_error == 0.125);
    CHECK(r.max_absolute_error == 0.5);
    CHECK(r.signal_to_noise == doctest::Approx(20));
    o.y = o.x;
    CHECK(quantization_error(o).signal_to_noise == kInfinity);
    o.x = Array<double>({4});
    CHECK(quantization_error(o).signal_to_noise == -kInfinity);
    o.x = Array<double>({2, 2});
    CHECK_THROWS_AS(quantization_error(o), DomainError);
}

TEST_CASE("each bit more gains about 6 decibels on evenly spread values") {
    Random random(8);
    Array<double> x(Shape{4096});
    for (double& value : x.data) value = random.uniform() * 2 - 1;
    for (int bits = 3; bits < 10; ++bits) {
        QuantizeAbsmaxOptions o = symmetric(x);
        o.bits = bits;
        const double few = quantize_absmax(o).signal_to_noise;
        ++o.bits;
        // 20 log10(2) for twice the codes; the symmetric range has one code fewer, which counts at few bits
        const double codes = (std::ldexp(1.0, bits) - 1) / (std::ldexp(1.0, bits - 1) - 1);
        CHECK(quantize_absmax(o).signal_to_noise - few == doctest::Approx(20 * std::log10(codes)).epsilon(0.03));
    }
}

TEST_CASE("the quantisers refuse what they are not defined for") {
    QuantizeAbsmaxOptions o = symmetric(normal({4}, 1));
    o.bits = 1;
    CHECK_THROWS_WITH_AS(quantize_absmax(o), "quantize_absmax: bits must lie in 2 .. 16, got 1", DomainError);
    o.bits = 8;
    o.qmax = 129;
    CHECK_THROWS_WITH_AS(quantize_absmax(o), "quantize_absmax: qmax must lie in 1 .. 128 for 8 bits, got 129", DomainError);
    CHECK_THROWS_AS(quantize_absmax(symmetric(normal({4}, 1), "block")), DomainError);
    CHECK_THROWS_AS(quantize_absmax(symmetric(Array<double>({0, 4}))), DomainError);
    CHECK_THROWS_AS(quantize_absmax(symmetric(Array<double>(Shape{}, 1))), DomainError);
    o = symmetric(normal({4}, 1), "group");
    o.group = 0;
    CHECK_THROWS_AS(quantize_absmax(o), DomainError);
    o = symmetric(normal({4}, 1));
    o.rounding = "stochastic";
    CHECK_THROWS_AS(quantize_absmax(o), DomainError);
    QuantizeZeroPointOptions z = affine(normal({4}, 1));
    z.range = "max";
    CHECK_THROWS_AS(quantize_zero_point(z), DomainError);
    z = affine({{2}, {1e15, 1e15 + 1}});
    z.range = "min/max";
    z.bits = 16;
    CHECK_THROWS_AS(quantize_zero_point(z), DomainError);
    QuantizeGgmlOptions g;
    g.x = normal({48}, 1);
    CHECK_THROWS_WITH_AS(quantize_ggml(g), "quantize_ggml: block must divide the row, got block 32 and a row of 48",
                         DomainError);
    g.block = 3;
    CHECK_THROWS_AS(quantize_ggml(g), DomainError);
    g.x = Array<double>({32}, 1e6);
    g.block = 32;
    CHECK_THROWS_AS(quantize_ggml(g), DomainError);
    g.x = Array<double>({32}, 1e39);
    CHECK_THROWS_AS(quantize_ggml(g), DomainError);
    g.x = Array<double>({32}, 1);
    g.format = "q5_0";
    CHECK_THROWS_AS(quantize_ggml(g), DomainError);
}
