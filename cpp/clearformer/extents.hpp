#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>

#include "clearformer/check.hpp"

namespace clearformer {

using Size = std::size_t;

/// A few whole numbers, one per axis: the extents of a shape or the position of an entry. At most six; kept in place, so that an index
/// costs nothing to make.
class Extents {
public:
    static constexpr Size kMost = 6;

    Extents() = default;
    Extents(std::initializer_list<Size> values) : Extents(values.begin(), values.end()) {}
    template <class Iterator>
    Extents(Iterator first, Iterator last) {
        for (; first != last; ++first) push_back(static_cast<Size>(*first));
    }

    Size size() const { return count_; }
    bool empty() const { return count_ == 0; }
    Size& operator[](Size axis) { return values_[axis]; }
    Size operator[](Size axis) const { return values_[axis]; }
    Size& back() { return values_[count_ - 1]; }
    Size back() const { return values_[count_ - 1]; }
    Size* begin() { return values_.data(); }
    Size* end() { return values_.data() + count_; }
    const Size* begin() const { return values_.data(); }
    const Size* end() const { return values_.data() + count_; }

    /// Throws DomainError for a seventh axis.
    void push_back(Size value) {
        require(count_ < kMost, "tensor: at most ", kMost, " axes are possible");
        values_[count_++] = value;
    }
    void pop_back() { --count_; }
    void resize(Size count) {
        while (count_ > count) pop_back();
        while (count_ < count) push_back(0);
    }
    void insert(Size* place, Size value) {
        push_back(value);
        std::rotate(place, end() - 1, end());
    }
    void erase(Size* place) {
        std::copy(place + 1, end(), place);
        --count_;
    }
    friend bool operator==(const Extents& a, const Extents& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    std::array<Size, kMost> values_{};
    Size count_ = 0;
};

}  // namespace clearformer
