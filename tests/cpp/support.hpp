#pragma once

// What the tests of kernels share: seeded tensors, a comparison by tolerance, and the conformance cases.

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "clearformer/random.hpp"
#include "clearformer/tensor.hpp"

namespace clearformer::testing {

/// Standard normal entries.
template <class Real = double>
Array<Real> normal(Shape shape, std::uint64_t seed, double deviation = 1) {
    Random random(seed);
    Array<Real> array(std::move(shape));
    for (Real& value : array.data) value = static_cast<Real>(random.normal() * deviation);
    return array;
}

template <class Real>
Array<double> in_double(const Array<Real>& a) {
    return Array<double>(a.shape, std::vector<double>(a.data.begin(), a.data.end()));
}

/// The largest |a - b|, infinite where one is NaN or infinite and the other not the same.
template <class A, class B>
double distance(const A& a, const B& b) {
    if (a.size() != b.size()) return kInfinity;
    double most = 0;
    for (Size i = 0; i < a.size(); ++i) {
        const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
        if (x == y || (std::isnan(x) && std::isnan(y))) continue;
        most = std::isfinite(x) && std::isfinite(y) ? std::max(most, std::fabs(x - y)) : kInfinity;
    }
    return most;
}

using Json = nlohmann::json;

inline double number_of(const Json& value) {
    if (value.is_number()) return value.get<double>();
    const std::string text = value.get<std::string>();
    return text == "inf" ? kInfinity : text == "-inf" ? -kInfinity : kNaN;
}

inline std::vector<double> numbers_of(const Json& list) {
    std::vector<double> numbers;
    for (const Json& value : list) numbers.push_back(number_of(value));
    return numbers;
}

inline Shape shape_of(const Json& tensor) {
    const auto extents = tensor.at("shape").get<std::vector<Size>>();
    return Shape(extents.begin(), extents.end());
}

template <class Real = double>
Array<Real> tensor_of(const Json& tensor) {
    const std::vector<double> numbers = numbers_of(tensor.at("data"));
    return Array<Real>(shape_of(tensor), std::vector<Real>(numbers.begin(), numbers.end()));
}

/// Calls f with every case of tests/conformance/cases/<suite>.json whose op is the one given; there must be some.
template <class Function>
void for_each_case(const std::string& suite, const std::string& op, Function f) {
    const std::string path = std::string(CLEARFORMER_ROOT) + "/tests/conformance/cases/" + suite + ".json";
    std::ifstream file(path);
    REQUIRE_MESSAGE(file.good(), "cannot read ", path);
    const Json suite_of_cases = Json::parse(file);
    int count = 0;
    for (const Json& test_case : suite_of_cases.at("cases")) {
        if (test_case.at("op") != op) continue;
        CAPTURE(test_case.at("name").get<std::string>());
        f(test_case);
        ++count;
    }
    CHECK_MESSAGE(count > 0, "no case of ", op);
}

/// |a - b| <= 1e-5 max(|b|, m / 20) with m the largest magnitude expected, or the case's own absolute tolerance.
inline void check_numbers(const std::vector<double>& actual, const std::vector<double>& expected, const Json& test_case) {
    REQUIRE(actual.size() == expected.size());
    const bool absolute = test_case.contains("tol") && test_case["tol"].is_object() && test_case["tol"].contains("abs");
    double magnitude = 0;
    for (double value : expected) magnitude = std::isfinite(value) ? std::max(magnitude, std::fabs(value)) : magnitude;
    for (Size i = 0; i < actual.size(); ++i) {
        const double a = actual[i], b = expected[i];
        if (a == b || (std::isnan(a) && std::isnan(b))) continue;
        const double bound =
            absolute ? test_case["tol"]["abs"].get<double>() : 1e-5 * std::max(std::fabs(b), magnitude / 20);
        CHECK_MESSAGE(std::fabs(a - b) <= bound, "entry ", i, ": ", a, " instead of ", b);
    }
}

template <class Real>
void check_tensor(const Array<Real>& actual, const std::string& name, const Json& test_case) {
    const Json& expected = test_case.at("expected");
    if (!expected.contains(name)) return;
    CAPTURE(name);
    CHECK(actual.shape == shape_of(expected[name]));
    check_numbers(in_double(actual).data, numbers_of(expected[name].at("data")), test_case);
}

}  // namespace clearformer::testing
