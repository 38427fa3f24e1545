#include "clearformer/text/word_tokenizer.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "clearformer/check.hpp"
#include "clearformer/random.hpp"

using namespace clearformer;

namespace {

std::vector<int> ids_of(const std::string& text) {
    std::vector<int> ids;
    for (const Token& token : tokenize({text}).tokens) ids.push_back(token.id);
    return ids;
}

/// "The| cat"
std::string split(const std::string& text) {
    std::string parts;
    for (const Token& token : tokenize({text}).tokens) parts += (parts.empty() ? "" : "|") + token.text;
    return parts;
}

std::string kinds(const std::string& text) {
    std::string list;
    for (const Token& token : tokenize({text}).tokens) list += (list.empty() ? "" : " ") + token.kind;
    return list;
}

bool comes_back(const std::string& text) { return detokenize({ids_of(text)}).text == text; }

}  // namespace

TEST_CASE("every piece of the vocabulary is there once") {
    const WordTokenizer words;
    std::set<std::string> pieces;
    for (int id = 0; id < words.vocabulary_size(); ++id) {
        CHECK_FALSE(words.piece(id).empty());
        CHECK_MESSAGE(pieces.insert(words.piece(id)).second, words.piece(id), " is there twice");
    }
    CHECK(words.vocabulary_size() > 3500);
    CHECK(words.vocabulary_size() < 6000);
}

TEST_CASE("every piece by itself is one token, its own") {
    const WordTokenizer words;
    for (int id = 0; id < words.vocabulary_size(); ++id) {
        const std::vector<Token> tokens = words.encode(words.piece(id));
        REQUIRE(tokens.size() == 1);
        CHECK(tokens[0].id == id);
    }
}

TEST_CASE("the sentences of the tutorials fall into words") {
    CHECK(split("The cat that chased mice sleeps") == "The| cat| that| chased| mice| sleeps");
    CHECK(split("The animal didn't cross the street because it was too tired.") ==
          "The| animal| didn't| cross| the| street| because| it| was| too| tired|.");
    CHECK(split("She sat by the river bank, money in hand.") == "She| sat| by| the| river| bank|,| money| in| hand|.");
    CHECK(split("The king and the queen") == "The| king| and| the| queen");
    CHECK(split("The trophy doesn't fit in the suitcase") == "The| trophy| doesn't| fit| in| the| suitcase");
}

TEST_CASE("a word has other ids with a space before it and with a capital") {
    const std::set<int> ids = {ids_of("cat")[0], ids_of(" cat")[0], ids_of("Cat")[0], ids_of(" Cat")[0]};
    CHECK(ids.size() == 4);
    CHECK(ids_of("cat cat")[1] == ids_of(" cat")[0]);
}

TEST_CASE("digits stand alone, with the space before them") {
    CHECK(split("in 2017") == "in| 2|0|1|7");
    CHECK(kinds("in 2017") == "word word word word word");
}

TEST_CASE("unknown words fall apart into known pieces and bytes") {
    CHECK(split("Clearformer") == "Clear|former");
    CHECK(split("unlearnable") == "un|learn|able");
    CHECK(split("zzz") == "z|z|z");
    CHECK(kinds("zzz") == "byte byte byte");
}

TEST_CASE("what is not ASCII is bytes, each with the place of its character") {
    const std::vector<Token> tokens = tokenize({"a\U0001F600b"}).tokens;  // 4 bytes, 2 UTF-16 units
    REQUIRE(tokens.size() == 6);
    for (std::size_t i = 1; i <= 4; ++i) {
        CHECK(tokens[i].begin == 1);
        CHECK(tokens[i].end == 3);
        CHECK(tokens[i].kind == "byte");
        CHECK(tokens[i].text == "\uFFFD");
    }
    CHECK(tokens[1].label == "0xF0");
    CHECK(tokens[1].bytes == std::vector<int>{0xF0});
    CHECK(tokens[5].begin == 3);
    CHECK(tokens[5].end == 4);
}

TEST_CASE("places count UTF-16 units") {
    const std::vector<Token> tokens = tokenize({"\u00e9 cat"}).tokens;  // two bytes, one unit
    REQUIRE(tokens.size() == 3);
    CHECK(tokens[1].end == 1);
    CHECK(tokens[2].begin == 1);
    CHECK(tokens[2].end == 5);
}

TEST_CASE("the places of the tokens cover the text without a gap") {
    for (const char* text :
         {"The cat, the dog.", "a  b\n\tc", "\u05e9\u05dc\u05d5\u05dd world", "x\U0001F600\U0001F600y", "\xff\xfe ok"}) {
        int reached = 0;
        for (const Token& token : tokenize({text}).tokens) {
            CHECK(token.begin <= reached);
            CHECK(token.end >= reached);
            CHECK(token.end > token.begin);
            reached = token.end;
        }
    }
}

TEST_CASE("kinds tell words, punctuation, spaces and bytes") {
    CHECK(kinds("I see a cat , \n") == "word word word word punctuation space space");
    CHECK(kinds("(yes) !") == "punctuation word punctuation punctuation");
    CHECK(kinds("\u00e9") == "byte byte");
    CHECK(kinds("xaz") == "byte byte byte");
    CHECK(kinds("a") == "word");
}

TEST_CASE("labels are printable") {
    const auto label = [](const std::string& text) { return tokenize({text}).tokens[0].label; };
    CHECK(label(" cat") == "cat");
    CHECK(label("Cat") == "Cat");
    CHECK(label(" ,") == ",");
    CHECK(label(" ") == "\u2423");
    CHECK(label("\n") == "\\n");
    CHECK(label(std::string(1, '\0')) == "0x00");
    CHECK(label("\xc3\xa9") == "0xC3");
    CHECK(label("z") == "z");
}

TEST_CASE("the empty text has no token") {
    CHECK(tokenize({""}).tokens.empty());
    CHECK(detokenize({{}}).text.empty());
}

TEST_CASE("every text comes back: right to left, combining, emoji families, spaces, control characters, ill-formed bytes") {
    for (const std::string& text :
         {std::string("Hello, world! Don't  panic."), std::string("\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"),
          std::string("e\u0301 \u00e9"), std::string("\U0001F468\u200D\U0001F469\u200D\U0001F467"),
          std::string("\t\r\n  \v\f"), std::string("\0null\0", 6), std::string("\xff\xc3(\xe2\x82 \xf0\x9f\x98"),
          std::string("\xed\xa0\x80 surrogate"), std::string("   the   cat   ")}) {
        CHECK(comes_back(text));
    }
}

TEST_CASE("every sequence of random bytes and of random ids comes back") {
    Random random(5);
    const WordTokenizer words;
    for (int round = 0; round < 300; ++round) {
        std::string bytes;
        for (std::uint64_t i = random.next() % 60; i-- > 0;) bytes += static_cast<char>(random.next());
        CHECK(comes_back(bytes));
        std::string text;
        for (std::uint64_t i = random.next() % 12; i-- > 0;) {
            text += words.piece(static_cast<int>(random.next() % static_cast<std::uint64_t>(words.vocabulary_size())));
        }
        CHECK(comes_back(text));
    }
}

TEST_CASE("every token says the bytes that its id stands for") {
    const WordTokenizer words;
    for (const Token& token : words.encode("The cat\u00e9 sleeps.")) {
        CHECK(std::string(token.bytes.begin(), token.bytes.end()) == words.piece(token.id));
    }
}

TEST_CASE("an id outside the vocabulary is refused") {
    const int size = WordTokenizer().vocabulary_size();
    CHECK_THROWS_WITH_AS(detokenize({{size}}),
                         sentence("detokenize: ids must be at least 0 and below ", size, ", got ", size).c_str(),
                         DomainError);
    CHECK_THROWS_AS(detokenize({{-1}}), DomainError);
}
