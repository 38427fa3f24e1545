// Traces of measures that compare texts: every tensor that was not given opens.

#include "clearformer/text/bleu.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("BLEU opens down to the counts: usual, too short, without a match, empty") {
    for (const char* hypothesis : {"the cat sat on the mat", "the cat", "dogs", ""}) {
        CAPTURE(hypothesis);
        BleuOptions o;
        o.hypothesis = hypothesis;
        o.references = {"the cat sat on the red mat", "a cat is on the mat"};
        o.trace = true;
        const auto r = bleu(o);
        check_every_tensor(*r.trace);
        CHECK(r.trace->value("bleuAddOne", {}) == r.bleu_add_one);
    }
}
