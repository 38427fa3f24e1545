// Traces of properties of positions: every tensor that was not given opens.

#include "clearformer/position/rope_properties.hpp"
#include "clearformer/position/rope_scaling.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("scores that depend on the distance alone open down to query and key") {
    const auto r = rope_relative({normal({1, 4}, 1), normal({1, 4}, 2), {100, 100}, {3, 8}, {1, 6}, true});
    check_every_tensor(*r.trace);
    CHECK(r.trace->tensor("halfSplit").data == r.half_split);
    CHECK(r.half_split[0] == doctest::Approx(r.half_split[1]));
}

TEST_CASE("wavelengths and the scale of YaRN open") {
    check_every_tensor(*rope_wavelengths({16, {10000, 5e5}, 4, 2048, true}).trace);
    check_every_tensor(*rope_wavelengths({2, {10000}, 4, 0, true}).trace);
    for (double factor : {0.5, 40.0}) check_every_tensor(*yarn_softmax_scale({192, factor, 1, true}).trace);
}
