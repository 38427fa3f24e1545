#include "clearformer/estimate/inputs.hpp"

#include <cmath>

namespace clearformer::estimate {
namespace {

template <class T>
Quantity leaf_once(Ledger& ledger, const char* title, T value, Origin origin) {
    const Quantity known = ledger.find(name_in(title));
    const bool same = known && known.whole() == std::integral<T> && known.value() == static_cast<double>(value) &&
                      known.origin() == origin;
    return same ? known : ledger.leaf(title, value, origin);
}

std::int64_t whole_bytes(const char* title, double value) {
    require(std::isfinite(value) && value >= 0 && value <= 9007199254740992.0, "plan: ", name_in(title),
            " must be bytes from 0 to 2^53, got ", value);
    return static_cast<std::int64_t>(std::floor(value));
}

}  // namespace

Quantity input(Ledger& ledger, const char* title, std::int64_t value) {
    return leaf_once(ledger, title, value, Origin::kInput);
}
Quantity input(Ledger& ledger, const char* title, double value) { return leaf_once(ledger, title, value, Origin::kInput); }
Quantity assumed(Ledger& ledger, const char* title, double value) {
    return leaf_once(ledger, title, value, Origin::kAssumed);
}
Quantity assumed_bytes(Ledger& ledger, const char* title, double value) {
    return leaf_once(ledger, title, whole_bytes(title, value), Origin::kAssumed);
}

Quantity of_hardware(Ledger& ledger, const char* title, const Hardware& hardware, double Hardware::*member) {
    Origin origin = Origin::kInput;
    if (hardware.origin == "cited") origin = Origin::kCited;
    else if (hardware.origin == "measured") origin = Origin::kMeasured;
    else
        require(hardware.origin == "input", "plan: hardware: origin must be cited, measured or input, got ",
                hardware.origin);
    const char* const written = ledger.text({title, hardware.name});
    if (member == &Hardware::memory) return leaf_once(ledger, written, whole_bytes(written, hardware.memory), origin);
    return leaf_once(ledger, written, hardware.*member, origin);
}

}  // namespace clearformer::estimate
