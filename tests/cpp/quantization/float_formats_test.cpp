#include "clearformer/quantization/float_formats.hpp"

#include <cmath>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

RoundToFloatResult rounded(std::vector<double> x, const char* format, const char* overflow = "infinity") {
    RoundToFloatOptions o;
    o.x = Array<double>(Shape{x.size()}, x);
    o.format = format;
    o.overflow = overflow;
    return round_to_float(o);
}

/// The finite values of a format from 0 up, from the meaning of its bits.
std::vector<double> values_of(const FloatFormat& f) {
    std::vector<double> values;
    for (int exponent = 0; exponent < 1 << f.exponent_bits; ++exponent) {
        for (int mantissa = 0; mantissa < 1 << f.mantissa_bits; ++mantissa) {
            const double fraction = std::ldexp(mantissa, -f.mantissa_bits);
            const double value =
                exponent == 0 ? std::ldexp(fraction, 1 - f.bias) : std::ldexp(1 + fraction, exponent - f.bias);
            if (value <= f.largest) values.push_back(value);
        }
    }
    return values;
}

constexpr const char* kSmall[] = {"fp16", "fp8_e4m3", "fp8_e5m2", "fp6_e3m2", "fp6_e2m3", "fp4_e2m1"};

}  // namespace

TEST_CASE("every value of a format stays, its bits count up, and halfway between two lies the even one") {
    for (const char* name : kSmall) {
        CAPTURE(name);
        const FloatFormat& f = find_float_format("test", name);
        const std::vector<double> values = values_of(f);
        CHECK(values.back() == f.largest);
        for (Size code = 0; code < values.size(); ++code) {
            const double value = values[code];
            if (round_to(f, value) != value || bits_of(f, value) != code) FAIL(name, ": ", value);
            if (code + 1 == values.size()) break;
            const double next = values[code + 1], middle = (value + next) / 2, even = code % 2 == 0 ? value : next;
            if (round_to(f, middle) != even || round_to(f, -middle) != -even) FAIL(name, ": half of ", value, " and ", next);
            if (round_to(f, std::nextafter(middle, 0.0)) != value) FAIL(name, ": below half of ", value, " and ", next);
            if (round_to(f, std::nextafter(middle, 1e9)) != next) FAIL(name, ": above half of ", value, " and ", next);
        }
    }
}

TEST_CASE("single precision is what the processor makes of it") {
    Random random(3);
    const FloatFormat& f = find_float_format("test", "fp32");
    for (int i = 0; i < 20000; ++i) {
        const double x = std::ldexp(random.normal(), static_cast<int>(random.uniform() * 320) - 170);
        if (std::fabs(x) > 3e38) continue;
        CHECK(round_to(f, x) == static_cast<double>(static_cast<float>(x)));
    }
}

TEST_CASE("bfloat16 keeps single precision's range and 8 bits of precision") {
    CHECK(rounded({257, 258, 259, 3.3e38, 1e-40}, "bf16").y.data ==
          std::vector<double>{256, 258, 260, std::ldexp(248.0, 120), std::ldexp(std::round(std::ldexp(1e-40, 133)), -133)});
}

TEST_CASE("beyond the largest value lies infinity, NaN where there is none, or the largest again") {
    CHECK(rounded({65519.99, 65520, -1e9}, "fp16").y.data == std::vector<double>{65504, kInfinity, -kInfinity});
    CHECK(rounded({57344, 61439, 61440}, "fp8_e5m2").y.data == std::vector<double>{57344, 57344, kInfinity});
    const auto e4m3 = rounded({464, 464.1, -kInfinity}, "fp8_e4m3");
    CHECK(e4m3.y.data[0] == 448);
    CHECK(std::isnan(e4m3.y.data[1]));
    CHECK(e4m3.codes.data[1] == 0x7F);
    CHECK(rounded({464.1, -kInfinity}, "fp8_e4m3", "saturate").y.data == std::vector<double>{448, -448});
    CHECK(rounded({70000, kInfinity}, "fp16", "saturate").y.data == std::vector<double>{65504, 65504});
    CHECK(rounded({5.1, 7, kInfinity}, "fp4_e2m1").y.data == std::vector<double>{6, 6, 6});
}

TEST_CASE("the bits have the fields of the format") {
    const auto r = rounded({1, -1.5, 6e-8, kInfinity, -0.0}, "fp16");
    CHECK(r.codes.data == std::vector<double>{0x3C00, 0xBE00, 1, 0x7C00, 0x8000});
    CHECK(r.sign.data == std::vector<double>{0, 1, 0, 0, 1});
    CHECK(r.exponent.data == std::vector<double>{15, 15, 0, 31, 0});
    CHECK(r.mantissa.data == std::vector<double>{0, 512, 1, 0, 0});
    CHECK(r.smallest_normal == std::ldexp(1.0, -14));
    CHECK(r.smallest_subnormal == std::ldexp(1.0, -24));
    CHECK(rounded({1}, "fp32").codes.data[0] == 0x3F800000);
}

TEST_CASE("all formats at once are the formats one by one") {
    FloatFormatsOptions o;
    o.x = normal({100}, 5, 1000);
    const auto r = float_formats(o);
    CHECK(distance(r.fp8_e4m3.data, rounded(o.x.data, "fp8_e4m3").y.data) == 0);
    CHECK(distance(r.fp8_e5m2.data, rounded(o.x.data, "fp8_e5m2").y.data) == 0);
    CHECK(distance(r.bf16.data, rounded(o.x.data, "bf16").y.data) == 0);
}

TEST_CASE("unknown formats and ways to overflow are refused") {
    CHECK_THROWS_AS(rounded({1}, "fp12"), DomainError);
    CHECK_THROWS_WITH_AS(rounded({1}, "fp16", "wrap"), "round_to_float: overflow must be infinity or saturate, got wrap",
                         DomainError);
}
