// Rotations and position tables against the results of Hugging Face Transformers and RoFormer.

#include <numbers>

#include "clearformer/position/rope.hpp"
#include "clearformer/position/sinusoidal.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

template <class Real = double>
RopeOptions<Real> options_of(const Json& c, const std::string& pairing) {
    RopeOptions<Real> o;
    o.x = tensor_of<Real>(c["inputs"]["x"]);
    o.positions = numbers_of(c["params"]["positions"]);
    o.theta = c["params"]["theta"];
    o.pairing = pairing;
    if (c["params"].contains("rotary_dim")) o.rotary_dim = c["params"]["rotary_dim"].get<int>();
    return o;
}

/// x [.. D] with its last axis in another order.
Array<double> permuted(const Array<double>& x, const std::vector<Size>& order) {
    Array<double> y = x;
    for (Size row = 0; row < x.rows(); ++row) {
        for (Size d = 0; d < x.width(); ++d) y.row(row)[d] = x.row(row)[order[d]];
    }
    return y;
}

}  // namespace

TEST_CASE_TEMPLATE("half-split rotation conforms", Real, float, double) {
    for_each_case("rope", "rope_half_split", [](const Json& c) {
        const auto r = rope(options_of<Real>(c, "half_split"));
        check_tensor(r.inverse_frequencies, "inv_freq", c);
        check_tensor(r.cos, "cos", c);
        check_tensor(r.sin, "sin", c);
        check_tensor(r.y, "y", c);
    });
}

TEST_CASE_TEMPLATE("interleaved rotation conforms", Real, float, double) {
    for_each_case("rope", "rope_interleaved",
                  [](const Json& c) { check_tensor(rope(options_of<Real>(c, "interleaved")).y, "y", c); });
}

TEST_CASE("interleaved rotation left in half-split order conforms") {
    for_each_case("rope", "rope_deepseek_v3_interleave", [](const Json& c) {
        auto o = options_of(c, "interleaved");
        o.output_layout = "half_split";
        check_tensor(rope(o).y, "y", c);
    });
}

TEST_CASE("the permutation between the pairings conforms") {
    for_each_case("rope", "rope_permutation", [](const Json& c) {
        check_tensor(rope(options_of(c, "interleaved")).y, "y_interleaved", c);
        auto o = options_of(c, "half_split");
        o.x = permuted(o.x, c["params"]["perm"].get<std::vector<Size>>());
        check_tensor(rope(o).y, "y_half_of_permuted_x", c);
    });
}

TEST_CASE("relative positions conform") {
    for_each_case("rope", "rope_relative", [](const Json& c) {
        const std::vector<double> theta = numbers_of(c["inputs"]["theta"]), m = numbers_of(c["inputs"]["m"]),
                                  n = numbers_of(c["inputs"]["n"]);
        for (const char* pairing : {"half_split", "interleaved"}) {
            std::vector<double> products;
            for (Size i = 0; i < theta.size(); ++i) {
                RopeOptions<double> o;
                o.theta = theta[i];
                o.pairing = pairing;
                o.x = tensor_of(c["inputs"]["q"]);
                o.positions = {m[i]};
                const Array<double> q = rope(o).y;
                o.x = tensor_of(c["inputs"]["k"]);
                o.positions = {n[i]};
                const Array<double> k = rope(o).y;
                double sum = 0;
                for (Size d = 0; d < q.size(); ++d) sum += q.data[d] * k.data[d];
                products.push_back(sum);
            }
            const bool half = std::string(pairing) == "half_split";
            check_numbers(products, numbers_of(c["expected"][half ? "dot_half" : "dot_interleaved"]), c);
        }
    });
}

TEST_CASE("wavelengths conform") {
    for_each_case("rope", "rope_wavelengths", [](const Json& c) {
        std::vector<double> wavelengths;
        for (double theta : numbers_of(c["params"]["thetas"])) {
            const std::vector<double> frequencies = inverse_frequencies(theta, c["params"]["dim"].get<Size>());
            for (Size pair : c["expected"]["pair_index"].get<std::vector<Size>>())
                wavelengths.push_back(2 * std::numbers::pi / frequencies[pair]);
        }
        check_numbers(wavelengths, numbers_of(c["expected"]["wavelength"]["data"]), c);
    });
}

TEST_CASE("GPT-J's table conforms") {
    for_each_case("rope", "gptj_sinusoid_table", [](const Json& c) {
        SinusoidalOptions o;
        o.length = c["params"]["n_pos"];
        o.dim = c["params"]["dim"];
        o.layout = "concatenated";
        check_tensor(sinusoidal_positions(o).table, "table", c);
    });
}
