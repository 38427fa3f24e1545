#include "clearformer/text/units.hpp"

#include "clearformer/text/utf8.hpp"

namespace clearformer {

std::vector<std::string> words_of(std::string_view text) {
    constexpr std::string_view kSpace = " \t\n\v\f\r";
    std::vector<std::string> words;
    for (std::size_t begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
        words.emplace_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(kSpace, end);
    }
    return words;
}

std::vector<std::string> characters_of(std::string_view text) {
    std::vector<std::string> found;
    for (const Character& c : characters(text)) found.emplace_back(text.substr(c.begin, c.bytes));
    return found;
}

}  // namespace clearformer
