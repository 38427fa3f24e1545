#include "clearformer/estimate/layout.hpp"

#include <algorithm>

#include "clearformer/estimate/layout_list.hpp"

namespace clearformer::estimate {
namespace {

/// Calls f with each word of a text.
template <class Function>
void each_word(std::string_view text, Function f) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        f(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

const Layout* find_layout(std::string_view model_type) {
    for (const Layout* layout : kLayouts) {
        bool found = false;
        each_word(layout->model_types, [&](std::string_view word) { found = found || word == model_type; });
        if (found) return layout;
    }
    return nullptr;
}

std::vector<std::string> known_model_types() {
    std::vector<std::string> all;
    for (const Layout* layout : kLayouts)
        each_word(layout->model_types, [&](std::string_view word) { all.emplace_back(word); });
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace clearformer::estimate
