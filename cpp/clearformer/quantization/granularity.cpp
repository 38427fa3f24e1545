#include "clearformer/quantization/granularity.hpp"

#include <cmath>

namespace clearformer {

Granularity::Granularity(const char* function, const std::string& name, int group, const Shape& x)
    : tensor_shape_(x), width_(x.empty() ? 1 : x.back()) {
    require(entries(x) > 0, function, ": x must have at least one entry, got shape ", x);
    require(group >= 1, function, ": group must be at least 1, got ", group);
    const bool column = name == "column", grouped = name == "group";
    require(name == "tensor" || name == "row" || column || grouped, function,
            ": granularity must be tensor, row, column or group, got ", name);
    run_ = column ? 1 : grouped ? std::min(static_cast<Size>(group), width_) : width_;
    if (name != "tensor" && !x.empty()) shape_ = Shape(x.begin(), x.end() - 1);
    per_row_ = name == "tensor" ? 1 : (width_ + run_ - 1) / run_;
    rows_ = name == "row" || grouped ? 1 : 0;
    if (column) shape_ = Shape{};
    if (column || grouped) shape_.push_back(per_row_);
}

Size Granularity::of(Size offset) const { return offset / width_ * rows_ * per_row_ + offset % width_ / run_; }

Rounding find_rounding(const char* function, const std::string& name) {
    struct Named {
        const char* name;
        Rounding round;
    };
    static constexpr Named all[] = {
        {"half_to_even", [](double x) { return std::nearbyint(x); }},
        {"half_away_from_zero", [](double x) { return std::round(x); }},
        {"half_up", [](double x) { return x - std::floor(x) < 0.5 ? std::floor(x) : std::ceil(x); }},
        {"floor", [](double x) { return std::floor(x); }},
        {"ceiling", [](double x) { return std::ceil(x); }},
        {"toward_zero", [](double x) { return std::trunc(x); }},
    };
    for (const Named& one : all) {
        if (name == one.name) return one.round;
    }
    fail({function, ": rounding must be half_to_even, half_away_from_zero, half_up, floor, ceiling or toward_zero, got ",
          name});
}

}  // namespace clearformer
