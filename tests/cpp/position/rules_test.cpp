// The rules of the position encodings, evaluated once more from their operands.

#include "clearformer/position/rules.hpp"

#include "clearformer/position/rope.hpp"
#include "clearformer/position/sinusoidal.hpp"
#include "support.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("a rotated entry opens into its pair and the angle's cosine and sine") {
    for (const char* pairing : {"half_split", "interleaved"}) {
        for (int rotary_dim : {8, 6, 4}) {
            CAPTURE(pairing);
            CAPTURE(rotary_dim);
            Trace trace;
            RopeOptions<double> o;
            o.x = give(trace, "x", normal({2, 3, 8}, 1));
            o.positions = {0, 5, 1000};
            o.pairing = pairing;
            o.rotary_dim = rotary_dim;
            o.theta = 500;
            const Rotation rotation{o.positions, static_cast<Size>(rotary_dim), 500, std::string(pairing) == "interleaved"};
            record(trace, "y", rope(o).y, rotation_rule("x", rotation));
            check_every_entry(trace, "y");
        }
    }
}

TEST_CASE("an entry of the sinusoidal table opens into position, frequency and angle") {
    for (bool concatenated : {false, true}) {
        Trace trace;
        SinusoidalOptions o;
        o.length = 5;
        o.dim = 6;
        o.layout = concatenated ? "concatenated" : "interleaved";
        record(trace, "table", sinusoidal_positions(o).table, sinusoid_rule(6, concatenated));
        check_every_entry(trace, "table");
    }
}
