#include "clearformer/quantization/code_tables.hpp"

#include <cmath>

#include "clearformer/quantization/absmax.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

QuantizeCodeTableOptions with(Array<double> x, const char* table = "nf4") {
    QuantizeCodeTableOptions o;
    o.x = std::move(x);
    o.table = table;
    return o;
}

/// The x with P(normal <= x) = p, by halving.
double quantile(double p) {
    double low = -10, high = 10;
    for (int i = 0; i < 200; ++i) {
        const double middle = (low + high) / 2;
        (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
    }
    return low;
}

}  // namespace

TEST_CASE("NF4 holds quantiles of the normal distribution: eight from one half up, seven down, and zero") {
    // Dettmers et al. 2023, section 3 and appendix E: quantiles from 1 - offset, divided by the largest.
    const auto& table = find_code_table("test", "nf4");
    const double offset = 0.5 * (1.0 / 32 + 1.0 / 30), end = 1 - offset, largest = quantile(end);
    for (int i = 0; i < 8; ++i) {
        const double up = quantile(0.5 + (end - 0.5) * (i + 1) / 8) / largest;
        CHECK(table[static_cast<Size>(8 + i)] == doctest::Approx(up).epsilon(1e-5));
        if (i == 7) break;
        const double down = -quantile(0.5 + (end - 0.5) * (i + 1) / 7) / largest;
        CHECK(table[static_cast<Size>(6 - i)] == doctest::Approx(down).epsilon(1e-5));
    }
    CHECK(table[7] == 0);
}

TEST_CASE("every value of a table is its own code") {
    for (const char* name : {"nf4", "fp4", "fp4_e2m1"}) {
        CAPTURE(name);
        const auto& table = find_code_table("test", name);
        const auto r = quantize_code_table(with(Array<double>({16}, std::vector<double>(table.begin(), table.end())), name));
        CHECK(r.dequant.data == std::vector<double>(table.begin(), table.end()));
        for (Size code = 0; code < 16; ++code) {
            if (table[code] != 0) CHECK(r.q.data[code] == static_cast<double>(code));
        }
        CHECK(r.mse == 0);
    }
}

TEST_CASE("no other code would come nearer") {
    for (const char* name : {"nf4", "fp4", "fp4_e2m1"}) {
        const auto r = quantize_code_table(with(normal({3, 50}, 2), name));
        const Array<double> x = normal({3, 50}, 2);
        CHECK(r.scale.shape == Shape{3});
        for (Size i = 0; i < x.size(); ++i) {
            const double scale = r.scale.data[i / 64], distance = std::fabs(x.data[i] - r.dequant.data[i]);
            for (double value : find_code_table("test", name))
                CHECK(distance <= std::fabs(x.data[i] - value * scale) + 1e-15);
        }
    }
}

TEST_CASE("halfway between two values NF4 takes the lower one and FP4 the smaller magnitude") {
    const auto& table = find_code_table("test", "fp4_e2m1");
    CHECK(table[2] == 1.0 / 6);
    CHECK(quantize_code_table(with({{3}, {6, 2.5, -2.5}}, "fp4_e2m1")).dequant.data == std::vector<double>{6, 2, -2});
    const auto& normal_float = find_code_table("test", "nf4");
    const double middle = normal_float[8] / 2;
    CHECK(quantize_code_table(with({{2}, {1, middle}})).q.data == std::vector<double>{15, 7});
    CHECK(quantize_code_table(with({{2}, {1, normal_float[6] / 2}})).q.data == std::vector<double>{15, 6});
}

TEST_CASE("on normal values NF4 loses less than FP4 and evenly spaced codes") {
    const Array<double> x = normal({64, 64}, 3);
    const double nf4 = quantize_code_table(with(x)).mse;
    CHECK(nf4 < quantize_code_table(with(x, "fp4")).mse);
    QuantizeAbsmaxOptions even;
    even.x = x;
    even.bits = 4;
    even.granularity = "group";
    even.group = 64;
    CHECK(nf4 < quantize_absmax(even).mse);
}

TEST_CASE("double quantisation costs 0.127 bits for each value instead of 0.5, and a little precision") {
    QuantizeCodeTableOptions o = with(normal({300, 64}, 4));
    const auto once = quantize_code_table(o);
    CHECK(once.bits_per_value == 4.5);
    CHECK_FALSE(once.scale_codes);
    o.double_quantization = true;
    const auto twice = quantize_code_table(o);
    CHECK(twice.bits_per_value == doctest::Approx(4.127).epsilon(1e-4));
    CHECK(twice.q.data == once.q.data);
    CHECK(twice.outer_scale->shape == Shape{2});
    for (Size k = 0; k < 300; ++k) {
        const double most = twice.outer_scale->data[k / 256] * 448;
        CHECK(std::fabs(twice.scale.data[k] - twice.absmax.data[k]) <= most / 16);
        CHECK(twice.scale.data[k] == *twice.scale_mean + twice.scale_codes->data[k] * twice.outer_scale->data[k / 256]);
    }
    CHECK(twice.mse < 1.01 * once.mse);
}

TEST_CASE("zeros come back, in a block of their own and beside other blocks") {
    CHECK(quantize_code_table(with(Array<double>({5}))).q.data == std::vector<double>(5, 7));
    QuantizeCodeTableOptions o = with(Array<double>({2, 64}), "fp4");
    o.x.data[100] = 3;
    o.double_quantization = true;
    const auto r = quantize_code_table(o);
    CHECK(r.dequant.data[0] == 0);
    o.x = Array<double>({2, 64}, 1);
    CHECK(quantize_code_table(o).dequant.data == o.x.data);
}

TEST_CASE("code tables refuse what they are not defined for") {
    CHECK_THROWS_WITH_AS(quantize_code_table(with(normal({4}, 1), "nf3")),
                         "quantize_code_table: table must be nf4, fp4 or fp4_e2m1, got nf3", DomainError);
    QuantizeCodeTableOptions o = with(normal({4}, 1));
    o.block = 0;
    CHECK_THROWS_AS(quantize_code_table(o), DomainError);
    o.block = 64;
    o.scale_block = -1;
    CHECK_THROWS_AS(quantize_code_table(o), DomainError);
    CHECK_THROWS_AS(quantize_code_table(with(Array<double>({0}))), DomainError);
}
