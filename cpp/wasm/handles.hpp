#pragma once

// Long-lived state that JavaScript holds by number. Whoever made a handle disposes it.

#include <map>

#include "clearformer/trace.hpp"

namespace clearformer::wasm {

/// How many values of all kinds are kept: what memory() reports.
inline int& handles_alive() {
    static int count = 0;
    return count;
}

template <class T>
class Handles {
public:
    explicit Handles(const char* kind) : kind_(kind) {}
    unsigned keep(T value) {
        values_.emplace(++last_, std::move(value));
        ++handles_alive();
        return last_;
    }
    T& at(unsigned id) {
        const auto found = values_.find(id);
        require(found != values_.end(), kind_, ": this handle (", id, ") has been disposed");
        return found->second;
    }
    bool drop(unsigned id) {
        const bool found = values_.erase(id) != 0;
        if (found) --handles_alive();
        return found;
    }

private:
    const char* kind_;
    unsigned last_ = 0;
    std::map<unsigned, T> values_;
};

Handles<Trace>& traces();

}  // namespace clearformer::wasm
