#include "clearformer/estimate/inputs.hpp"

namespace clearformer::estimate {
namespace {

template <class T>
Quantity leaf_once(Ledger& ledger, const char* title, T value, Origin origin) {
    const Quantity known = ledger.find(name_in(title));
    const bool same = known && known.whole() == std::integral<T> && known.value() == static_cast<double>(value) &&
                      known.origin() == origin;
    return same ? known : ledger.leaf(title, value, origin);
}

}  // namespace

Quantity input(Ledger& ledger, const char* title, std::int64_t value) {
    return leaf_once(ledger, title, value, Origin::kInput);
}
Quantity input(Ledger& ledger, const char* title, double value) { return leaf_once(ledger, title, value, Origin::kInput); }
Quantity assumed(Ledger& ledger, const char* title, double value) {
    return leaf_once(ledger, title, value, Origin::kAssumed);
}

}  // namespace clearformer::estimate
