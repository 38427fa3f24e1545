#include "clearformer/attention/masks.hpp"

#include <doctest/doctest.h>

#include "clearformer/attention/attention_trace.hpp"
#include "trace_support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

MaskOptions square(const std::string& mask, int n) {
    MaskOptions o;
    o.queries = o.keys = n;
    o.mask = mask;
    return o;
}

std::string picture(const MaskOptions& o) {
    const Array<double> allow = attention_mask(o).allow;
    std::string text;
    for (Size r = 0; r < allow.rows(); ++r) {
        for (Size s = 0; s < allow.width(); ++s) text += allow.row(r)[s] != 0 ? 'x' : '.';
        text += ' ';
    }
    return text;
}

}  // namespace

TEST_CASE("a causal mask hides the future") { CHECK(picture(square("causal", 4)) == "x... xx.. xxx. xxxx "); }

TEST_CASE("with fewer queries than keys a causal mask aligns bottom-right, or top-left when the offset is 0") {
    MaskOptions o = square("causal", 4);
    o.queries = 2;
    CHECK(picture(o) == "xxx. xxxx ");
    o.query_offset = 0;
    CHECK(picture(o) == "x... xx.. ");
}

TEST_CASE("a sliding window of 2 is the token itself and the one before") {
    MaskOptions o = square("sliding_causal", 4);
    o.window = 2;
    CHECK(picture(o) == "x... xx.. .xx. ..xx ");
}

TEST_CASE("a window as wide as the sequence is a causal mask") {
    MaskOptions o = square("sliding_causal", 5);
    o.window = 5;
    CHECK(picture(o) == picture(square("causal", 5)));
}

TEST_CASE("joined masks must all allow; + is a choice") {
    MaskOptions o = square("causal&key_padding", 4);
    o.valid = {1, 1, 0, 1};
    CHECK(picture(o) == "x... xx.. xx.. xx.x ");
    CHECK(picture(square("global(0)+local(1)", 4)) == "xxxx xxx. xxxx x.xx ");
}

TEST_CASE("chunks, documents and prefixes cut the sequence as their names say") {
    MaskOptions o = square("chunked_causal", 4);
    o.chunk = 2;
    CHECK(picture(o) == "x... xx.. ..x. ..xx ");
    o = square("causal&same_document", 4);
    o.documents = {0, 0, 1, 1};
    CHECK(picture(o) == "x... xx.. ..x. ..xx ");
    o = square("prefix", 4);
    o.prefix = 2;
    CHECK(picture(o) == "xx.. xx.. xxx. xxxx ");
}

TEST_CASE("a mask refuses what it cannot build") {
    CHECK_THROWS_AS(attention_mask(square("diagonal", 3)), DomainError);
    CHECK_THROWS_WITH_AS(attention_mask(square("sliding_causal", 3)), "attention_mask: \"sliding_causal\" needs window",
                         DomainError);
    CHECK_THROWS_AS(attention_mask(square("key_padding", 3)), DomainError);
    CHECK_THROWS_AS(attention_mask(square("causal(2)", 3)), DomainError);
    CHECK_THROWS_AS(attention_mask(square("local(x)", 3)), DomainError);
    CHECK_THROWS_AS(attention_mask(square("", 3)), DomainError);
    std::string many = "causal";
    for (int i = 0; i < 16; ++i) many += "&causal";
    CHECK_THROWS_AS(attention_mask(square(many, 3)), DomainError);
}

TEST_CASE("a mask takes the largest offsets") {
    MaskOptions o = square("causal", 3);
    o.query_offset = 2147483647;
    CHECK(picture(o) == "xxx xxx xxx ");
    o.query_offset = -2147483647 - 1;
    CHECK(picture(o) == "... ... ... ");
}

TEST_CASE("a symmetric window looks as far ahead as back, under each of its names") {
    for (const char* name : {"sliding", "sliding_bidirectional", "sliding_symmetric", "local"}) {
        MaskOptions o = square(name, 4);
        o.half_window = 1;
        CHECK(picture(o) == "xx.. xxx. .xxx ..xx ");
    }
    CHECK(picture(square("local(1)", 4)) == "xx.. xxx. .xxx ..xx ");
}

TEST_CASE("every entry of a mask opens to the conditions that allow it, each to the positions") {
    MaskOptions o = square("sliding_causal + global(0) & key_padding & causal", 5);
    o.window = 2;
    o.valid = {1, 1, 1, 0, 1};
    const Trace trace = trace_of(o);
    CHECK(trace.tensor("allow").data == attention_mask(o).allow.data);
    for (const char* name : {"sliding_causal", "global(0)", "key_padding", "causal"}) CHECK(trace.has(name));
    check_every_tensor(trace);
    const Explanation page = trace.explain("sliding_causal", {3, 1});
    CHECK(page.rule == "1 where the key is the query's own or one of the window before it.");
    CHECK(page.steps[1].values == std::vector<double>{2});
    CHECK(page.value == 0);
    o = square("prefix + prefix & same_chunk", 4);
    o.prefix = 1;
    o.chunk = 2;
    o.query_offset = 3;
    check_every_tensor(trace_of(o));
}
