#include "clearformer/text/bleu.hpp"

#include <cmath>

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

BleuResult scored(const std::string& hypothesis, const std::vector<std::string>& references, int max_n = 4) {
    BleuOptions o;
    o.hypothesis = hypothesis;
    o.references = references;
    o.max_n = max_n;
    return bleu(o);
}

}  // namespace

TEST_CASE("BLEU conforms") {
    for_each_case("blocks", "bleu", [](const Json& c) {
        BleuOptions o;
        o.hypothesis = c["params"]["hypothesis"];
        o.references = c["params"]["references"].get<std::vector<std::string>>();
        o.max_n = c["params"]["max_n"];
        o.tokenizer = c["params"]["tokenizer"];
        const auto r = bleu(o);
        const Json& expected = c["expected"];
        check_numbers({r.bleu, r.bleu_epsilon, r.bleu_add_one, r.brevity_penalty},
                      {expected["bleu"], expected["bleu_smooth1_add_eps0.1"], expected["bleu_smooth2_add1"],
                       expected["brevity_penalty"]},
                      c);
        std::vector<double> counts;
        for (const Json& row : expected["match_total"]) {
            for (const Json& count : row) counts.push_back(count);
        }
        CHECK(r.match_total.data == counts);
    });
}

TEST_CASE("a word counts at most as often as in the reference that has most of it") {
    // The example of Papineni et al. 2002, section 2.1.
    const auto r = scored("the the the the the the the", {"the cat is on the mat", "there is a cat on the mat"}, 2);
    CHECK(r.match_total.data == std::vector<double>{2, 7, 0, 6});
    CHECK(r.ngrams[0].count == 7);
    CHECK(r.ngrams[0].most == 2);
    CHECK(r.bleu == 0);
    CHECK(r.bleu_epsilon == doctest::Approx(std::sqrt(2.0 / 7 * (0.1 / 6))));
    CHECK(r.bleu_add_one == doctest::Approx(std::sqrt(2.0 / 7 * (1.0 / 7))));
}

TEST_CASE("the closest reference sets the brevity penalty, the shorter of two") {
    const auto r = scored("a b c d", {"a b c d e f", "a b", "a b c d e f g"}, 1);
    CHECK(r.reference_length == 2);
    CHECK(r.brevity_penalty == 1);
    CHECK(scored("a b c d", {"a b c d e f g h"}, 1).brevity_penalty == doctest::Approx(std::exp(-1.0)));
}

TEST_CASE("a translation that equals a reference scores 1, and one without a common word 0") {
    CHECK(scored("a b c d e", {"x y", "a b c d e"}).bleu == 1);
    const auto r = scored("p q r s", {"a b c d e"});
    CHECK(r.bleu == 0);
    CHECK(r.bleu_epsilon == 0);
    CHECK(r.bleu_add_one == 0);
    CHECK(scored("", {"a b"}).bleu == 0);
    CHECK(scored("", {""}).brevity_penalty == 0);
}

TEST_CASE("lengths that the hypothesis is too short for have no match in one n-gram") {
    const auto r = scored("a b", {"a b"});
    CHECK(r.match_total.data == std::vector<double>{2, 2, 1, 1, 0, 1, 0, 1});
    CHECK(r.bleu == 0);
    CHECK(r.bleu_epsilon == doctest::Approx(std::pow(0.01, 0.25)));
    CHECK(r.bleu_add_one == doctest::Approx(std::pow(0.25, 0.25)));
}

TEST_CASE("the tokenizers split as they say") {
    BleuOptions o;
    o.max_n = 1;
    o.tokenizer = "13a";
    o.references = {"x"};
    o.hypothesis = "It's 3.14, or 5-3... (\"no\")!";
    std::string split;
    for (const BleuNgram& one : bleu(o).ngrams) split += one.text + "|";
    CHECK(split == "It's|3.14|,|or|5|-|3|.|(|\"|no|)|!|");
    o.tokenizer = "characters";
    o.hypothesis = "né e";
    CHECK(bleu(o).hypothesis_length == 3);
    o.tokenizer = "moses";
    CHECK_THROWS_WITH_AS(bleu(o), "bleu: tokenizer must be whitespace, characters or 13a, got moses", DomainError);
}

TEST_CASE("lower case folds before tokens are compared") {
    BleuOptions o;
    o.hypothesis = "The Cat";
    o.references = {"the cat"};
    o.max_n = 2;
    CHECK(bleu(o).bleu == 0);
    o.lowercase = true;
    CHECK(bleu(o).bleu == 1);
}

TEST_CASE("BLEU refuses what it is not defined for") {
    CHECK_THROWS_AS(scored("a", {}), DomainError);
    CHECK_THROWS_AS(scored("a", {"a"}, 0), DomainError);
    CHECK_THROWS_AS(scored("a", {"a"}, 17), DomainError);
    std::string many;
    for (int i = 0; i < 2001; ++i) many += "a ";
    CHECK_THROWS_AS(scored(many, {"a"}), DomainError);
    CHECK_THROWS_AS(scored("a", std::vector<std::string>(33, "a")), DomainError);
    CHECK_THROWS_AS(scored(std::string(100001, 'a'), {"a"}), DomainError);
}
