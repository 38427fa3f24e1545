#pragma once

// The reader's choices as quantities. What several parts of a plan ask for stands in the ledger once.

#include "clearformer/estimate/quantity.hpp"
#include "clearformer/estimate/workload.hpp"

namespace clearformer::estimate {

/// The input of that title; made where there is none yet, or where the one that is there has another value.
Quantity input(Ledger& ledger, const char* title, std::int64_t value);
Quantity input(Ledger& ledger, const char* title, double value);
template <class Number>
Quantity input(Ledger& ledger, const std::string& title, Number value) {
    return input(ledger, title.c_str(), value);
}
/// As input, for a value that nobody chose: its source says why it is what it is.
Quantity assumed(Ledger& ledger, const char* title, double value);

/// Bytes that arrive as a double: whole ones below 2^53 stay whole. Throws DomainError for negative and infinite ones.
Quantity assumed_bytes(Ledger& ledger, const char* title, double value);

/// A number of the hardware, with its name as the source. Its memory is in whole bytes. Throws DomainError where its origin is none.
Quantity of_hardware(Ledger& ledger, const char* title, const Hardware& hardware, double Hardware::*member);

}  // namespace clearformer::estimate
