#include "clearformer/text/bpe.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

constexpr const char* kText =
    "the cat sat on the mat. the cats sat on that mat; don't they? No: that's 12 cats, 120 mats.\n\n  the rat's hat — "
    "naïve, ok? "
    "🙂🙂";

BpeTrainResult trained(const std::string& text, int merges = 50, const char* pretokenizer = "gpt2") {
    BpeTrainOptions o;
    o.text = text;
    o.merges = merges;
    o.pretokenizer = pretokenizer;
    return bpe_train(o);
}

BpeEncodeResult encoded(const std::string& text, const std::vector<BpeMerge>& merges, bool steps = false) {
    BpeEncodeOptions o;
    o.text = text;
    o.merges = merges;
    o.steps = steps;
    return bpe_encode(o);
}

std::string decoded(const std::vector<int>& ids, const std::vector<BpeMerge>& merges) {
    BpeDecodeOptions o;
    o.ids = ids;
    o.merges = merges;
    return bpe_decode(o).text;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string all;
    for (const std::string& part : parts) all += part + "|";
    return all;
}

std::string pieces(const std::string& text) { return joined(encoded(text, {}).pieces); }

}  // namespace

TEST_CASE("every text comes back, valid UTF-8 or not") {
    const auto merges = trained(kText).merges;
    CHECK(merges.size() == 20);
    CHECK(decoded(encoded(kText, merges).ids, merges) == kText);
    CHECK(encoded("", merges).ids.empty());
    Random random(4);
    for (int i = 0; i < 200; ++i) {
        std::string text(static_cast<Size>(random.uniform() * 40), ' ');
        for (char& c : text) c = static_cast<char>(random.next() & (i % 2 ? 0xFF : 0x7F));
        const auto r = encoded(text, merges);
        CHECK(decoded(r.ids, merges) == text);
        std::string all;
        for (const BpeToken& token : r.tokens) {
            for (int byte : token.bytes) all += static_cast<char>(byte);
        }
        CHECK(all == text);
    }
}

TEST_CASE("training merges the most frequent pair, again and again") {
    // Counted by hand: l-o and o-w stand 7 times each, and l comes before o.
    const auto r = trained("low low low low low lower lower", 3, "none");
    CHECK(r.merges[0].text == "lo");
    CHECK(r.merges[0].count == 7);
    CHECK(r.merges[1].text == "low");
    CHECK(r.merges[2].text == "Ġlow");
    CHECK(r.merges[2].count == 6);
    CHECK(r.merges[2].left == 32);
    CHECK(r.merges[2].right == 257);
    CHECK(r.vocabulary.size() == 259);
    CHECK(r.bytes == 31);
    CHECK(r.tokens == 31 - 7 - 7 - 6);
}

TEST_CASE("counts and tokens of training are those of encoding with the merges so far") {
    const auto r = trained(kText);
    for (Size i = 0; i < r.merges.size(); ++i) {
        const std::vector<BpeMerge> before(r.merges.begin(), r.merges.begin() + static_cast<std::ptrdiff_t>(i));
        std::vector<BpeMerge> after = before;
        after.push_back(r.merges[i]);
        const auto tokens = encoded(kText, before).tokens;
        int count = 0;
        for (Size t = 0; t + 1 < tokens.size(); ++t) {
            count += tokens[t].piece == tokens[t + 1].piece && tokens[t].id == r.merges[i].left &&
                     tokens[t + 1].id == r.merges[i].right;
        }
        CHECK(count == r.merges[i].count);
        CHECK(static_cast<int>(encoded(kText, after).ids.size()) == r.merges[i].tokens);
    }
    CHECK(r.tokens == r.merges.back().tokens);
}

TEST_CASE("no pair left is frequent enough, or training has made as many as it may") {
    CHECK(trained("abcdefg").merges.empty());
    CHECK(trained("aaaa", 2000, "none").merges.size() == 1);
    CHECK(trained(kText, 3).merges.size() == 3);
    BpeTrainOptions o;
    o.text = "abc";
    o.min_frequency = 1;
    CHECK(bpe_train(o).merges.size() == 2);
    CHECK(bpe_train(o).merges[0].text == "ab");
}

TEST_CASE("GPT-2's pattern splits contractions, words, numbers, marks and white space") {
    CHECK(pieces("Hello world") == "Hello|Ġworld|");
    CHECK(pieces("don't they'll I'M") == "don|'t|Ġthey|'ll|ĠI|'|M|");
    CHECK(pieces("a1b 22,3") == "a|1|b|Ġ22|,|3|");
    CHECK(pieces("a  b   ") == "a|Ġ|Ġb|ĠĠĠ|");
    CHECK(pieces("a\n\nb \tc") == "a|Ċ|Ċ|b|Ġ|ĉ|c|");
    CHECK(pieces("naïve été—½ ٣") == "naÃ¯ve|ĠÃ©tÃ©|âĢĶ|Â½|ĠÙ£|");
    CHECK(pieces("?!...") == "?!...|");
    CHECK(pieces("日本語 テスト") == "æĹ¥æľ¬èªŀ|ĠãĥĨãĤ¹ãĥĪ|");
}

TEST_CASE("bytes are written as 256 different printable characters") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    CHECK(bytes_as_text(" \n\xAD\x7F\x80\xA0!~") == "ĠĊŃġĢł!~");
    std::vector<std::string> seen;
    for (char byte : all) seen.push_back(bytes_as_text({&byte, 1}));
    std::sort(seen.begin(), seen.end());
    CHECK(std::unique(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("each step shows a piece after one merge, the earliest first") {
    const auto merges = trained("low low low low low lower lower", 3, "none").merges;
    const auto r = encoded("lowlow slow", merges, true);
    std::vector<std::string> steps;
    for (const BpeStep& step : r.steps)
        steps.push_back(std::to_string(step.piece) + "/" + std::to_string(step.merge) + " " + joined(step.parts));
    CHECK(steps == std::vector<std::string>{"0/-1 l|o|w|l|o|w|", "0/0 lo|w|lo|w|", "0/1 low|low|", "1/-1 Ġ|s|l|o|w|",
                                            "1/0 Ġ|s|lo|w|", "1/1 Ġ|s|low|"});
    CHECK(encoded("lowlow", merges).steps.empty());
}

TEST_CASE("a token's place counts UTF-16 units, and part of a character has the place of the whole") {
    const auto r = encoded("a🙂é", {});
    CHECK(r.tokens.size() == 7);
    CHECK(r.tokens[0].end == 1);
    for (Size i = 1; i < 5; ++i) {
        CHECK(r.tokens[i].begin == 1);
        CHECK(r.tokens[i].end == 3);
    }
    CHECK(r.tokens[6].begin == 3);
    CHECK(r.tokens[6].end == 4);
}

TEST_CASE("the order of merges decides, whatever the text") {
    const std::vector<BpeMerge> merges = {{'b', 'c'}, {'a', 'b'}, {'a', 256}};
    CHECK(encoded("abc", merges).ids == std::vector<int>{258});
    CHECK(encoded("ab", merges).ids == std::vector<int>{257});
    const std::vector<BpeMerge> runs = {{'a', 'a'}};
    CHECK(encoded("aaa", runs).ids == std::vector<int>{256, 'a'});
}

TEST_CASE("byte pair encoding refuses what it is not defined for") {
    CHECK_THROWS_WITH_AS(encoded("a", {{256, 1}}), "bpe_encode: merge 0 must join tokens below 256, got 256", DomainError);
    CHECK_THROWS_AS(encoded("a", {{-1, 1}}), DomainError);
    std::vector<BpeMerge> doubling = {{'a', 'a'}};
    for (int i = 0; i < 9; ++i) doubling.push_back({256 + i, 256 + i});
    CHECK(encoded(std::string(1024, 'a'), doubling).ids == std::vector<int>{265});
    doubling.push_back({265, 'a'});
    CHECK_THROWS_AS(encoded("a", doubling), DomainError);
    CHECK_THROWS_WITH_AS(decoded({256}, {}), "bpe_decode: ids must be at least 0 and below 256, got 256", DomainError);
    CHECK_THROWS_AS(decoded({-1}, {}), DomainError);
    CHECK_THROWS_AS(encoded(std::string(1001, 'a'), {}, true), DomainError);
    CHECK_THROWS_AS(encoded(std::string(16385, 'a'), {}), DomainError);
    CHECK_THROWS_AS(trained("a", 2001), DomainError);
    CHECK_THROWS_AS(trained("a", -1), DomainError);
    CHECK_THROWS_AS(trained("a", 1, "llama"), DomainError);
    CHECK_THROWS_AS(trained(std::string(32769, 'a')), DomainError);
}

TEST_CASE("the largest texts are encoded and trained in a moment") {
    Random random(6);
    std::string text(32768, ' ');
    for (char& c : text) c = static_cast<char>('a' + (random.next() & 7));
    const auto r = trained(text, 2000, "none");
    CHECK(r.merges.size() > 1000);
    BpeEncodeOptions o;
    o.text = text.substr(0, 16384);
    o.merges = r.merges;
    o.pretokenizer = "none";
    CHECK(bpe_encode(o).ids.size() < 8000);
}
