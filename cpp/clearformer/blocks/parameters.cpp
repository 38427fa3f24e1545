#include "clearformer/blocks/parameters.hpp"

namespace clearformer {

const Array<double>& Parameters::take(const std::string& name, Size rank) {
    const Size place = find(name);
    require_kind(place < list_.size(), function_, ": the parameter ", name, " is missing");
    require_kind(!taken_[place], function_, ": the parameter ", name, " is given twice");
    taken_[place] = true;
    require(list_[place].tensor.rank() == rank, function_, ": the parameter ", name, " must have ", rank,
            " axes, got shape ", list_[place].tensor.shape);
    return list_[place].tensor;
}

void Parameters::check_all_taken() const {
    for (Size i = 0; i < list_.size(); ++i) {
        require_kind(taken_[i], function_, ": the parameter ", list_[i].name, " is unknown or given twice");
    }
}

Size Parameters::find(const std::string& name) const {
    Size i = 0;
    while (i < list_.size() && list_[i].name != name) ++i;
    return i;
}

}  // namespace clearformer
