#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace clearformer {

/// A character of a text: `bytes` bytes from `begin`, `units` UTF-16 units from `unit`.
struct Character {
    std::size_t begin = 0;
    std::size_t bytes = 0;
    int unit = 0;
    int units = 0;
    bool valid = true;
};

/// The characters of UTF-8 text, covering every byte. Ill-formed bytes count as browsers decode them (Unicode 15,
/// section 3.9, "maximal subparts"; WHATWG Encoding): each longest beginning of a sequence is one invalid character
/// of one unit, U+FFFD.
std::vector<Character> characters(std::string_view text);

}  // namespace clearformer
