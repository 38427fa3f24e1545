#include "clearformer/train/gradient_check.hpp"

#include <cmath>

#include "clearformer/ops/finite.hpp"

namespace clearformer {
namespace {

constexpr Size kMostEntries = 10000;
constexpr double kMostWork = 1e11;  // entries times tokens times parameters: a minute or so

/// Where an entry stands in the long vector of parameters.
Size place_of(const TinyGpt<double>& model, const GradientEntry& entry) {
    for (const TinyGptSlot& slot : model.slots()) {
        if (slot.name != entry.parameter) continue;
        require(entry.index.size() == slot.shape.size(), "gradient_check: an index into ", slot.name, " needs ",
                slot.shape.size(), " numbers, got ", entry.index.size());
        Size place = 0;
        for (Size axis = 0; axis < slot.shape.size(); ++axis) {
            const int i = entry.index[axis];
            require(i >= 0 && static_cast<Size>(i) < slot.shape[axis], "gradient_check: index ", entry.index,
                    " lies outside ", slot.name, ", ", slot.shape);
            place = place * slot.shape[axis] + static_cast<Size>(i);
        }
        return slot.offset + place;
    }
    throw DomainError(sentence("gradient_check: the model has no parameter \"", entry.parameter, "\""));
}

}  // namespace

GradientCheckResult gradient_check(const GradientCheckOptions& o) {
    require(o.step > 0, "gradient_check: step must be above 0, got ", o.step);
    require(o.entries.size() <= kMostEntries, "gradient_check: at most ", kMostEntries, " entries are possible, got ",
            o.entries.size());
    TinyGpt<double> model = tiny_gpt_model("gradient_check", o.model);
    const double work = static_cast<double>(o.entries.size()) * static_cast<double>(o.model.tokens.size()) *
                        static_cast<double>(model.parameters().size());
    require(work <= kMostWork, "gradient_check: entries times tokens times parameters must be at most ", kMostWork, ", got ",
            work);
    const auto loss = [&] {
        model.forward(o.model.tokens, static_cast<Size>(o.model.sequences));
        return model.loss(o.model.targets);
    };
    loss();
    const std::vector<double> gradient = model.backward();
    GradientCheckResult r{Array<double>({o.entries.size()}), Array<double>({o.entries.size()}), 0};
    for (Size i = 0; i < o.entries.size(); ++i) {
        const Size place = place_of(model, o.entries[i]);
        double& weight = model.parameters()[place];
        const double before = weight, above = before + o.step, below = before - o.step;
        weight = above;
        const double high = loss();
        weight = below;
        const double low = loss();
        weight = before;
        require(above > below, "gradient_check: step ", o.step, " is too small beside ", before);
        r.backward.data[i] = gradient[place];
        r.difference.data[i] = (high - low) / (above - below);
        r.largest_error = std::max(r.largest_error, std::fabs(r.backward.data[i] - r.difference.data[i]));
    }
    check_finite("gradient_check", "backward", r.backward);
    check_finite("gradient_check", "difference", r.difference);
    return r;
}

}  // namespace clearformer
