#include "clearformer/text/utf8.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace clearformer;

namespace {

/// "1 2 x1": the bytes of each character, with x before an invalid one.
std::string lengths(std::string_view text) {
    std::string list;
    for (const Character& c : characters(text))
        list += (list.empty() ? "" : " ") + std::string(c.valid ? "" : "x") + std::to_string(c.bytes);
    return list;
}

}  // namespace

TEST_CASE("characters have one to four bytes") {
    CHECK(lengths("a\u00e9\u20ac\U0001F600") == "1 2 3 4");
    CHECK(lengths("") == "");
}

TEST_CASE("only characters beyond the basic plane have two UTF-16 units") {
    const std::vector<Character> found = characters("\u20ac\U0001F600b");
    CHECK(found[0].units == 1);
    CHECK(found[1].units == 2);
    CHECK(found[2].unit == 3);
    CHECK(found[2].begin == 7);
}

TEST_CASE("ill-formed bytes are divided as browsers do") {
    CHECK(lengths("\x80\x80") == "x1 x1");                // nothing to continue
    CHECK(lengths("\xc0\xaf") == "x1 x1");                // overlong
    CHECK(lengths("\xe0\x80\x80") == "x1 x1 x1");         // overlong
    CHECK(lengths("\xed\xa0\x80") == "x1 x1 x1");         // surrogate
    CHECK(lengths("\xf4\x90\x80\x80") == "x1 x1 x1 x1");  // beyond U+10FFFF
    CHECK(lengths("\xe2\x82(") == "x2 1");                // cut short
    CHECK(lengths("\xf0\x9f\x98") == "x3");               // cut short by the end
    CHECK(lengths("\xff"
                  "a") == "x1 1");
}
