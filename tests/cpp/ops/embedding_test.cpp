#include "clearformer/ops/embedding.hpp"

#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

EmbeddingOptions<double> example(std::vector<int> tokens) {
    EmbeddingOptions<double> o;
    o.tokens = std::move(tokens);
    o.table = {{3, 2}, {1, 2, 3, 4, 5, 6}};
    return o;
}

}  // namespace

TEST_CASE("equal tokens get equal rows, unless positions are added") {
    auto o = example({2, 0, 2});
    CHECK(embedding(o).y.data == std::vector<double>{5, 6, 1, 2, 5, 6});
    o.positions = {{4, 2}, {10, 20, 30, 40, 50, 60, 70, 80}};
    CHECK(embedding(o).y.data == std::vector<double>{15, 26, 31, 42, 55, 66});
}

TEST_CASE("no token gives no row") { CHECK(embedding(example({})).y.shape == Shape{0, 2}); }

TEST_CASE("ids outside the table and tokens beyond the positions are refused") {
    CHECK_THROWS_WITH_AS(embedding(example({1, 3})),
                         "embedding: token ids must be at least 0 and below 3, got 3 at position 1", DomainError);
    CHECK_THROWS_AS(embedding(example({-1})), DomainError);
    auto o = example({0, 1, 2});
    o.positions = {{2, 2}, {0, 0, 0, 0}};
    CHECK_THROWS_WITH_AS(embedding(o), "embedding: there are 2 positions, got 3 tokens", DomainError);
}
