#include "clearformer/train/named.hpp"

namespace clearformer {

void check_distinct(const char* function, const char* what, const std::vector<NamedTensor>& list) {
    std::vector<const std::string*> names;
    for (const NamedTensor& one : list) names.push_back(&one.name);
    const auto before = [](const std::string* a, const std::string* b) { return *a < *b; };
    std::make_heap(names.begin(), names.end(), before);
    std::sort_heap(names.begin(), names.end(), before);
    for (Size i = 1; i < names.size(); ++i) {
        require(*names[i] != *names[i - 1], function, ": ", what, " must have different names, got \"", *names[i],
                "\" twice");
    }
}

}  // namespace clearformer
