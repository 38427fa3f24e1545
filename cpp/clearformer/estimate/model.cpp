#include "clearformer/estimate/model.hpp"

#include "clearformer/estimate/generic.hpp"

namespace clearformer::estimate {
namespace {

/// More keys than any published file has: a limit that keeps bad input from taking long.
constexpr std::size_t kMostKeys = 4096;
constexpr Size kLargestImage = 65536;

}  // namespace

std::unique_ptr<Model> read_model(const KeyValues& config, std::optional<Size> image_size) {
    require(!config.entries().empty(), "config: the configuration must have keys, got none");
    require(config.entries().size() <= kMostKeys, "config: a configuration may have at most ", kMostKeys, " keys, got ",
            config.entries().size());
    auto model = std::make_unique<Model>();
    if (image_size) {
        require(*image_size >= 1 && *image_size <= kLargestImage, "plan: image_size must be from 1 to ", kLargestImage,
                ", got ", *image_size);
        model->architecture.image_size = model->ledger.leaf("image_side|Pixels a side of an image",
                                                            static_cast<std::int64_t>(*image_size), Origin::kInput);
    }
    std::vector<bool> used(config.entries().size());
    const Reader whole(config, model->ledger, model->notes, used);
    std::optional<Reader> text_part;
    model->model_type = whole.text_or("model_type", "");
    const Layout* layout = find_layout(model->model_type);
    if (!layout && whole.has_object("text_config")) {
        // Pictures and words in one: the text model is counted, the rest is named.
        const Reader text = whole.within("text_config");
        layout = find_layout(text.text_or("model_type", ""));
        if (layout || text.has("hidden_size")) {
            whole.assume("model_type", model->model_type, "not known: only its text_config is counted");
            text_part.emplace(text);
        }
    }
    const Reader& reader = text_part ? *text_part : whole;
    if (layout) {
        layout->build(reader, model->architecture);
        model->architecture.layout = layout->model_types;
    } else {
        model->known = false;
        build_generic(reader, model->architecture);
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        (used[i] ? model->used_keys : model->ignored_keys).push_back(config.entries()[i].key);
    }
    return model;
}

}  // namespace clearformer::estimate
