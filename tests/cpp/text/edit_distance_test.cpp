#include "clearformer/text/edit_distance.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

EditDistanceResult between(const std::string& source, const std::string& target, const std::string& unit = "characters") {
    EditDistanceOptions o;
    o.source = source;
    o.target = target;
    o.unit = unit;
    return edit_distance(o);
}

std::string random_word(Random& random) {
    std::string word(static_cast<Size>(random.uniform() * 8), 'a');
    for (char& c : word) c = static_cast<char>('a' + static_cast<int>(random.uniform() * 3));
    return word;
}

}  // namespace

TEST_CASE("kitten becomes sitting in three edits") {
    const auto r = between("kitten", "sitting");
    CHECK(r.distance == 3);
    CHECK(r.normalised == doctest::Approx(3.0 / 7));
    CHECK(r.table.shape == Shape{7, 8});
    CHECK(r.table.at({0, 5}) == 5);
    std::string kinds;
    for (const Edit& edit : r.edits) kinds += edit.kind[0];
    CHECK(kinds == "skkkski");
}

TEST_CASE("the edits lead from the source to the target at the distance's cost") {
    Random random(7);
    for (int i = 0; i < 200; ++i) {
        EditDistanceOptions o;
        o.source = random_word(random);
        o.target = random_word(random);
        o.insertion_cost = 0.5;
        o.deletion_cost = 0.7;
        o.substitution_cost = random.uniform() * 2;
        const auto r = edit_distance(o);
        std::string from, to;
        double cost = 0;
        for (const Edit& edit : r.edits) {
            from += edit.from;
            to += edit.to;
            cost += edit.cost;
            CHECK((edit.kind == "keep") == (edit.from == edit.to));
        }
        CHECK(from == o.source);
        CHECK(to == o.target);
        CHECK(cost == doctest::Approx(r.distance));
    }
}

TEST_CASE("the distance is a metric") {
    Random random(9);
    for (int i = 0; i < 200; ++i) {
        const std::string a = random_word(random), b = random_word(random), c = random_word(random);
        const double ab = between(a, b).distance;
        CHECK(ab == between(b, a).distance);
        CHECK((ab == 0) == (a == b));
        CHECK(between(a, c).distance <= ab + between(b, c).distance);
    }
}

TEST_CASE("characters, words and bytes count differently") {
    CHECK(between("né", "ne").distance == 1);
    CHECK(between("né", "ne", "bytes").distance == 2);
    CHECK(between("né", "ne", "bytes").source_units[1] == "0xC3");
    CHECK(between("the  cat sat", "the cat\nran", "words").distance == 1);
    CHECK(between("", "").distance == 0);
    CHECK(between("", "").normalised == 0);
}

TEST_CASE("edit distance refuses what it is not defined for") {
    CHECK_THROWS_AS(between("a", "b", "lines"), DomainError);
    CHECK_THROWS_AS(between(std::string(1001, 'a'), "b"), DomainError);
    CHECK_THROWS_AS(between(std::string(100001, 'a'), "b", "words"), DomainError);
    EditDistanceOptions o;
    o.insertion_cost = -1;
    CHECK_THROWS_WITH_AS(edit_distance(o), "edit_distance: insertion_cost must lie in 0 .. 1e100, got -1", DomainError);
}
