#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clearformer {

/// The words of a text: what lies between white space. White space is space, tab, line feed, vertical tab, form feed and
/// carriage return.
std::vector<std::string> words_of(std::string_view text);

/// The characters of UTF-8 text, an ill-formed byte sequence counting as one.
std::vector<std::string> characters_of(std::string_view text);

}  // namespace clearformer
