#pragma once

// Long-lived state that JavaScript holds by number. Whoever made a handle disposes it.

#include <map>

#include "clearformer/trace.hpp"

namespace clearformer::wasm {

template <class T>
class Handles {
public:
    explicit Handles(const char* kind) : kind_(kind) {}
    unsigned keep(T value) {
        values_.emplace(++last_, std::move(value));
        return last_;
    }
    const T& at(unsigned id) const {
        const auto found = values_.find(id);
        require(found != values_.end(), kind_, ": this handle (", id, ") has been disposed");
        return found->second;
    }
    bool drop(unsigned id) { return values_.erase(id) != 0; }
    Size count() const { return values_.size(); }

private:
    const char* kind_;
    unsigned last_ = 0;
    std::map<unsigned, T> values_;
};

Handles<Trace>& traces();

}  // namespace clearformer::wasm
